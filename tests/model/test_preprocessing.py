"""The published preprocessing, against resampling written out here."""

import exports
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import pictures
from irbis import ImageFeaturizer, ImageLIME, ModelDownloader
from irbis.errors import DataError, ParamError
from irbis.image.codec import decode
from irbis.model.network_input import published
from irbis.model.preprocessor_config import read_preprocessor
from irbis.samples import PETS


def triangle(x):
    return np.clip(1 - np.abs(x), 0, None)


def cubic(x, a=-0.5):
    x = np.abs(x)
    near = (a + 2) * x**3 - (a + 3) * x**2 + 1
    return np.where(x < 1, near, np.where(x < 2, a * (x**3 - 5 * x**2 + 8 * x - 4), 0))


def weights(old, new, kernel, support):
    """Antialiased resampling as a matrix: the kernel is as wide as a new pixel."""
    scale = max(old / new, 1.0)
    centres = (np.arange(new) + 0.5) * old / new
    found = kernel((np.arange(old) + 0.5 - centres[:, None]) / scale)
    # Pillow looks at whole pixels within the support.
    reach = support * scale
    low, high = np.floor(centres - reach + 0.5), np.floor(centres + reach + 0.5)
    at = np.arange(old)
    found = np.where((at >= low[:, None]) & (at < high[:, None]), found, 0)
    return found / found.sum(axis=1, keepdims=True)


KERNELS = {"bilinear": (triangle, 1.0), "bicubic": (cubic, 2.0)}


def by_hand(picture, short, crop, resample):
    tall, wide = picture.shape[:2]
    size = (int(short * tall / wide), short) if wide <= tall else (short, int(short * wide / tall))
    rows, columns = (weights(o, n, *KERNELS[resample]) for o, n in zip((tall, wide), size))
    # Pillow goes over the width first and rounds between.
    middle = np.einsum("xw,hwc->hxc", columns, picture).round().clip(0, 255)
    found = np.einsum("yh,hxc->yxc", rows, middle).round().clip(0, 255)
    top, left = (size[0] - crop) // 2, (size[1] - crop) // 2
    return found[top : top + crop, left : left + crop]


@pytest.mark.parametrize("resample", KERNELS)
def test_real_pictures(resample):
    for path in [*sorted((PETS / "cats").iterdir())[:4], *sorted((PETS / "dogs").iterdir())[:4]]:
        picture = decode(path.read_bytes())
        found = published(picture, (146,), resample, 128, 128)
        # One in 255: where Pillow's fixed point rounds the other way.
        assert np.abs(by_hand(picture, 146, 128, resample) - found).max() <= 1


def test_through_the_stage(network):
    picture = pictures.array(300, 200, 1)
    stage = ImageFeaturizer(resize="crop").setModel(network).make_function()
    expected = (by_hand(picture, 256, 224, "bicubic") - 127) / 128
    assert np.abs(stage.tensor(picture).transpose(1, 2, 0) - expected).max() <= 1 / 127
    whole = ImageFeaturizer().setModel(network).make_function()
    assert not np.array_equal(whole.tensor(picture), stage.tensor(picture))


@given(st.integers(1, 60), st.integers(1, 60), st.integers(1, 50), st.integers(1, 50))
def test_always_the_size_asked_for(tall, wide, short, crop):
    found = published(pictures.array(tall, wide), (short,), "bicubic", crop, crop + 1)
    assert found.shape == (crop, crop + 1, 3)


def test_a_border_where_the_picture_is_small():
    found = published(np.full((4, 8, 3), 255, np.uint8), (4,), "nearest", 7, 8)
    assert found[2:6].min() == 255 and found[:2].max() == found[6:].max() == 0


