"""Stages of any kind as the model: shown pictures in a column, and asked like a function."""

import numpy as np
import pyarrow as pa
import pytest
from onnx import TensorProto, helper

import pictures
from irbis import ImageLIME, OnnxModel, PipelineModel, Stage, UnrollImage
from irbis.errors import ParamError, SchemaError
from irbis.explain.explanation import Explanation
from irbis.image.codec import decode, encode
from irbis.image.pixels import resized
from irbis.schema import VECTOR, put
from irbis.vectors import to_vectors

SIDE = 4
PARAMS = {
    "targetClasses": [0, 1], "numSamples": 32, "numSegments": 8, "segmentation": "watershed",
}  # fmt: skip
TRUTH = np.random.default_rng(0).normal(0, 0.01, (3 * SIDE * SIDE, 2)).astype(np.float32)


@pytest.fixture(scope="module")
def classifier(tmp_path_factory):
    """The pixels of a thumbnail, a linear layer, a softmax: an ONNX classifier."""
    path = tmp_path_factory.mktemp("onnx") / "classifier.onnx"
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", len(TRUTH)])
    p = helper.make_tensor_value_info("p", TensorProto.FLOAT, ["n", 2])
    w = helper.make_tensor("w", TensorProto.FLOAT, TRUTH.shape, TRUTH.tobytes(), raw=True)
    nodes = [
        helper.make_node("MatMul", ["x", "w"], ["l"]),
        helper.make_node("Softmax", ["l"], ["p"]),
    ]
    graph = helper.make_graph(nodes, "classifier", [x], [p], [w])
    opset = [helper.make_opsetid("", 17)]
    path.write_bytes(helper.make_model(graph, opset_imports=opset).SerializeToString())
    return PipelineModel(
        [
            UnrollImage(inputCol="photo", width=SIDE, height=SIDE, outputCol="pixels"),
            OnnxModel(model=str(path), feedDict={"x": "pixels"}, fetchDict={"probability": "p"}),
        ]
    )


def by_hand(seen):
    flat = [resized(p, SIDE, SIDE)[:, :, ::-1].transpose(2, 0, 1).reshape(-1) for p in seen]
    logits = np.stack(flat).astype(np.float32) @ TRUTH
    exps = np.exp(logits - logits.max(axis=1, keepdims=True))
    return exps / exps.sum(axis=1, keepdims=True)


@pytest.mark.parametrize("size", [(60, 80), (300, 500)])
def test_an_onnx_classifier_and_the_same_as_a_function(classifier, size):
    table = pa.table({"image": [encode(pictures.array(*size)), None]})
    found, same = (
        ImageLIME(model=model, **PARAMS).transform(table).to_pylist()
        for model in (classifier, by_hand)
    )
    assert found[1]["explanation_error"]["kind"] == "null"
    one, other = (Explanation.from_row(rows[0]["explanation"]) for rows in (found, same))
    assert np.abs(one.weights).max() > 0.01
    assert np.allclose(one.weights, other.weights, atol=1e-4)
    assert np.allclose(one.scores, other.scores, atol=1e-5)
    assert min(one.segments.shape) == min(*size, 224)


def test_pictures_as_they_are(classifier):
    picture = decode(encode(pictures.array(300, 500)))
    whole = ImageLIME(model=classifier, shortSide=None, **PARAMS).make_function()
    found = whole.explain(picture)
    assert found.segments.shape == (300, 500)
    assert np.allclose(found.scores, by_hand([picture])[0], atol=1e-5)


class OfFiles:
    def __call__(self, batch):
        seen = [decode(value) for value in batch.column(0).to_pylist()]
        bright = np.array([[s.mean() / 255] for s in seen])
        return put(batch, "probability", to_vectors(bright, np.ones(len(seen), bool)))


class ReadsFiles(Stage):
    """A stage of a user's, which knows encoded pictures alone."""

    def input_columns(self):
        return ["image"]

    def output_fields(self, schema):
        if not pa.types.is_binary(schema.field("image").type):
            raise SchemaError("image", expected="binary")
        return [pa.field("probability", VECTOR)]

    def make_function(self):
        return OfFiles()


def test_a_stage_that_reads_files_gets_them_without_loss():
    stage = ImageLIME(
        model=ReadsFiles(), targetClasses=[0], numSamples=16, numSegments=4, fill="black",
        metric="probability", regularization=0.0,
    )  # fmt: skip
    picture = pictures.array(40, 40)
    found = stage.make_function().explain(picture)
    assert found.scores[0] == picture.mean() / 255
    assert np.isclose(found.weights.sum(), picture.mean() / 255)
    assert found.r2[0] > 0.999999


class OfNobody(OfFiles):
    def __call__(self, batch):
        valid = np.arange(len(batch)) != 1
        return put(batch, "probability", to_vectors(np.ones((valid.sum(), 1)), valid))


class Silent(ReadsFiles):
    def make_function(self):
        return OfNobody()


def test_what_a_model_does_not_answer_is_the_rows_error(classifier):
    for model, classes, said in (
        (Silent(), [0], "null for 1 of 16"),
        (classifier, [7], "2 classes"),
    ):
        stage = ImageLIME(model=model, **{**PARAMS, "targetClasses": classes})
        row = stage.transform(pa.table({"image": [pictures.GOOD[0]]})).to_pylist()[0]
        assert row["explanation"] is None
        assert row["explanation_error"]["kind"] == "score"
        assert said in row["explanation_error"]["message"]


def test_models_that_do_not_fit_are_refused_before_a_job(classifier):
    table = pa.table({"image": [b""]})
    with pytest.raises(SchemaError, match="no column named 'score'"):
        ImageLIME(model=classifier, targetCol="score").transform(table)
    with pytest.raises(SchemaError, match="vector or number"):
        ImageLIME(model=classifier, targetCol="pixels_error").transform(table)
    with pytest.raises(ParamError, match="reads first, second"):
        ImageLIME(model=TwoColumns()).transform(table)


class TwoColumns(ReadsFiles):
    def input_columns(self):
        return ["first", "second"]
