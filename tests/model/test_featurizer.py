"""The packaged network is itself, and is cut where it says."""

import numpy as np
import pytest

import pictures
from irbis import ImageFeaturizer, ModelDownloader
from irbis.errors import ModelNotFoundError, ParamError
from irbis.image.codec import decode
from irbis.model.onnx_graph import cut, output_names
from irbis.model.onnx_session import forward
from irbis.model.packaged import MODELS, efficientnet
from irbis.samples import PETS


def features(network, data, **params):
    stage = ImageFeaturizer(**params).setModel(network)
    out = stage.transform(pictures.binary_table([data]))
    return np.array(out["features"][0].as_py()["values"])


def test_every_layer_agrees_with_torch(network):
    import torch

    data = (PETS / "cats" / "Abyssinian_1.jpg").read_bytes()
    stage = ImageFeaturizer().setModel(network)
    tensor = stage.make_function().tensor(decode(data))
    net = efficientnet(MODELS["EfficientNetLite0"])
    with torch.no_grad():
        feature_map = net.extract_features(torch.from_numpy(tensor[None]))
        logits = net(torch.from_numpy(tensor[None]))
    expected = {
        0: logits.softmax(dim=1),
        1: logits,
        2: feature_map.mean(dim=(2, 3)),
        3: feature_map,
    }
    for cut_layers, value in expected.items():
        found = features(network, data, cutOutputLayers=cut_layers)
        assert np.allclose(found, value.numpy().reshape(-1), atol=2e-4), cut_layers


def test_it_knows_a_cat(network):
    # ImageNet: 281 to 285 are house cats, 151 to 268 are dogs.
    hits = []
    for folder in ("cats", "dogs"):
        for path in sorted((PETS / folder).iterdir())[:8]:
            p = features(network, path.read_bytes(), cutOutputLayers=0)
            assert np.isclose(p.sum(), 1)
            hits.append((p[281:286].sum() > p[151:269].sum()) == (folder == "cats"))
    assert np.mean(hits) > 0.9


def test_layers_by_name_and_by_number(network):
    data = pictures.GOOD[0]
    by_name = features(network, data, layerName="logits", cutOutputLayers=5)
    assert np.array_equal(by_name, features(network, data, cutOutputLayers=1))
    assert len(features(network, data, layerName="block10")) == 112 * 14 * 14


def test_a_cut_graph_has_less_in_it(network):
    content = network.file.locate().read_bytes()
    assert output_names(content) == list(network.layerNames)
    early = cut(content, "block10")
    assert output_names(early) == ["block10"]
    assert len(early) < 0.5 * len(content)


def test_batches_give_nearly_the_same_as_single_forwards(network):
    stage = ImageFeaturizer().setModel(network).make_function()
    tensors = np.stack([stage.tensor(pictures.array(40, 40, i)) for i in range(3)])
    together = forward(network.file, "pooled", tensors)
    single = np.concatenate([forward(network.file, "pooled", t[None]) for t in tensors])
    assert np.allclose(together, single, atol=1e-4)


def test_never_an_alias():
    with pytest.raises(ModelNotFoundError, match=r"'ResNet50'.*EfficientNetLite0"):
        ModelDownloader().downloadByName("ResNet50")
    with pytest.raises(ParamError, match="packaged"):
        ModelDownloader(source="http://nowhere")


def test_a_conversion_is_kept(network, tmp_path):
    first = ModelDownloader(localPath=tmp_path).downloadByName("EfficientNetLite0")
    changed = (tmp_path / first.uri).stat().st_mtime_ns
    second = ModelDownloader(localPath=tmp_path).downloadByName("EfficientNetLite0")
    assert first == second
    assert (tmp_path / first.uri).stat().st_mtime_ns == changed
    assert network.numLayers == 6
