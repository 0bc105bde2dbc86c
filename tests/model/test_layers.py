"""cutOutputLayers means the same for every classifier, however it was exported."""

from pathlib import Path

import exports
import numpy as np
import onnx
import pytest
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import nn

import pictures
from irbis import ImageFeaturizer
from irbis.errors import DataError, ParamError
from irbis.model.model_schema import ModelSchema
from irbis.model.onnx_graph import cut
from irbis.model.opening import open_path

SIDE = 32
PICTURE = pictures.array(SIDE, SIDE, 3)


def opened(tmp_path, graph, **stated):
    import json

    path = Path(tmp_path) / "net.onnx"
    path.write_bytes(graph)
    stated = {"mean": 127.0, "std": 64.0, "inputHeight": SIDE, "inputWidth": SIDE, **stated}
    path.with_suffix(".json").write_text(json.dumps(stated))
    return open_path(path)


def run(schema, **params):
    stage = ImageFeaturizer(**params).setModel(schema).make_function()
    return stage.forward(stage.tensor(PICTURE)[None])


def expected(net, feature_map, linear, **params):
    """The four layers from torch itself, by hooks."""
    held = {}
    hooks = [
        feature_map.register_forward_hook(lambda _, __, out: held.update(map=out)),
        linear.register_forward_hook(
            lambda _, given, out: held.update(pooled=given[0], logits=out)
        ),
    ]
    x = (PICTURE.astype(np.float32).transpose(2, 0, 1)[None] - 127) / 64
    with torch.no_grad():
        net(torch.from_numpy(x))
    for hook in hooks:
        hook.remove()
    held["probabilities"] = held["logits"].flatten(1).softmax(dim=1)
    order = ("probabilities", "logits", "pooled", "map")
    return [held[name].flatten(1).numpy() for name in order]


def same(schema, layers):
    for number, value in enumerate(layers):
        found = run(schema, cutOutputLayers=number)
        assert found.shape == value.shape, number
        scale = max(1.0, np.abs(value).max())
        assert np.abs(found - value).max() <= 1e-4 * scale, number


class Net(nn.Module):
    """Convolutions, a pooling and a head, all replaceable."""

    def __init__(self, pool, *head, channels=8, tokens=False):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(3, channels, 3, 2, 1), nn.BatchNorm2d(channels), nn.ReLU(),
            nn.Conv2d(channels, channels, 3, 2, 1), nn.ReLU(),
        )  # fmt: skip
        if tokens:
            self.features.append(Apply(lambda x: x.flatten(2).transpose(1, 2)))
        self.pool, self.head = pool, nn.Sequential(*head)
        self.linear = [m for m in head if isinstance(m, (nn.Linear, nn.Conv2d))][-1]
        exports.randomised(self, 3)

    def forward(self, x):
        return self.head(self.pool(self.features(x)))


class Apply(nn.Module):
    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, x):
        return self.function(x)


def average():
    return nn.AdaptiveAvgPool2d(1)


def resnet():
    net = exports.small_resnet()
    return net, net.layer4, net.fc


def simple(*args, **kwargs):
    net = Net(*args, **kwargs)
    return net, net.features, net.linear


def mobilenet_v2():
    net = exports.randomised(exports.torchvision_models().mobilenet_v2(num_classes=6))
    return net, net.features, net.classifier[1]


def mobilenet_v3():
    net = exports.randomised(exports.torchvision_models().mobilenet_v3_small(num_classes=6))
    return net, net.features, net.classifier[3]


def convnext():
    models = exports.torchvision_models()
    block = models.convnext.CNBlockConfig
    net = models.ConvNeXt([block(8, 16, 1), block(16, None, 1)], num_classes=5)
    return exports.randomised(net), net.features, net.classifier[2]


def vit():
    models = exports.torchvision_models()
    # Else torch runs, and would export, one operator that only it has.
    torch.backends.mha.set_fastpath_enabled(False)
    net = models.VisionTransformer(SIDE, 8, 1, 2, 16, 32, num_classes=5)
    return exports.randomised(net), net.encoder.ln, net.heads.head


