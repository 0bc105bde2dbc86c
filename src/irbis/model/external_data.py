"""ONNX files that keep their weights in other files, made whole: a stage travels with one file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from typing import Any

from irbis.errors import DataError
from irbis.files import FileRef, keep, sha256_of
from irbis.model.onnx_file import load

__all__ = ["whole_file"]

_LIMIT = (2 << 30) - 1  # protobuf's, for one message


def whole_file(path: Path, beside: Callable[[str], Path]) -> FileRef:
    """Return the file, or a copy in the cache that holds the weights too.

    Parameters
    ----------
    path : Path
        The ONNX file.
    beside : callable
        Gives the path of a file by its name relative to the ONNX file's folder.

    Raises
    ------
    DataError
        If a weight's file is missing, lies outside the folder, or all of them pass 2 GiB: ONNX
        can't hold more in one file.
    """
    model = load(str(path))
    held = [(tensor, *_place(tensor)) for tensor in _external(model)]
    if not held:
        return FileRef(str(path), sha256_of(path))
    files = {name: beside(name) for name in sorted({name for _, name, _, _ in held})}
    for name, place in files.items():
        if not place.is_file():
            raise DataError(f"no {name} beside {path.name}", expected="the file with its weights")
    total = path.stat().st_size + sum(f.stat().st_size for f in files.values())
    if total > _LIMIT:
        raise DataError(
            f"{path.name} with {total >> 20} MiB of weights", expected="2 GiB at most in all"
        )
    for tensor, name, offset, length in held:
        with files[name].open("rb") as file:
            file.seek(offset)
            content = file.read() if length is None else file.read(length)
        if length is not None and len(content) != length:
            raise DataError(f"{name}, which ends before the weight {tensor.name}")
        tensor.raw_data = content
        tensor.ClearField("data_location")
        del tensor.external_data[:]
    return keep(model.SerializeToString(deterministic=True))


def _external(model: Any) -> Iterator[Any]:
    """All tensors whose content lies elsewhere: weights, and constants in nodes and branches."""
    import onnx

    for tensor in _tensors(model.graph):
        if tensor.data_location == onnx.TensorProto.EXTERNAL:
            yield tensor


def _tensors(graph: Any) -> Iterator[Any]:
    yield from graph.initializer
    for node in graph.node:
        for attribute in node.attribute:
            if attribute.HasField("t"):
                yield attribute.t
            yield from attribute.tensors
            for inner in [attribute.g, *attribute.graphs]:
                yield from _tensors(inner)


def _place(tensor: Any) -> tuple[str, int, int | None]:
    entries = {e.key: e.value for e in tensor.external_data}
    name = PurePosixPath(entries.get("location", ""))
    if name.is_absolute() or ".." in name.parts or not name.name:
        raise DataError(
            f"a network whose weight {tensor.name} lies at {str(name)!r}",
            expected="a file in the network's own folder",
        )
    length = entries.get("length")
    return str(name), int(entries.get("offset", 0)), None if length is None else int(length)
