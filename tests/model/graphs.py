"""Small ONNX graphs for tests, each of a kind that is met in life."""

import numpy as np
from onnx import TensorProto, helper, numpy_helper

_FLOAT, _INT = TensorProto.FLOAT, TensorProto.INT64


def _model(nodes, inputs, outputs, weights=(), ml=False, listed=False):
    value = helper.make_tensor_value_info
    given = [value(*i) for i in inputs]
    if listed:  # as files of IR version 3 do: weights are inputs too
        given += [value(w.name, w.data_type, list(w.dims)) for w in weights]
    graph = helper.make_graph(nodes, "test", given, outputs, list(weights))
    opsets = [helper.make_opsetid("", 17)] + ([helper.make_opsetid("ai.onnx.ml", 3)] if ml else [])
    return helper.make_model(graph, opset_imports=opsets, ir_version=8).SerializeToString()


def linear(listed=False, scale=1):
    """x (n, 3) -> logits (n, 2), and first (n): a number a row."""
    weight = numpy_helper.from_array(scale * np.arange(6, dtype=np.float32).reshape(3, 2) / 7, "w")
    index = numpy_helper.from_array(np.array(0, np.int64), "zero")
    nodes = [
        helper.make_node("MatMul", ["x", "w"], ["logits"]),
        helper.make_node("Gather", ["logits", "zero"], ["first"], axis=1),
    ]
    outputs = [
        helper.make_tensor_value_info("logits", _FLOAT, ["n", 2]),
        helper.make_tensor_value_info("first", _FLOAT, ["n"]),
    ]
    return _model(nodes, [("x", _FLOAT, ["n", 3])], outputs, [weight, index], listed=listed)


def tokens():
    """As transformers are exported: input_ids and attention_mask (n, s) -> hidden (n, s, 4), pooled."""
    table = numpy_helper.from_array(
        np.random.default_rng(0).standard_normal((50, 4)).astype(np.float32), "table"
    )
    axis = numpy_helper.from_array(np.array([2], np.int64), "two")
    nodes = [
        helper.make_node("Gather", ["table", "input_ids"], ["embedded"]),
        helper.make_node("Cast", ["attention_mask"], ["kept"], to=_FLOAT),
        helper.make_node("Unsqueeze", ["kept", "two"], ["wide"]),
        helper.make_node("Mul", ["embedded", "wide"], ["last_hidden_state"]),
        helper.make_node("ReduceMean", ["last_hidden_state"], ["pooled"], axes=[1], keepdims=0),
    ]
    inputs = [(n, _INT, ["batch", "sequence"]) for n in ("input_ids", "attention_mask")]
    outputs = [
        helper.make_tensor_value_info("last_hidden_state", _FLOAT, ["batch", "sequence", 4]),
        helper.make_tensor_value_info("pooled", _FLOAT, ["batch", 4]),
    ]
    return _model(nodes, inputs, outputs, [table, axis])


def picture(batch="n"):
    """pixels (n, 3, 4, 4) -> mean colour (n, 3), and the map itself."""
    nodes = [
        helper.make_node("ReduceMean", ["pixels"], ["colour"], axes=[2, 3], keepdims=0),
        helper.make_node("Identity", ["pixels"], ["same"]),
    ]
    outputs = [
        helper.make_tensor_value_info("colour", _FLOAT, [batch, 3]),
        helper.make_tensor_value_info("same", _FLOAT, [batch, 3, 4, 4]),
    ]
    return _model(nodes, [("pixels", _FLOAT, [batch, 3, 4, 4])], outputs)


def classifier():
    """As scikit-learn is exported: label (n) of text, and a map of label to probability a row."""
    nodes = [
        helper.make_node(
            "LinearClassifier",
            ["x"],
            ["label", "scores"],
            domain="ai.onnx.ml",
            classlabels_strings=["cat", "dog"],
            coefficients=[1.0, -1.0, -1.0, 1.0],
            intercepts=[0.1, -0.1],
            multi_class=0,
            post_transform="SOFTMAX",
        ),
        helper.make_node(
            "ZipMap",
            ["scores"],
            ["probability"],
            domain="ai.onnx.ml",
            classlabels_strings=["cat", "dog"],
        ),
    ]
    maps = helper.make_sequence_type_proto(
        helper.make_map_type_proto(TensorProto.STRING, helper.make_tensor_type_proto(_FLOAT, []))
    )
    outputs = [
        helper.make_tensor_value_info("label", TensorProto.STRING, ["n"]),
        helper.make_value_info("probability", maps),
    ]
    return _model(nodes, [("x", _FLOAT, ["n", 2])], outputs, ml=True)


def words():
    """Text in and text out, and a truth value turned: shapes without a batch of any size."""
    nodes = [
        helper.make_node(
            "LabelEncoder",
            ["t"],
            ["said"],
            domain="ai.onnx.ml",
            keys_strings=["a", "ü"],
            values_strings=["alpha", "über"],
            default_string="?",
        ),
        helper.make_node("Not", ["b"], ["not_b"]),
    ]
    inputs = [("t", TensorProto.STRING, [1]), ("b", TensorProto.BOOL, [1])]
    outputs = [
        helper.make_tensor_value_info("said", TensorProto.STRING, [1]),
        helper.make_tensor_value_info("not_b", TensorProto.BOOL, [1]),
    ]
    return _model(nodes, inputs, outputs, ml=True)
