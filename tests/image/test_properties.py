"""Whatever the bytes: a picture, or a PictureError, the same each time."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from zoo import GOOD

import pictures
from irbis import ImageTransformer
from irbis.image.codec import PictureError, decode
from irbis.image.codec import pictures as read

SEEDS = [name for name in GOOD if name.startswith(("jpeg", "png", "webp", "gif", "tiff", "bmp"))]
KINDS = {"empty", "decode", "format", "truncated", "too_large"}
targets = st.one_of(st.none(), st.tuples(st.integers(1, 40), st.integers(1, 40)))


def outcome(data, at_least):
    try:
        found = decode(data, at_least)
    except PictureError as error:
        assert error.kind in KINDS
        return error.kind, str(error)
    assert found.dtype == np.uint8
    assert found.ndim == 3 and found.shape[2] == 3 and found.size
    return found.shape, found.tobytes()


@pytest.mark.filterwarnings("error", "ignore::ResourceWarning")  # of other tests
@settings(max_examples=300)
@given(st.binary(max_size=200), targets)
def test_random_bytes(data, at_least):
    assert outcome(data, at_least) == outcome(data, at_least)


@pytest.mark.filterwarnings("error", "ignore::ResourceWarning")  # of other tests
@settings(max_examples=600)
@given(st.data(), targets)
def test_damaged_files(data, at_least):
    file = bytearray(GOOD[data.draw(st.sampled_from(SEEDS))][0][:20_000])
    for _ in range(data.draw(st.integers(0, 6))):
        at = data.draw(
            st.one_of(st.integers(0, min(60, len(file) - 1)), st.integers(0, len(file) - 1))
        )
        file[at] = data.draw(st.integers(0, 255))
    end = data.draw(st.one_of(st.just(len(file)), st.integers(0, len(file))))
    assert outcome(bytes(file[:end]), at_least) == outcome(bytes(file[:end]), at_least)


sides = st.integers(1, 20)
operations = st.one_of(
    st.builds(lambda h, w: ("resize", (h, w), {}), sides, sides),
    st.builds(lambda s, k: ("resize", (), {"size": s, "keepAspectRatio": k}), sides, st.booleans()),
    st.builds(lambda *a: ("crop", a, {}), st.integers(0, 5), st.integers(0, 5), sides, sides),
    st.builds(lambda h, w: ("centerCrop", (h, w), {}), sides, sides),
    st.builds(lambda f: ("colorFormat", (f,), {}), st.sampled_from(["rgb", "bgr", "grey", "gray"])),
    st.builds(lambda h, w: ("blur", (h, w), {}), st.integers(1, 7), st.integers(1, 7)),
    st.builds(lambda k, s: ("gaussianKernel", (2 * k + 1, s), {}), st.integers(0, 4), st.floats(0.1, 9)),
    st.builds(
        lambda *a: ("threshold", a, {}),
        st.floats(-10, 300),
        st.floats(0, 255),
        st.one_of(st.integers(0, 4), st.sampled_from(["binary", "zero_inv"])),
    ),
    st.builds(lambda c: ("flip", (c,), {}), st.sampled_from([-1, 0, 1])),
)  # fmt: skip


@settings(max_examples=150)
@given(st.lists(operations, max_size=5), pictures.small_arrays, st.booleans())
def test_chains_keep_their_shape(chosen, picture, tensor):
    stage = ImageTransformer()
    for name, arguments, options in chosen:
        getattr(stage, name)(*arguments, **options)
    channels, height, width = stage.outputShape()
    table = pictures.struct_table([picture, None])
    if tensor and height is not None:
        stage.normalize([0.5], [0.25])
    out = stage.transform(table)
    assert out.schema.equals(stage.output_schema(table.schema))
    first, second = out["transformed"].to_pylist()
    wrong = [e and e["kind"] for e in out["transformed_error"].to_pylist()]
    assert second is None and wrong[1] == "null"
    if first is None:
        assert wrong[0] == "crop"
    elif stage.getToTensor():
        assert len(first) == channels * height * width
        assert np.isfinite(first).all()
    else:
        assert first["nChannels"] == channels
        assert height in {None, first["height"]}
        assert width in {None, first["width"]}
        again = next(read(pa.array([first], out["transformed"].type)))
        assert again.shape == (first["height"], first["width"], 3)