STATISTICS = {"image_mean": [0.5, 0.4, 0.3], "image_std": [0.5, 0.25, 0.2], "resample": 3}
SQUARE = {"height": 224, "width": 224}
CONFIGS = {
    "convnext": (
        {"image_processor_type": "ConvNextImageProcessorFast", "size": {"shortest_edge": 224}},
        (224, 224, (256,)),
    ),
    "convnext, large": (
        {"feature_extractor_type": "ConvNextFeatureExtractor", "size": 384, "crop_pct": 0.9},
        (384, 384, (384, 384)),
    ),
    "vit": (
        {"image_processor_type": "ViTImageProcessor", "size": SQUARE},
        (224, 224, (224, 224)),
    ),
    "vit, old": ({"feature_extractor_type": "ViTFeatureExtractor", "size": 224}, (224, 224, (224, 224))),
    "short side, crop": (
        {"size": {"shortest_edge": 256}, "do_center_crop": True, "crop_size": SQUARE},
        (224, 224, (256,)),
    ),
    "short side, crop, old": (
        {"size": 256, "do_center_crop": True, "crop_size": 224},
        (224, 224, (256,)),
    ),
    "both sides, crop": (
        {"size": {"height": 256, "width": 256}, "do_center_crop": True, "crop_size": SQUARE},
        (224, 224, (256, 256)),
    ),
    "poolformer": (
        {"size": {"shortest_edge": 224}, "crop_pct": 0.9, "do_center_crop": True, "crop_size": SQUARE},
        (224, 224, (248,)),
    ),
    "levit": (
        {
            "image_processor_type": "LevitImageProcessor", "size": {"shortest_edge": 224},
            "do_center_crop": True, "crop_size": SQUARE,
        },
        (224, 224, (256,)),
    ),
    "any shape": ({"size": {"shortest_edge": 224}}, (224, 224, None)),
    "not resized": ({"size": SQUARE, "do_resize": False}, (224, 224, None)),
}  # fmt: skip


@pytest.mark.parametrize("name", CONFIGS)
def test_sizes(name):
    config, expected = CONFIGS[name]
    found = read_preprocessor({**config, **STATISTICS})
    assert (found.inputHeight, found.inputWidth, found.resizeTo) == expected
    assert found.resample == "bicubic"


@pytest.mark.parametrize(
    ("config", "value"),
    [
        ({}, (200 / 255 - 0.5) / 0.5),
        ({"do_rescale": False}, (200 - 0.5) / 0.5),
        ({"do_normalize": False}, 200 / 255),
        ({"rescale_factor": 1 / 127.5, "rescale_offset": True}, (200 / 127.5 - 1 - 0.5) / 0.5),
        ({"include_top": True}, (200 / 255 - 0.5) / 0.5 / 0.5),
    ],
)
def test_statistics(config, value):
    found = read_preprocessor({"size": SQUARE, **STATISTICS, **config})
    assert np.isclose((200 - found.mean[0]) / found.std[0], value)


def test_no_normalisation_and_blue_first():
    found = read_preprocessor({"size": SQUARE, "do_flip_channel_order": True})
    assert (found.mean, found.channelOrder) == ((0, 0, 0), "BGR")
    assert np.allclose(found.std, 255)


def test_timm():
    config = {
        "input_size": [3, 224, 224], "crop_pct": 0.95, "interpolation": "bicubic",
        "mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225],
    }  # fmt: skip
    found = read_preprocessor({"pretrained_cfg": config})
    assert (found.inputHeight, found.resizeTo, found.resample) == (224, (235,), "bicubic")
    assert np.allclose(found.mean, [123.675, 116.28, 103.53])


@pytest.mark.parametrize(
    "config", [{}, {"size": "large"}, {"size": SQUARE, "image_mean": [1]}, {"pretrained_cfg": {}}]
)
def test_what_can_not_be_read(config):
    with pytest.raises(DataError, match="can't be read"):
        read_preprocessor({**STATISTICS, **config} if config else {})


def test_a_graph_of_another_size(tmp_path):
    """The graph's own size counts; the crop was published for another one."""
    net = exports.small_resnet()
    for name, content in exports.repository(exports.export(net, 48, dynamic=False)).items():
        (tmp_path / "net" / name).parent.mkdir(exist_ok=True)
        (tmp_path / "net" / name).write_bytes(content)
    schema = ModelDownloader(source=tmp_path).downloadByName("net")
    assert (schema.inputHeight, schema.resizeTo, schema.fixedBatch) == (48, None, True)
    stage = ImageFeaturizer(resize="crop").setModel(schema)
    table = pictures.binary_table([pictures.GOOD[0]])
    with pytest.raises(ParamError, match="published preprocessing is not known"):
        stage.transform(table)
    stage.setResize("whole").transform(table)
    (tmp_path / "net" / "model.json").write_text('{"inputHeight": 40}')
    with pytest.raises(DataError, match="inputHeight=40.*48, the graph's"):
        ModelDownloader(source=tmp_path).downloadByName("net")


def test_lime_wants_the_whole_picture(network):
    model = ImageFeaturizer(resize="crop", cutOutputLayers=0, outputCol="probability")
    lime = ImageLIME(model=model.setModel(network), targetClasses=[1])
    with pytest.raises(ParamError, match="resize='whole'"):
        lime.transform(pictures.binary_table([pictures.GOOD[0]]))
