"""ImageSetAugmenter: which rows, in which order, and that chance has no memory."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

import pictures
from irbis import ImageSetAugmenter
from irbis.errors import ParamError
from irbis.image.codec import pictures as read

ARRAYS = [pictures.array(30, 40, seed) for seed in range(4)]
EVERY = {"flipVertical": True, "grey": True, "rotation": 20, "crop": 0.5, "brightness": 0.4}


def run(stage, arrays):
    out = stage.transform(pictures.struct_table(arrays))
    return out["id"].to_pylist(), list(read(out["image"].combine_chunks()))


def test_the_defaults_are_the_decks():
    ids, found = run(ImageSetAugmenter(), ARRAYS[:2])
    assert ids == [0, 0, 1, 1]
    assert np.array_equal(found[1], ARRAYS[0][:, ::-1])


def test_rows_come_in_the_order_of_the_page():
    ids, found = run(ImageSetAugmenter(copies=2, **EVERY), ARRAYS[:1])
    assert len(found) == 1 + 1 + 1 + 1 + 3 * 2 and set(ids) == {0}
    original, left_right, upside_down, grey, *random = found
    assert np.array_equal(original, ARRAYS[0])
    assert np.array_equal(left_right, ARRAYS[0][:, ::-1])
    assert np.array_equal(upside_down, ARRAYS[0][::-1])
    assert (grey == grey[..., :1]).all() and grey.std() > 0
    rotated, cropped, bright = random[:2], random[2:4], random[4:]
    assert all(p.shape == ARRAYS[0].shape for p in (*rotated, *bright))
    assert all(15 <= len(p) <= 30 and 20 <= p.shape[1] <= 40 for p in cropped)
    means = [p.mean() / ARRAYS[0].mean() for p in bright]
    assert all(0.55 < m < 1.45 for m in means) and abs(means[0] - means[1]) > 0.01
    assert not np.array_equal(*rotated)


def test_a_cropped_copy_is_part_of_the_picture():
    _, (_, part) = run(ImageSetAugmenter(flipHorizontal=False, crop=0.6), ARRAYS[:1])
    high, wide = part.shape[:2]
    windows = np.lib.stride_tricks.sliding_window_view(ARRAYS[0], (high, wide), axis=(0, 1))
    assert (windows == part.transpose(2, 0, 1)).all(axis=(2, 3, 4)).any()


@given(st.permutations(range(4)), st.integers(0, 3))
def test_variants_do_not_know_their_place(order, seed):
    stage = ImageSetAugmenter(seed=seed, **EVERY)
    ids, found = run(stage, ARRAYS)
    ids_again, again = run(stage, [ARRAYS[i] for i in order])
    of = {}
    for i, picture in zip(ids, found, strict=True):
        of.setdefault(i, []).append(picture)
    back = {}
    for i, picture in zip(ids_again, again, strict=True):
        back.setdefault(order[i], []).append(picture)
    for i in range(4):
        assert all(np.array_equal(a, b) for a, b in zip(of[i], back[i], strict=True))


def test_seeds_and_pictures_differ():
    def angles(seed, arrays):
        return run(ImageSetAugmenter(flipHorizontal=False, rotation=90, seed=seed), arrays)[1][1]

    assert not np.array_equal(angles(0, ARRAYS), angles(1, ARRAYS))
    nearly = ARRAYS[0].copy()
    nearly[0, 0, 0] ^= 1
    assert not np.array_equal(angles(0, [nearly]), angles(0, ARRAYS))


def test_encoded_and_decoded_pictures_get_the_same_variants():
    data = [pictures.encoded(20, 20, 1), pictures.encoded(30, 20, 2, "PNG")]
    stage = ImageSetAugmenter(**EVERY)
    encoded = stage.transform(pictures.binary_table(data))
    decoded = list(read(pa.array(data)))
    _, again = run(stage, decoded)
    for a, b in zip(read(encoded["image"].combine_chunks()), again, strict=True):
        assert np.array_equal(a, b)


def test_one_pixel():
    _, found = run(ImageSetAugmenter(copies=3, **EVERY), [ARRAYS[0][:1, :1]])
    assert [p.shape for p in found] == [(1, 1, 3)] * (4 + 9)


def test_the_originals_names():
    stage = ImageSetAugmenter(flipLeftRight=False, flipUpDown=True)
    assert (stage.getFlipHorizontal(), stage.getFlipVertical()) == (False, True)


@pytest.mark.parametrize(
    "wrong",
    [
        {"rotation": 181},
        {"crop": 1},
        {"brightness": -0.1},
        {"copies": 0},
        {"grey": 1},
        {"seed": 0.5},
    ],
)
def test_what_can_not_be(wrong):
    with pytest.raises(ParamError):
        ImageSetAugmenter(**wrong)
