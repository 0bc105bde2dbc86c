"""Generated bursts: the same frames for the same picture, wherever it stands."""

import numpy as np
import pyarrow as pa
import pytest

from irbis.errors import ParamError
from irbis.study.burst import GeneratedBurst
from irbis.study.bursting import frames_of
from irbis.testing import check_stage
from pictures import BAD, GOOD, array, binary_table, struct_table


def test_the_stage_keeps_its_promises():
    check_stage(GeneratedBurst(frames=3), binary_table([*GOOD, *BAD, None]))
    check_stage(GeneratedBurst(frames=2, seed=5), struct_table([array(20, 30), array(7, 9, 1)]))


def test_frames_differ_and_come_again():
    how = {"crop": 0.5, "brightness": 0.5, "noise": 30.0}
    one, again = (list(frames_of(array(40, 60), 4, 0, **how)) for _ in range(2))
    assert all((a == b).all() for a, b in zip(one, again, strict=True))
    assert len({frame.tobytes() for frame in one}) == 4
    assert all(f.shape[0] >= 20 and f.shape[1] >= 30 for f in one)
    other = next(frames_of(array(40, 60), 4, 1, **how))
    assert other.shape != one[0].shape or (other != one[0]).any()


def test_without_change_a_frame_is_the_picture():
    frame = next(frames_of(array(9, 9), 1, 0, crop=0.0, brightness=0.0, noise=0.0))
    assert (frame == array(9, 9)).all()


def test_what_is_no_picture_comes_once_with_its_error():
    table = GeneratedBurst(frames=3).transform(pa.table({"image": [BAD[1], GOOD[0]]}))
    assert table["frame"].to_pylist() == [None, 0, 1, 2]
    assert table["burst_error"][0].as_py()["kind"] == "decode"
    assert np.count_nonzero(table["seen"].is_valid().to_pylist()) == 3


def test_limits_are_checked_early():
    with pytest.raises(ParamError, match="frames"):
        GeneratedBurst(frames=0)
