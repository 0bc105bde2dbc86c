"""A network on this machine, with the files that stand beside it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path, PurePath
from typing import TypeVar

from irbis.errors import DataError, ModelNotFoundError
from irbis.model.describe import describe, read_json
from irbis.model.external_data import whole_file
from irbis.model.model_schema import ModelSchema

__all__ = ["GRAPHS", "companions", "open_path"]

#: Where a folder in the Hugging Face layout has its graph, the first one that is there.
GRAPHS = ("model.onnx", "onnx/model.onnx")
_CONFIG, _PROCESSOR = "config.json", "preprocessor_config.json"

P = TypeVar("P", bound=PurePath)


def companions(graph: P, name: str) -> list[P]:
    """Files that may stand beside a graph and say more of it, the first one before the others.

    Examples
    --------
    >>> from pathlib import PurePosixPath
    >>> [str(p) for p in companions(PurePosixPath("cats.onnx"), "cats")]
    ['cats.json']
    """
    top = _top(graph)
    found = [top / f"{name}.json", graph.with_suffix(".json")]
    if graph.stem.startswith("model"):  # the layout's own name: the configuration is this graph's
        found += [top / _CONFIG, top / _PROCESSOR]
    return list(dict.fromkeys(found))


def _top(graph: P) -> P:
    return graph.parent.parent if graph.parent.name == "onnx" else graph.parent


def open_path(
    path: Path,
    *,
    name: str | None = None,
    source: str | None = None,
    beside: Callable[[str], Path] | None = None,
    licence: str = "unknown",
    revision: str | None = None,
) -> ModelSchema:
    """Open a network.

    Parameters
    ----------
    path : Path
        An ONNX file, or a folder in the Hugging Face layout.
    name : str, optional
        Default: the file's, or the folder's.
    source, licence, revision : str, optional
        As in :class:`irbis.ModelSchema`.
    beside : callable, optional
        Gives the path of a file with weights by its name; default: in the graph's folder.

    Raises
    ------
    ModelNotFoundError
        If the folder has no graph.
    DataError
        If it can't be read, is no classifier, or has another content than its JSON says.
    """
    given, path = path, path.absolute()
    if path.is_dir():
        graph = next((path / g for g in GRAPHS if (path / g).is_file()), None)
        if graph is None:
            raise ModelNotFoundError(f"{given}", expected=f"a folder with {' or '.join(GRAPHS)}")
        path = graph
    name = name or (_top(path).name if path.name == "model.onnx" else path.stem)
    found = {p.name: p for p in companions(path, name) if p.is_file()}
    config, processor = (
        read_json(found.pop(n)) if n in found else None for n in (_CONFIG, _PROCESSOR)
    )
    note = next(iter(found.values()), None)
    stated = {} if note is None else read_json(note)
    file = whole_file(path, beside or path.parent.joinpath)
    size = Path(file.path).stat().st_size
    for key, value in (("sha256", file.sha256), ("size", size)):
        if stated.get(key, value) != value:
            raise DataError(
                f"{path.name} with {key} {value}", expected=f"{stated[key]}, as its JSON says"
            )
    return describe(
        file,
        name=name,
        source=source or f"file {given}",
        config=config,
        processor=processor,
        stated=stated,
        licence=licence,
        revision=revision,
    )
