"""The sidecar of a saved pipeline: all that is needed to run it without Spark, as two files.

``sidecar.json`` is a document (versions, and a tree of parts; NaN and Infinity stand in it as Python
writes them), ``arrays.arrow`` is Arrow IPC: one
row, one column for each numeric array of the adapters, its shape in the column's metadata.
:mod:`irbis.sidecar_parts` makes the document, :mod:`irbis.loading` reads it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import fields
from hashlib import sha256
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from irbis.errors import DataError

__all__ = [
    "FORMAT",
    "NAME",
    "Arrays",
    "decode",
    "digest_of",
    "encode",
    "pack",
    "parts_of",
    "unpack",
]

#: Version of the format; a reader refuses any other.
FORMAT = 1
#: Folder of the sidecar below the saved path.
NAME = "sidecar"
_JSON, _ARROW = "sidecar.json", "arrays.arrow"
_PART_BYTES = 4 << 20
_AGAIN = "save the model again, or copy it again from where it is whole"

Arrays = dict[str, npt.NDArray[Any]]


def pack(document: dict[str, Any], arrays: Arrays) -> dict[str, bytes]:
    """Make the two files; the document gets the other file's hash."""
    columns = [
        pa.LargeListArray.from_arrays([0, a.size], pa.array(a.ravel())) for a in arrays.values()
    ]
    shapes = [{"shape": json.dumps(a.shape)} for a in arrays.values()]
    schema = pa.schema(
        [pa.field(n, c.type, metadata=m) for n, c, m in zip(arrays, columns, shapes, strict=True)]
    )
    out = pa.BufferOutputStream()
    with pa.ipc.new_file(out, schema) as writer:
        if columns:
            writer.write_batch(pa.RecordBatch.from_arrays(columns, schema=schema))
    content = out.getvalue().to_pybytes()
    document = {**document, "arrays_sha256": sha256(content).hexdigest()}
    return {_JSON: json.dumps(document, indent=1).encode(), _ARROW: content}


def digest_of(files: dict[str, bytes]) -> str:
    """Hash of the document, and with it of all: the model's metadata holds it."""
    return sha256(files.get(_JSON, b"")).hexdigest()


def unpack(files: dict[str, bytes], path: str) -> tuple[dict[str, Any], Arrays]:
    """Read the two files.

    Raises
    ------
    DataError
        If they are of another version of the format, or not as they were written.
    """
    try:
        document = json.loads(files[_JSON])
        version = document["format"]
    except (ValueError, KeyError, TypeError) as error:
        raise DataError(f"a damaged {_JSON} in {path}/{NAME}: {error!r}", do=_AGAIN) from None
    if version != FORMAT:
        raise DataError(
            f"a sidecar of format {version!r} in {path}, written by irbis {document.get('irbis')}",
            expected=f"format {FORMAT}, which this version reads",
            do="install the irbis that wrote it, or save the model again with this one",
        )
    try:
        if sha256(files[_ARROW]).hexdigest() != document["arrays_sha256"]:
            raise ValueError("not the content that was saved")
        table = pa.ipc.open_file(pa.py_buffer(files[_ARROW])).read_all()
        arrays = {f.name: _array(table.column(f.name), f) for f in table.schema}
    except (pa.ArrowException, OSError, ValueError, KeyError) as error:
        raise DataError(f"a damaged {_ARROW} in {path}/{NAME}: {error!r}", do=_AGAIN) from None
    return document, arrays


def _array(held: pa.ChunkedArray, field: pa.Field) -> npt.NDArray[Any]:
    values = held.combine_chunks().flatten().to_numpy(zero_copy_only=False)
    return np.asarray(values).reshape(json.loads(field.metadata[b"shape"]))


def parts_of(files: dict[str, bytes]) -> list[tuple[str, int, bytes]]:
    """Cut files into rows (name, part, content) small enough for a row of Parquet."""
    return [
        (name, i, content[start : start + _PART_BYTES])
        for name, content in files.items()
        for i, start in enumerate(range(0, max(len(content), 1), _PART_BYTES))
    ]


def encode(adapter: Any, prefix: str, arrays: Arrays) -> dict[str, Any]:
    """Fields of an adapter as JSON; its arrays go to `arrays` under names that begin with `prefix`.

    Raises
    ------
    TypeError
        If a field holds something else than text, numbers, booleans, None, numeric arrays and
        tuples of these.
    """

    def value(held: Any, name: str) -> Any:
        if isinstance(held, np.ndarray) and held.dtype.kind in "biuf":
            arrays[name] = np.ascontiguousarray(held)
            return {"array": name}
        if isinstance(held, np.generic):
            held = held.item()
        if isinstance(held, (tuple, list)):
            return [value(v, f"{name}.{i}") for i, v in enumerate(held)]
        if held is None or isinstance(held, (str, bool, int, float)):
            return held
        raise TypeError(f"{name.removeprefix(prefix + '.')} holds a {type(held).__name__}")

    names: Iterable[str] = [f.name for f in fields(adapter)]
    return {name: value(getattr(adapter, name), f"{prefix}.{name}") for name in names}


def decode(held: Any, arrays: Arrays) -> Any:
    """Read what :func:`encode` wrote; lists become tuples, as frozen dataclasses hold them."""
    if isinstance(held, list):
        return tuple(decode(v, arrays) for v in held)
    return arrays[held["array"]] if isinstance(held, dict) else held
