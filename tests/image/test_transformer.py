"""ImageTransformer: what each operation does, what can't be said, what a row says."""

import numpy as np
import pyarrow as pa
import pytest
from PIL import Image, ImageFilter

import pictures
from irbis import ImageTransformer
from irbis.errors import ParamError
from irbis.image import operations as do
from irbis.image.codec import encode
from irbis.image.codec import pictures as read

PICTURE = pictures.array(40, 60, 3)
TABLE = pictures.struct_table([PICTURE])


def run(stage, table=TABLE):
    return next(read(stage.transform(table)["transformed"].combine_chunks()))


def test_resize():
    assert run(ImageTransformer().resize(10, 12)).shape == (10, 12, 3)
    assert run(ImageTransformer().resize(height=10, width=12)).shape == (10, 12, 3)
    assert run(ImageTransformer().resize(size=10)).shape == (10, 10, 3)
    assert run(ImageTransformer().resize(size=10, keepAspectRatio=True)).shape == (10, 15, 3)
    tall = pictures.struct_table([pictures.array(61, 20)])
    assert run(ImageTransformer().resize(size=10, keepAspectRatio=True), tall).shape[1] == 10


def test_crops_are_views_of_the_right_place():
    found = run(ImageTransformer().crop(x=7, y=3, height=5, width=9))
    assert np.array_equal(found, PICTURE[3:8, 7:16])
    found = run(ImageTransformer().centerCrop(height=10, width=20))
    assert np.array_equal(found, PICTURE[15:25, 20:40])
    assert np.shares_memory(do.crop(PICTURE, 1, 1, 2, 2), PICTURE)


@pytest.mark.parametrize(
    "stage",
    [
        ImageTransformer().crop(0, 0, 41, 1),
        ImageTransformer().crop(59, 0, 1, 2),
        ImageTransformer().crop(1000, 1000, 1, 1),
        ImageTransformer().centerCrop(41, 10),
    ],
)
def test_a_crop_outside_is_an_error_row(stage):
    out = stage.transform(pictures.struct_table([PICTURE, pictures.array(2000, 2000)]))
    assert [e and e["kind"] for e in out["transformed_error"].to_pylist()] == ["crop", None]
    assert "60 x 40" in out["transformed_error"][0].as_py()["message"]
    with pytest.raises(Exception, match="row 0: .* outside"):
        stage.copy().setParams(errors="raise").transform(TABLE)


def test_flips_are_opencvs():
    for code, turned in ((0, PICTURE[::-1]), (1, PICTURE[:, ::-1]), (-1, PICTURE[::-1, ::-1])):
        assert np.array_equal(run(ImageTransformer().flip(code)), turned)
    assert np.array_equal(run(ImageTransformer().flip()), PICTURE[:, ::-1])


def test_blur_is_a_mean():
    found = run(ImageTransformer().blur(3, 5))
    assert np.array_equal(found[10, 20], PICTURE[9:12, 18:23].mean((0, 1)).round().astype(np.uint8))
    # At the edge the picture is mirrored without the edge itself: rows 1, 0, 1.
    rows = np.stack([PICTURE[1], PICTURE[0], PICTURE[1]])[:, 18:23]
    assert np.array_equal(found[0, 20], rows.mean((0, 1)).round().astype(np.uint8))
    assert np.array_equal(run(ImageTransformer().blur(1, 1)), PICTURE)


def test_gaussian_is_a_gaussian():
    found = run(ImageTransformer().gaussianKernel(13, 1.5)).astype(int)
    theirs = np.asarray(Image.fromarray(PICTURE).filter(ImageFilter.GaussianBlur(1.5))).astype(int)
    assert np.abs(found - theirs)[8:-8, 8:-8].mean() < 1
    dot = np.zeros((9, 9, 1), np.uint8)
    dot[4, 4] = 255
    spread = do.gaussian_kernel(dot, 3, 0.8)[3:6, 3:6, 0] / 255
    weights = np.exp(-np.array([1, 0, 1]) / (2 * 0.8**2))
    weights /= weights.sum()
    assert np.abs(spread - np.outer(weights, weights)).max() < 0.003


@pytest.mark.parametrize(
    ("kind", "number", "expected"),
    [
        ("binary", 0, [0, 0, 200]),
        ("binary_inv", 1, [200, 200, 0]),
        ("trunc", 2, [0, 100, 100]),
        ("zero", 3, [0, 0, 101]),
        ("zero_inv", 4, [0, 100, 0]),
    ],
)
def test_thresholds_are_opencvs(kind, number, expected):
    values = np.array([[[0], [100], [101]]], np.uint8).repeat(3, axis=2)
    for name in (kind, number):
        found = run(ImageTransformer().threshold(100, 200, name), pictures.struct_table([values]))
        assert found[0, :, 0].tolist() == expected