def linear(size=8):
    return nn.Linear(size, 5)


NETWORKS = {
    "resnet": resnet,
    "mobilenet v2": mobilenet_v2,
    "two linear layers": mobilenet_v3,
    "layer norms": convnext,
    "transformer": vit,
    "mean of two axes": lambda: simple(Apply(lambda x: x.mean((2, 3))), linear()),
    "mean of a mean": lambda: simple(Apply(lambda x: x.mean(3).mean(2)), linear()),
    "maximum": lambda: simple(nn.AdaptiveMaxPool2d(1), nn.Flatten(), linear()),
    "kernel of all places": lambda: simple(nn.AvgPool2d(8), nn.Flatten(), linear()),
    "no pooling": lambda: simple(nn.Identity(), nn.Flatten(), linear(8 * 64)),
    "1x1 convolution": lambda: simple(average(), nn.Conv2d(8, 5, 1), nn.Flatten()),
    "mean of tokens": lambda: simple(
        Apply(lambda x: x.mean(1)), nn.LayerNorm(8), linear(), tokens=True
    ),
    "squeezed excitation": lambda: simple(
        Apply(lambda x: (x * x.mean((2, 3), keepdim=True).sigmoid()).mean((2, 3))), linear()
    ),
}


@pytest.mark.parametrize("name", NETWORKS)
def test_the_four_layers(name, tmp_path):
    torch.manual_seed(0)
    net, feature_map, head = NETWORKS[name]()
    layers = expected(net.eval(), feature_map, head)
    if name == "squeezed excitation":  # what is pooled there is the map after it
        layers.pop()
    static = name in {"kernel of all places", "no pooling", "transformer"}
    graph = exports.export(net, SIDE, dynamic=not static)
    schema = opened(tmp_path, graph)
    same(schema, layers)
    assert schema.fixedBatch is static
    assert schema.layer(2) == "pooled" and schema.tensor("logits") == "logits"


OPTIONS = {
    "opset 11": {"opset": 11},
    "opset 13": {"opset": 13},
    "opset 18": {"opset": 18},
    "opset 20": {"opset": 20},
    "not folded": {"do_constant_folding": False},
    "weights as inputs": {"keep_initializers_as_inputs": True},
    "fixed": {"dynamic": False},
}


@pytest.mark.parametrize("name", OPTIONS)
@pytest.mark.parametrize("made", [resnet, NETWORKS["mean of two axes"]])
def test_however_it_was_exported(name, made, tmp_path):
    net, feature_map, head = made()
    layers = expected(net, feature_map, head)
    same(opened(tmp_path, exports.export(net, SIDE, **OPTIONS[name])), layers)


@pytest.mark.parametrize(
    ("last", "name"),
    [(nn.Softmax(1), "softmax"), (nn.LogSoftmax(1), "log"), (nn.Sigmoid(), "sigmoid")],
)
def test_a_network_that_ends_in_probabilities(last, name, tmp_path):
    net = Net(average(), nn.Flatten(), linear())
    layers = expected(net, net.features, net.linear)
    if name == "sigmoid":
        layers[0] = 1 / (1 + np.exp(-layers[1]))
    schema = opened(tmp_path, exports.export(nn.Sequential(net, last), SIDE, outputs=["p"]))
    same(schema, layers)
    assert schema.tensor("probabilities").startswith("softmax(") is (name == "log")


def test_classes_before_the_pooling(tmp_path):
    """SqueezeNet: there is no pooled vector, and that is said."""
    net = exports.randomised(exports.torchvision_models().squeezenet1_1(num_classes=5))
    schema = opened(tmp_path, exports.export(net, 64), inputHeight=64, inputWidth=64)
    assert schema.layerNames == ("map", "logits", "probabilities")
    assert run(schema, cutOutputLayers=1).shape == (1, 5)
    assert run(schema, cutOutputLayers=3).shape == (1, 5 * 3 * 3)
    with pytest.raises(ParamError, match=r"cutOutputLayers=2 \(pooled\).*map, logits"):
        run(schema, cutOutputLayers=2)


