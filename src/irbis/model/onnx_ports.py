"""Inputs and outputs of an ONNX graph as Arrow types: what a column must be, what comes out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from irbis.errors import DataError
from irbis.files import FileRef
from irbis.process_cache import cached

__all__ = ["Port", "Ports", "ports"]

# ONNX's element types by number (onnx.proto3, TensorProto.DataType).
_TYPES: dict[int, tuple[str, pa.DataType]] = {
    1: ("float32", pa.float32()),
    2: ("uint8", pa.int16()),  # Spark has no unsigned numbers: the next type that holds them
    3: ("int8", pa.int8()),
    4: ("uint16", pa.int32()),
    5: ("int16", pa.int16()),
    6: ("int32", pa.int32()),
    7: ("int64", pa.int64()),
    8: ("object", pa.string()),
    9: ("bool", pa.bool_()),
    10: ("float16", pa.float32()),
    11: ("float64", pa.float64()),
    12: ("uint32", pa.int64()),
}


@dataclass(frozen=True)
class Port:
    """An input or an output of a graph.

    Parameters
    ----------
    name : str
    kind : {"tensor", "map"}
        "map": one map a row, as scikit-learn's classifiers give their probabilities.
    dtype : str
        NumPy's name of the element type; "object" for strings.
    arrow : pa.DataType
        Of one element; of a map's values.
    shape : tuple of (int or None), or None
        Of one row, the batch dimension left out; None where it varies. None: the rank is unknown.
    batch : int or None
        Size of the batch dimension where the graph fixes it.
    key : pa.DataType or None
        Of a map's keys.
    """

    name: str
    kind: str
    dtype: str
    arrow: pa.DataType
    shape: tuple[int | None, ...] | None
    batch: int | None
    key: pa.DataType | None = None

    def column_type(self) -> pa.DataType:
        """Arrow type of a column of this port: a list a dimension; a flat one if the rank is unknown."""
        if self.key is not None:
            return pa.map_(self.key, self.arrow)
        type_ = self.arrow
        for _ in self.shape if self.shape is not None else (None,):
            type_ = pa.list_(type_)
        return type_


@dataclass(frozen=True)
class Ports:
    """All inputs and outputs, in the graph's order."""

    inputs: dict[str, Port]
    outputs: dict[str, Port]


def ports(file: FileRef) -> Ports:
    """Read the ports of a file, once a process.

    Raises
    ------
    DataError
        If it is no ONNX model, or has a port that no column can be.
    """
    return cached(("ports", file.sha256), lambda: _read(file))


def _read(file: FileRef) -> Ports:
    import onnx

    path = file.locate()
    try:
        graph = onnx.load(str(path), load_external_data=False).graph
    except Exception as error:  # protobuf and onnx raise classes of their own
        raise DataError(f"{path}: {type(error).__name__}", expected="an ONNX model") from None
    if not graph.output:
        raise DataError(f"{path} without outputs", expected="an ONNX model")
    weights = {w.name for w in graph.initializer}  # older files list them as inputs too
    return Ports(
        {i.name: _port(i) for i in graph.input if i.name not in weights},
        {o.name: _port(o) for o in graph.output},
    )


def _port(value: Any) -> Port:
    held = value.type
    if held.HasField("sequence_type"):
        inner = held.sequence_type.elem_type
        if inner.HasField("map_type"):
            key, item = inner.map_type.key_type, inner.map_type.value_type.tensor_type.elem_type
            dtype, arrow = _element(value.name, item)
            return Port(value.name, "map", dtype, arrow, None, None, _element(value.name, key)[1])
    if not held.HasField("tensor_type"):
        raise DataError(f"port {value.name!r} that is no tensor", expected="tensors, or maps a row")
    tensor = held.tensor_type
    dtype, arrow = _element(value.name, tensor.elem_type)
    if not tensor.HasField("shape"):
        return Port(value.name, "tensor", dtype, arrow, None, None)
    sizes = [
        d.dim_value if d.HasField("dim_value") and d.dim_value > 0 else None
        for d in tensor.shape.dim
    ]
    if not sizes:
        raise DataError(f"port {value.name!r} that is one number", expected="a batch of rows first")
    return Port(value.name, "tensor", dtype, arrow, tuple(sizes[1:]), sizes[0])


def _element(name: str, number: int) -> tuple[str, pa.DataType]:
    if number not in _TYPES:
        raise DataError(
            f"port {name!r} of ONNX's type {number}", expected="numbers, booleans, text"
        )
    return _TYPES[number]
