"""Pictures in, arrays out: kinds, orientation, damage."""

import io

import numpy as np
import pytest
from PIL import Image

import pictures
from irbis.image.codec import PictureError, decode, encode, to_images
from irbis.image.codec import pictures as read
from irbis.image.fingerprint import difference_hash


@pytest.mark.parametrize("data", pictures.GOOD, ids=range(len(pictures.GOOD)))
def test_good(data):
    with Image.open(io.BytesIO(data)) as image:
        size = image.size
    found = decode(data)
    assert found.shape == (size[1], size[0], 3)
    assert found.dtype == np.uint8


@pytest.mark.parametrize("data", pictures.BAD, ids=range(len(pictures.BAD)))
def test_bad(data):
    with pytest.raises(PictureError) as caught:
        decode(data)
    assert caught.value.kind == "decode"


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation(orientation):
    upright = pictures.array(20, 30, 1)
    turns = {2: [0], 3: [3], 4: [1], 5: [5], 6: [2], 7: [6], 8: [4]}
    stored = Image.fromarray(upright)
    for turn in turns.get(orientation, []):
        # What a camera does: the inverse of what the tag asks a reader to do.
        stored = stored.transpose(Image.Transpose(turn))
    exif = Image.Exif()
    exif[0x0112] = orientation
    out = io.BytesIO()
    stored.save(out, "PNG", exif=exif)
    assert np.array_equal(decode(out.getvalue()), upright)


def test_a_bomb_is_a_row_error(monkeypatch):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    with pytest.raises(PictureError) as caught:
        decode(pictures.encoded(30, 30))
    assert caught.value.kind == "too_large"


def test_structs_round_trip_without_loss():
    arrays = [pictures.array(5, 7, i) for i in range(3)]
    column = to_images([arrays[0], None, arrays[2]], ["a", None, None])
    found = list(read(column))
    assert np.array_equal(found[0], arrays[0])
    assert isinstance(found[1], PictureError)
    assert np.array_equal(found[2], arrays[2])
    # BGR, as Spark's ImageSchema says.
    first = column[0].as_py()
    assert tuple(first["data"][:3]) == tuple(arrays[0][0, 0, ::-1])
    assert (first["mode"], first["nChannels"]) == (16, 3)


def test_spark_reads_the_same_pixels(spark, tmp_path):
    data = pictures.encoded(12, 15, 2, "PNG")
    (tmp_path / "a.png").write_bytes(data)
    row = spark.read.format("image").load(str(tmp_path)).select("image.*").collect()[0]
    import pyarrow as pa

    from irbis.schema import IMAGE

    column = pa.array([row.asDict()], IMAGE)
    assert np.array_equal(next(read(column)), decode(data))


@pytest.mark.parametrize(
    "broken",
    [
        {"height": 2, "width": 2, "nChannels": 3, "data": b"123"},
        {"height": 2, "width": 2, "nChannels": 5, "data": b"1" * 20},
        {"height": -1, "width": -1, "nChannels": 1, "data": b"1"},
        {"height": None, "width": 2, "nChannels": 3, "data": b""},
        {"height": 1, "width": 1, "nChannels": 3, "data": None},
    ],
)
def test_structs_that_lie(broken):
    import pyarrow as pa

    from irbis.schema import IMAGE

    column = pa.array([{"origin": "", "mode": 16, **broken}], IMAGE)
    assert isinstance(next(read(column)), PictureError)


def test_copies_share_a_hash():
    picture = pictures.array(120, 160, 3)
    again = decode(encode(picture, quality=60))
    smaller = np.asarray(Image.fromarray(picture).resize((80, 60)))
    assert difference_hash(picture) == difference_hash(again) == difference_hash(smaller)
    assert difference_hash(picture) != difference_hash(np.flip(picture, axis=1))
