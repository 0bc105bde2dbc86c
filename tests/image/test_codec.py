"""Pictures in, arrays out: kinds, orientation, damage."""

import io
import pickle
import warnings
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pyarrow as pa
import pytest
from PIL import Image

import pictures
from irbis.image.codec import PictureError, decode, encode, to_images
from irbis.image.codec import pictures as read
from irbis.image.fingerprint import difference_hash
from irbis.image.header import jpeg_scans
from irbis.image.pixels import resized
from irbis.schema import IMAGE


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
    kinds = dict(zip(pictures.BAD, ["empty", "decode", "truncated", "truncated"], strict=True))
    assert caught.value.kind == kinds[data]
    again = pickle.loads(pickle.dumps(caught.value))
    assert (again.kind, str(again)) == (caught.value.kind, str(caught.value))


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


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("target", [(50, 30), (30, 50), (10, 10), (25, 200)])
def test_reduced_decoding(orientation, target):
    upright = Image.fromarray(pictures.array(241, 333, 1)).resize((666, 482))
    exif = Image.Exif()
    exif[0x0112] = orientation
    out = io.BytesIO()
    upright.save(out, "JPEG", exif=exif, quality=95)
    full, small = decode(out.getvalue()), decode(out.getvalue(), target)
    assert small.shape[1] >= target[0]
    assert small.shape[0] >= target[1]
    most = min(full.shape[1] // target[0], full.shape[0] // target[1])
    scale = next(s for s in (8, 4, 2, 1) if s <= max(most, 1))
    assert small.shape[:2] == (-(-full.shape[0] // scale), -(-full.shape[1] // scale))
    whole, part = (resized(p, *target).astype(int) for p in (full, small))
    assert np.abs(whole - part).mean() < 2


def test_reduced_decoding_does_not_stretch():
    # 57 rows are 7.125 of eight: an eighth row that is nearly all beyond the edge must not count.
    ramp = np.repeat(np.arange(57, dtype=np.uint8)[:, None, None] * 4, 57, axis=1).repeat(3, axis=2)
    data = encode(ramp, quality=100)
    small = decode(data, (7, 7))[:, 3, 0].astype(float)
    assert len(small) == 8
    middle = (np.arange(8) + 0.5) * 57 / 8 - 0.5
    assert np.abs(small - middle * 4).max() < 4


def test_a_limit_of_ones_own():
    data = pictures.encoded(30, 30)
    assert decode(data, max_pixels=900).shape == (30, 30, 3)
    with pytest.raises(PictureError) as caught:
        decode(data, max_pixels=899)
    assert caught.value.kind == "too_large"
    column = pa.array([data, pictures.encoded(5, 5)])
    found = list(read(column, max_pixels=899))
    assert found[0].kind == "too_large"
    assert found[1].shape == (5, 5, 3)


def test_scans_are_counted_where_a_decoder_runs_them():
    assert jpeg_scans(pictures.encoded()) == 1
    progressive = pictures.encoded(progressive=True)
    assert jpeg_scans(progressive) == progressive.count(b"\xff\xda") > 1
    assert jpeg_scans(b"\xff\xd8\xff\xe0") == 0


def test_png_keeps_every_pixel():
    picture = pictures.array(20, 30, 1)
    assert np.array_equal(decode(encode(picture, form="PNG")), picture)


def test_threads_leave_pillow_as_it_was(monkeypatch):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 10)
    filters = list(warnings.filters)
    data = [pictures.encoded(300, 300, seed) for seed in range(4)]
    with ThreadPoolExecutor(8) as pool:
        shapes = list(pool.map(lambda i: decode(data[i % 4]).shape, range(80)))
    assert set(shapes) == {(300, 300, 3)}
    assert Image.MAX_IMAGE_PIXELS == 10
    assert warnings.filters == filters


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


def test_grey_and_flipped_pictures_become_structs():
    grey = pictures.array(4, 6, 1)[:, :, :1]
    turned = np.flip(pictures.array(5, 7, 2), axis=(0, 1))
    column = to_images([grey, turned], ["g", "t"])
    column.validate(full=True)
    first = column[0].as_py()
    assert (first["nChannels"], first["mode"], first["data"]) == (1, 0, grey.tobytes())
    found = list(read(column))
    assert np.array_equal(found[0], np.repeat(grey, 3, axis=2))
    assert np.array_equal(found[1], turned)
    assert to_images([], []).type == IMAGE


def test_alpha_of_a_struct_is_put_on_white():
    pixels = np.array([[[1, 2, 3, 0], [1, 2, 3, 255], [1, 2, 3, 128]]], np.uint8)
    row = {"origin": "", "height": 1, "width": 3, "nChannels": 4, "mode": 24}
    found = next(read(pa.array([{**row, "data": pixels.tobytes()}], IMAGE)))
    assert found.tolist() == [[[255, 255, 255], [3, 2, 1], [129, 128, 128]]]


def test_spark_reads_the_same_pixels(spark, tmp_path):
    data = pictures.encoded(12, 15, 2, "PNG")
    (tmp_path / "a.png").write_bytes(data)
    row = spark.read.format("image").load(str(tmp_path)).select("image.*").collect()[0]
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
    column = pa.array([{"origin": "", "mode": 16, **broken}], IMAGE)
    assert isinstance(next(read(column)), PictureError)


def test_copies_share_a_hash():
    picture = pictures.array(120, 160, 3)
    again = decode(encode(picture, quality=60))
    smaller = np.asarray(Image.fromarray(picture).resize((80, 60)))
    assert difference_hash(picture) == difference_hash(again) == difference_hash(smaller)
    assert difference_hash(picture) != difference_hash(np.flip(picture, axis=1))
