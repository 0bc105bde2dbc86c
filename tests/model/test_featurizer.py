"""ImageFeaturizer cuts where it says, and is the same through every door."""

import numpy as np
import pytest

import pictures
from irbis import ImageFeaturizer
from irbis.errors import ParamError
from irbis.model.onnx_graph import cut, output_names
from irbis.model.onnx_session import forward


def features(network, data, **params):
    stage = ImageFeaturizer(**params).setModel(network)
    out = stage.transform(pictures.binary_table([data]))
    return np.array(out["features"][0].as_py()["values"])


def test_layers_by_name_and_by_number(network):
    data = pictures.GOOD[0]
    by_name = features(network, data, layerName="logits", cutOutputLayers=5)
    assert np.array_equal(by_name, features(network, data, cutOutputLayers=1))
    assert len(features(network, data, layerName="block10")) == 112 * 14 * 14
    with pytest.raises(ParamError, match="cutOutputLayers=6.*block10"):
        features(network, data, cutOutputLayers=6)


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


def test_saved_and_loaded(spark, network, tmp_path):
    stage = ImageFeaturizer(resize="crop", cutOutputLayers=1).setModel("EfficientNetLite0")
    stage.write().save(str(tmp_path / "stage"))
    loaded = ImageFeaturizer.load(str(tmp_path / "stage"))
    assert loaded.getModel() == network and loaded.getResize() == "crop"
    table = pictures.binary_table([pictures.GOOD[1]])
    assert loaded.transform(table).equals(stage.transform(table))
