"""Any ONNX file on columns: shapes, types, bad rows, providers, files."""

import logging

import graphs
import numpy as np
import onnx
import onnxruntime
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from irbis import OnnxModel, Pipeline
from irbis.errors import ParamError, RowError, SchemaError
from irbis.model.onnx_columns import from_rows
from irbis.model.onnx_ports import Port
from irbis.testing import check_local
from irbis.vectors import to_vectors


@pytest.fixture(scope="module")
def save(tmp_path_factory):
    folder = tmp_path_factory.mktemp("graphs")

    def write(content):
        path = folder / f"{abs(hash(content))}.onnx"
        path.write_bytes(content)
        return str(path)

    return write


def test_numbers_agree_with_numpy(save):
    stage = OnnxModel(
        model=save(graphs.linear()), softMaxDict={"logits": "p"}, argMaxDict={"logits": "k"}
    )
    x = np.random.default_rng(0).standard_normal((5, 3)).astype(np.float32)
    out = stage.transform(pa.table({"x": x.tolist()}))
    expected = x @ (np.arange(6, dtype=np.float32).reshape(3, 2) / 7)
    assert np.allclose(out["logits"].to_pylist(), expected, atol=1e-6)
    assert np.allclose(out["first"].to_pylist(), expected[:, 0], atol=1e-6)
    assert out["k"].to_pylist() == expected.argmax(1).tolist()
    p = np.array([v["values"] for v in out["p"].to_pylist()])
    exps = np.exp(expected.astype(float))
    assert np.allclose(p, exps / exps.sum(1, keepdims=True), atol=1e-6)


@pytest.mark.parametrize("kind", ["list", "fixed", "vector", "ints", "large"])
def test_a_row_may_be_written_in_several_ways(save, kind):
    rows = [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]
    values = {
        "list": pa.array(rows),
        "fixed": pa.array(rows, pa.list_(pa.float32(), 3)),
        "vector": to_vectors(np.array(rows), np.ones(2, bool)),
        "ints": pa.array([[1, 2, 3], [4, 5, 6]], pa.list_(pa.int16())),
        "large": pa.array(rows, pa.large_list(pa.float64())),
    }[kind]
    stage = OnnxModel(model=save(graphs.linear()), fetchDict={"y": "logits"})
    found = stage.transform(pa.table({"x": values}))["y"].to_pylist()
    plain = stage.transform(pa.table({"x": rows}))["y"].to_pylist()
    assert found == plain


def test_a_transformer_export_takes_rows_of_any_length(save):
    stage = OnnxModel(
        model=save(graphs.tokens()), feedDict={"input_ids": "ids", "attention_mask": "mask"}
    )
    table = pa.table({"ids": [[1, 2, 3], [4], [5, 6]], "mask": [[1, 1, 1], [1], [1, 0]]})
    out = stage.transform(table)
    hidden = out["last_hidden_state"].to_pylist()
    assert [np.shape(h) for h in hidden] == [(3, 4), (1, 4), (2, 4)]
    assert np.allclose(hidden[2][1], 0)
    assert np.allclose(out["pooled"].to_pylist()[0], np.mean(hidden[0], axis=0), atol=1e-6)
    check_local(stage, table)
    together = stage.copy().setBatchSize(8).transform(table)
    assert together["last_hidden_state"].to_pylist() == hidden


def test_pictures_flat_or_nested(save):
    path = save(graphs.picture())
    x = np.arange(48, dtype=np.float32).reshape(3, 4, 4)
    stage = OnnxModel(model=path, fetchDict={"colour": "colour", "same": "same"})
    flat = stage.transform(pa.table({"pixels": [x.reshape(-1).tolist()]}))
    nested = stage.transform(pa.table({"pixels": [x.tolist()]}))
    assert flat["same"][0].as_py() == nested["same"][0].as_py() == x.tolist()
    assert np.allclose(flat["colour"][0].as_py(), x.mean(axis=(1, 2)))