class Many(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = Net(average(), nn.Flatten(), linear())
        self.other = exports.randomised(nn.Linear(8, 5), 9)

    def forward(self, x):
        hidden = self.net.features(x)
        pooled = self.net.pool(hidden)
        return hidden, self.other(pooled.flatten(1)), pooled, self.net.head(pooled)


def test_many_outputs(tmp_path):
    model = Many()
    layers = expected(model, model.net.features, model.net.linear)
    names = ["hidden", "aux_logits", "pooler_output", "logits"]
    schema = opened(tmp_path, exports.export(model, SIDE, outputs=names))
    same(schema, layers)
    # Any other tensor by its own name.
    assert np.allclose(run(schema, layerName="hidden"), layers[3], atol=1e-5)
    inner = next(n for n in onnx.load(schema.uri).graph.node if n.op_type == "Relu").output[0]
    assert run(schema, layerName=inner).shape == (1, 8 * 16 * 16)
    with pytest.raises(ParamError, match="layerName='hiden'.*map, pooled, logits, probabilities"):
        run(schema, layerName="hiden")
    # Two heads and none of them called logits: a guess would be wrong half of the time.
    wrong = exports.export(model, SIDE, outputs=["a", "b", "c", "d"])
    with pytest.raises(DataError, match="layerTensors"):
        opened(tmp_path, wrong)
    told = {"layerNames": ["pooled", "logits"], "layerTensors": ["c", "d"]}
    told = opened(tmp_path, wrong, **told)
    assert np.allclose(run(told, cutOutputLayers=1), layers[1], atol=1e-4)


def test_a_feature_extractor(tmp_path):
    class Features(nn.Module):
        def __init__(self):
            super().__init__()
            self.net = Net(average(), nn.Flatten(), linear())

        def forward(self, x):
            hidden = self.net.features(x)
            return hidden, self.net.pool(hidden)

    model = Features()
    names = ["last_hidden_state", "pooler_output"]
    schema = opened(tmp_path, exports.export(model, SIDE, outputs=names))
    assert schema.layerNames == ("map", "pooled")
    assert run(schema).shape == (1, 8) and run(schema, cutOutputLayers=3).shape == (1, 8 * 64)
    with pytest.raises(ParamError, match=r"cutOutputLayers=0 \(probabilities\)"):
        run(schema, cutOutputLayers=0)


def test_channels_last(tmp_path):
    """As TensorFlow's exporters write it."""
    net = Net(average(), nn.Flatten(), linear())
    layers = expected(net, net.features, net.linear)

    class Last(nn.Module):
        def __init__(self):
            super().__init__()
            self.net = net

        def forward(self, x):
            return self.net(x.permute(0, 3, 1, 2))

    import io

    out = io.BytesIO()
    torch.onnx.export(
        Last(), (torch.zeros(1, SIDE, SIDE, 3),), out, dynamo=False, opset_version=17,
        input_names=["input_1"], output_names=["dense"], dynamic_axes={"input_1": {0: "n"}},
    )  # fmt: skip
    schema = opened(tmp_path, out.getvalue())
    assert (schema.inputLayout, schema.inputNode) == ("NHWC", "input_1")
    same(schema, layers)


def made(nodes, inputs=(("x", TensorProto.FLOAT, ["n", 3, SIDE, SIDE]),), out="y", **weights):
    graph = helper.make_graph(
        nodes,
        "g",
        [helper.make_tensor_value_info(*i) for i in inputs],
        [helper.make_tensor_value_info(out, TensorProto.FLOAT, None)],
        [numpy_helper.from_array(np.asarray(v, np.float32), k) for k, v in weights.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    return model.SerializeToString()


def head(**changes):
    nodes = [
        helper.make_node("GlobalAveragePool", ["x"], ["g"]),
        helper.make_node("Flatten", ["g"], ["f"]),
        helper.make_node("Transpose", ["w"], ["wt"], perm=[1, 0]),
        helper.make_node("MatMul", ["f", "wt"], ["m"]),
        helper.make_node("Add", ["m", "b"], ["y"]),
    ]
    return made(nodes, w=np.eye(2, 3), b=[1, 2], **changes)


def test_weights_that_are_computed(tmp_path):
    schema = opened(tmp_path, head())
    assert dict(zip(schema.layerNames, schema.layerTensors)) == {
        "map": "x", "pooled": "f", "logits": "y", "probabilities": "softmax(y)"
    }  # fmt: skip
    means = PICTURE.astype(float).mean(axis=(0, 1))
    assert np.allclose(
        run(schema, cutOutputLayers=1)[0], (means[:2] - 127) / 64 + [1, 2], atol=1e-4
    )


FLOAT = TensorProto.FLOAT
WRONG = {
    "one input": [("x", FLOAT, ["n", 3, 8, 8]), ("mask", FLOAT, ["n", 8])],
    "float32": [("x", TensorProto.UINT8, ["n", 3, 8, 8])],
    r"\(n, 3, height, width\)": [("x", FLOAT, ["n", 128])],
    "three channels": [("x", FLOAT, ["n", 1, 28, 28])],
    "exactly 8 pictures": [("x", FLOAT, [8, 3, 8, 8])],
}


@pytest.mark.parametrize("says", WRONG)
def test_what_is_no_network_for_pictures(says, tmp_path):
    with pytest.raises(DataError, match=says):
        opened(tmp_path, head(inputs=WRONG[says]))


def test_what_is_no_classifier(tmp_path):
    segmenter = made([helper.make_node("Conv", ["x", "w"], ["y"])], w=np.zeros((2, 3, 1, 1)))
    with pytest.raises(DataError, match=r"outputs y \(n, 2, 32, 32\); expected one classifier"):
        opened(tmp_path, segmenter)
    for content in (b"not a graph", b""):
        (tmp_path / "net.onnx").write_bytes(content)
        with pytest.raises(DataError, match="net.onnx, which"):
            open_path(tmp_path / "net.onnx")


def test_a_cut_keeps_what_branches_read():
    branch = [
        helper.make_graph(
            [helper.make_node(op, ["s"], [f"{op}_out"])], op, [],
            [helper.make_tensor_value_info(f"{op}_out", FLOAT, None)],
        )
        for op in ("Neg", "Abs")
    ]  # fmt: skip
    nodes = [
        helper.make_node("ReduceSum", ["x"], ["s"], keepdims=0),
        helper.make_node("Greater", ["s", "zero"], ["c"]),
        helper.make_node("If", ["c"], ["i"], then_branch=branch[0], else_branch=branch[1]),
        helper.make_node("Neg", ["i"], ["y"]),
    ]
    small = onnx.load_from_string(cut(made(nodes, zero=0.0), "i"))
    assert [n.op_type for n in small.graph.node] == ["ReduceSum", "Greater", "If"]
    import onnxruntime

    session = onnxruntime.InferenceSession(small.SerializeToString())
    x = np.ones((1, 3, SIDE, SIDE), np.float32)
    assert session.run(["i"], {"x": x})[0] == -x.sum()
    with pytest.raises(ParamError, match="'softmax.nothing.'"):
        cut(made(nodes, zero=0.0), "softmax(nothing)")


def test_numbers_of_further_layers():
    schema = ModelSchema(
        "n",
        "u",
        "s",
        "i",
        ("a", "b", "map", "pooled", "logits", "probabilities"),
        1,
        1,
        0,
        1,
        "",
        "",
    )
    found = [schema.layer(n) for n in range(6)]
    assert found == ["probabilities", "logits", "pooled", "map", "b", "a"]
    own = ModelSchema("n", "u", "s", "i", ("a", "b"), 1, 1, 0, 1, "", "")
    assert [own.layer(n) for n in range(2)] == ["b", "a"]
    for network, number in ((schema, 6), (own, 2)):
        with pytest.raises(ParamError, match=f"cutOutputLayers={number}"):
            network.layer(number)
