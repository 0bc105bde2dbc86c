"""All rows as one array: the bits that each row alone has."""

import graphs
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from irbis import OnnxModel
from irbis.model.onnx_blocks import from_block, to_block
from irbis.model.onnx_columns import from_rows, to_rows
from irbis.model.onnx_ports import Port, ports
from irbis.vectors import to_vectors

ARROW = {"float32": pa.float32(), "int8": pa.int8(), "bool": pa.bool_(), "float64": pa.float64()}


def port(dtype, shape):
    return Port("x", "tensor", dtype, ARROW[dtype], shape, None)


@given(
    st.integers(1, 5),
    st.integers(0, 6),
    st.sampled_from([pa.int32(), pa.float32(), pa.float64(), pa.bool_()]),
    st.sampled_from(sorted(ARROW)),
    st.sampled_from([None, (None,), (3,), (2, 3), (None, 2), (2, None)]),
    st.sampled_from(["list", "fixed", "large"]),
    st.integers(0, 2),
    st.integers(0, 2**32),
)
def test_inputs(count, length, type_, dtype, shape, kind, skipped, seed):
    numbers = np.random.default_rng(seed).normal(0, 60, (count + skipped, length))
    if not pa.types.is_floating(type_):
        numbers = numbers.astype(bool if pa.types.is_boolean(type_) else np.int32)
    lists = {
        "list": pa.list_(type_),
        "fixed": pa.list_(type_, length),
        "large": pa.large_list(type_),
    }[kind]
    column = pa.array(numbers.tolist(), lists)[skipped:]
    wanted = to_rows(column, port(dtype, shape))
    found = to_block(column, port(dtype, shape))
    if found is None:
        assert any(isinstance(r, ValueError) for r in wanted)
    else:
        wanted = np.concatenate(wanted)
        assert (found.dtype, found.shape) == (wanted.dtype, wanted.shape)
        assert found.tobytes() == wanted.tobytes()


@pytest.mark.parametrize("rows", [[], [None, [1.0]], [[1.0, None]], [[1.0], [1.0, 2.0]]])
def test_what_is_out_of_line_goes_row_by_row(rows):
    assert to_block(pa.array(rows, pa.list_(pa.float64())), port("float32", (None,))) is None


@given(
    st.lists(st.integers(0, 3), min_size=1, max_size=4),
    st.sampled_from(["float32", "bool", "uint8", "float16", "object"]),
)
def test_outputs(shape, dtype):
    arrow = {"uint8": pa.int16(), "float16": pa.float32(), "object": pa.string()}
    block = (
        np.arange(int(np.prod(shape))).reshape(shape).astype(str if dtype == "object" else dtype)
    )
    block = block.astype(dtype)
    type_ = {**ARROW, **arrow}[dtype]
    made = Port("y", "tensor", dtype, type_, (None,) * (block.ndim - 1), None)
    found, wanted = from_block(block, made), from_rows(list(block), made)
    found.validate(full=True)
    assert found.type == made.column_type()
    assert found.equals(wanted)


@pytest.mark.parametrize("batch", [1, 4])
def test_a_stage_gives_the_same_either_way(tmp_path, batch):
    path = tmp_path / "linear.onnx"
    path.write_bytes(graphs.linear())
    stage = OnnxModel(
        model=str(path),
        softMaxDict={"logits": "p"},
        argMaxDict={"logits": "k"},
        batchSize=batch,
        threads=2,
    )
    x = np.random.default_rng(1).standard_normal((11, 3))
    function, known = stage.make_function(), ports(stage.make_function().file)
    for column in (pa.array(x.tolist()), to_vectors(x, np.ones(11, bool))):
        rows = pa.record_batch({"x": column})
        whole = function._whole(rows, known)
        assert whole is not None
        assert whole.equals(function._by_rows(rows, known))
    with_null = pa.record_batch({"x": [*x.tolist(), None]})
    assert function._whole(with_null, known) is None
    if batch == 1:  # else a neighbour less changes what is multiplied together
        made, wanted = function(with_null), function(pa.record_batch({"x": x.tolist()}))
        assert made[:11].equals(wanted)
        assert made[function.error][11].as_py()["kind"] == "null"