def test_a_scikit_learn_classifier(save):
    stage = OnnxModel(model=save(graphs.classifier()), feedDict={"x": "features"})
    out = stage.transform(pa.table({"features": [[1.0, 0.0], [0.0, 1.0]]}))
    assert out["label"].to_pylist() == ["cat", "dog"]
    first = dict(out["probability"].to_pylist()[0])
    assert set(first) == {"cat", "dog"} and np.isclose(sum(first.values()), 1)


def test_text_and_booleans(save):
    table = pa.table({"t": ["a", None, "ü", "ü"], "b": [True, False, None, False]})
    out = OnnxModel(model=save(graphs.words())).transform(table)
    assert out["said"].to_pylist() == ["alpha", None, None, "über"]
    assert out["not_b"].to_pylist() == [False, None, None, True]
    assert [e and e["kind"] for e in out["said_error"].to_pylist()] == [None, "null", "null", None]


BAD = {
    "null": (None, "null"),
    "a null within": ([1.0, None, 3.0], "null"),
    "too short": ([1.0], "shape"),
    "too long": ([1.0] * 4, "shape"),
    "empty": ([], "shape"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_row_is_an_error_row(save, name):
    value, kind = BAD[name]
    stage = OnnxModel(model=save(graphs.linear()))
    out = stage.transform(pa.table({"x": pa.array([[1.0, 2, 3], value, [3.0, 2, 1]])}))
    assert [v is None for v in out["logits"].to_pylist()] == [False, True, False]
    assert out["logits_error"].to_pylist()[1]["kind"] == kind
    with pytest.raises(RowError, match="row 1"):
        stage.copy().setErrors("raise").transform(pa.table({"x": pa.array([[1.0, 2, 3], value])}))


def test_values_an_integer_input_cant_hold(save):
    stage = OnnxModel(model=save(graphs.tokens()))
    table = pa.table(
        {"input_ids": [[1.0], [1.5], [float("nan")], [99.0]], "attention_mask": [[1]] * 4}
    )
    kinds = [e and e["kind"] for e in stage.transform(table)["last_hidden_state_error"].to_pylist()]
    assert kinds == [None, "value", "value", "model"]  # 99 is no row of the embedding


def test_a_bad_neighbour_spoils_nothing_in_a_bigger_batch(save):
    stage = OnnxModel(model=save(graphs.tokens()), batchSize=4)
    ids = [[1], [99], [2], [3], None, [4]]
    out = stage.transform(pa.table({"input_ids": ids, "attention_mask": [[1]] * 6}))
    assert [v is None for v in out["pooled"].to_pylist()] == [
        False,
        True,
        False,
        False,
        True,
        False,
    ]


def test_wrong_use_is_said_early(save):
    path = save(graphs.linear())
    for stage, table, error, words in [
        (OnnxModel(model=path), pa.table({"y": [1.0]}), SchemaError, "'x'"),
        (OnnxModel(model=path), pa.table({"x": ["text"]}), SchemaError, r"numbers.*\[3\]"),
        (OnnxModel(model=path, feedDict={"z": "x"}), pa.table({"x": [[1.0]]}), ParamError, "input: x"),
        (OnnxModel(model=path, fetchDict={"a": "no"}), pa.table({"x": [[1.0]]}), ParamError, "logits, first"),
        (OnnxModel(model=path, argMaxDict={"first": "k"}), pa.table({"x": [[1.0]]}), ParamError, "lists"),
        (OnnxModel(model=path, argMaxDict={"logits": "first"}), pa.table({"x": [[1.0]]}), ParamError, "once"),
        (OnnxModel(model=save(graphs.picture(batch=2))), pa.table({"pixels": [[1.0]]}), SchemaError, "2 rows"),
        (OnnxModel(), pa.table({"x": [[1.0]]}), ParamError, "setModel"),
    ]:  # fmt: skip
        with pytest.raises(error, match=words):
            stage.output_schema(table.schema)
    with pytest.raises(ParamError, match="there is none"):
        OnnxModel(model="/no/such.onnx")
    with pytest.raises(ParamError, match="ONNX"):
        OnnxModel(model=save(b"not a model"))


def test_columns_made_are_the_fields(save):
    stage = OnnxModel(
        model=save(graphs.linear()), softMaxDict={"logits": "p"}, argMaxDict={"logits": "k"}
    )
    schema = pa.schema([pa.field("x", pa.list_(pa.float64()))])
    for one in (stage, stage.copy().setErrors("raise")):
        assert one.output_columns() == [f.name for f in one.output_fields(schema)]


def test_a_fixed_batch_of_one_and_listed_weights(save):
    one = OnnxModel(model=save(graphs.picture(batch=1)), batchSize=16)
    rows = [np.full(48, i, np.float32).tolist() for i in range(3)]
    assert [c[0] for c in one.transform(pa.table({"pixels": rows}))["colour"].to_pylist()] == [
        0,
        1,
        2,
    ]
    listed = OnnxModel(model=save(graphs.linear(listed=True)))
    assert listed.input_columns() == ["x"]


def test_weights_in_other_files_are_taken_in(save, tmp_path):
    model = onnx.load_from_string(graphs.linear())
    onnx.save(model, tmp_path / "m.onnx", save_as_external_data=True, size_threshold=0)
    stage = OnnxModel(model=tmp_path / "m.onnx")
    for file in tmp_path.iterdir():
        file.unlink()
    table = pa.table({"x": [[1.0, 2.0, 3.0]]})
    assert stage.transform(table).equals(OnnxModel(model=save(graphs.linear())).transform(table))


def test_a_dropped_provider_is_said(save, caplog):
    stage = OnnxModel(
        model=save(graphs.linear()), providers=["NoSuchExecutionProvider", "CPUExecutionProvider"]
    )
    with caplog.at_level(logging.WARNING, "irbis"):
        out = stage.transform(pa.table({"x": [[1.0, 2.0, 3.0]]}))
    assert out["logits_error"].to_pylist() == [None]
    assert "dropped NoSuchExecutionProvider and runs on CPUExecutionProvider" in caplog.text


def test_a_session_is_made_once_a_process(save, monkeypatch):
    made = []
    real = onnxruntime.InferenceSession
    monkeypatch.setattr(
        onnxruntime, "InferenceSession", lambda *a, **k: made.append(1) or real(*a, **k)
    )
    path = save(graphs.linear() + b"")
    table = pa.table({"x": pa.chunked_array([[[1.0, 2, 3]]] * 5)})
    first = OnnxModel(model=path, fetchDict={"z": "first"})
    second = OnnxModel(model=path, fetchDict={"u": "first"})
    for stage in (first, second):
        stage.transform(table)
    assert len(made) == 1


shapes = st.lists(st.one_of(st.none(), st.tuples(st.integers(0, 3), st.integers(0, 3))), max_size=5)


@given(shapes)
def test_nested_lists_are_the_arrays(shapes):
    rows = [
        None if s is None else np.arange(s[0] * s[1], dtype=np.float32).reshape(s) for s in shapes
    ]
    port = Port("y", "tensor", "float32", pa.float32(), (None, None), None)
    column = from_rows(rows, port)
    column.validate(full=True)
    assert column.type == port.column_type()
    assert column.to_pylist() == [None if r is None else r.tolist() for r in rows]


def test_in_a_pipeline_on_spark(spark, save):
    stage = OnnxModel(model=save(graphs.tokens()), fetchDict={"v": "pooled"})
    rows = [(i, [i, i + 1], [1, 1]) for i in range(20)] + [(20, None, [1])]
    frame = spark.createDataFrame(
        rows, "id long, input_ids array<long>, attention_mask array<long>"
    )
    found = {
        r["id"]: r["v"] for r in Pipeline(stages=[stage]).fit(frame).transform(frame).collect()
    }
    table = pa.table(
        {n: [r[i] for r in rows] for i, n in enumerate(("id", "input_ids", "attention_mask"))}
    )
    here = stage.transform(table)
    assert found == dict(zip(here["id"].to_pylist(), here["v"].to_pylist()))