def test_grey_has_one_channel():
    out = ImageTransformer().colorFormat("grey").transform(TABLE)["transformed"][0].as_py()
    assert (out["nChannels"], out["mode"], len(out["data"])) == (1, 0, 40 * 60)
    again = ImageTransformer().colorFormat("gray").colorFormat("rgb").transform(TABLE)
    assert again["transformed"][0].as_py()["nChannels"] == 3
    assert out["origin"] == "p0"


def test_tensors_are_channel_by_channel():
    fixed = ImageTransformer().crop(0, 0, 4, 5)
    plain = fixed.copy().setToTensor(True)
    assert plain.outputShape() == (3, 4, 5)
    values = np.array(plain.transform(TABLE)["transformed"][0].as_py()).reshape(3, 4, 5)
    assert np.array_equal(values, PICTURE[:4, :5].transpose(2, 0, 1))
    bgr = fixed.copy().colorFormat("bgr").setToTensor(True).transform(TABLE)
    assert np.array_equal(np.array(bgr["transformed"][0].as_py()).reshape(3, 4, 5), values[::-1])


def test_normalize():
    mean, std = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]
    stage = ImageTransformer().crop(0, 0, 4, 5).normalize(mean, std)
    assert stage.getToTensor() is True
    values = np.array(stage.transform(TABLE)["transformed"][0].as_py()).reshape(3, 4, 5)
    expected = ((PICTURE[:4, :5] / 255 - mean) / std).transpose(2, 0, 1)
    assert np.abs(values - expected).max() < 1e-5
    grey = ImageTransformer().resize(size=3).colorFormat("grey").normalize([127.5], [127.5], 1)
    assert grey.outputShape() == (1, 3, 3)
    assert np.abs(grey.transform(TABLE)["transformed"][0].as_py()).max() <= 1


@pytest.mark.parametrize(
    "make",
    [
        lambda t: t.resize(0, 3),
        lambda t: t.resize(3),
        lambda t: t.resize(3, 3, size=3),
        lambda t: t.resize(20_000, 20_000),
        lambda t: t.crop(-1, 0, 3, 3),
        lambda t: t.crop(0, 0, 3, 2.5),
        lambda t: t.centerCrop(True, 3),
        lambda t: t.colorFormat("hsl"),
        lambda t: t.blur(0, 3),
        lambda t: t.gaussianKernel(4, 1),
        lambda t: t.gaussianKernel(3, 0),
        lambda t: t.threshold(1, 256),
        lambda t: t.threshold(1, 2, "otsu"),
        lambda t: t.threshold(1, 2, 5),
        lambda t: t.threshold(float("nan"), 2),
        lambda t: t.flip(2),
        lambda t: t.normalize([1, 2], [1, 2]),
        lambda t: t.normalize([1], [0]),
        lambda t: t.colorFormat("grey").normalize([1, 2, 3], [1]),
        lambda t: t.normalize([1], [1]).flip(),
        lambda t: t.setStages("resize"),
        lambda t: t.setStages([{"action": "rotate"}]),
        lambda t: t.setStages([{"action": "blur", "height": 3}]),
        lambda t: t.setStages([{"action": "blur", "height": 3, "width": 3, "depth": 3}]),
        lambda t: t.setStages(["blur"]),
    ],
)
def test_what_can_not_be_is_said_at_once(make):
    with pytest.raises(ParamError, match=r"got .*; expected .+"):
        make(ImageTransformer())


def test_what_does_not_fit_is_said_before_a_job():
    with pytest.raises(ParamError, match="fixes height and width"):
        ImageTransformer(toTensor=True).transform(TABLE)
    with pytest.raises(ParamError, match="fixes height and width"):
        ImageTransformer().resize(size=5, keepAspectRatio=True).normalize([1], [1]).transform(TABLE)
    with pytest.raises(ParamError, match="toTensor=True"):
        ImageTransformer().resize(size=5).normalize([1], [1]).setToTensor(False).transform(TABLE)
    with pytest.raises(ParamError, match="another name"):
        ImageTransformer(outputCol="image").transform(TABLE)


def test_a_very_long_picture_stays_small():
    strip = pictures.struct_table([np.zeros((1, 60_000, 3), np.uint8), PICTURE])
    out = ImageTransformer().resize(size=50, keepAspectRatio=True).transform(strip)
    assert [e and e["kind"] for e in out["transformed_error"].to_pylist()] == ["too_large", None]


def test_a_stage_shares_nothing_with_another():
    first = ImageTransformer().flip()
    assert ImageTransformer().getStages() == []
    second = first.copy().blur(3, 3)
    assert [s["action"] for s in first.getStages()] == ["flip"]
    assert [s["action"] for s in second.getStages()] == ["flip", "blur"]


def test_a_jpeg_is_decoded_no_larger_than_the_first_resize_asks():
    data = encode(pictures.array(600, 800, 1))
    table = pa.table({"image": [data]})
    straight = run(ImageTransformer().resize(75, 100), table).astype(int)
    whole = run(ImageTransformer().flip().flip().resize(75, 100), table).astype(int)
    assert np.abs(straight - whole).mean() < 3
    assert not np.array_equal(straight, whole)
