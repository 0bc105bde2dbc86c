"""Networks in a folder: local, or anywhere that pyarrow.fs reads."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import urlsplit

import pyarrow as pa
from pyarrow import fs

from irbis.errors import DataError, ModelNotFoundError, ParamError
from irbis.files import cache_dir
from irbis.model.atomic import replacing
from irbis.model.model_schema import ModelSchema
from irbis.model.opening import GRAPHS, companions, open_path

__all__ = ["FolderSource"]

_SCHEMES = "s3://, gs://, hdfs://, abfss:// or file://"


class FolderSource:
    """``NAME.onnx`` files and folders in the Hugging Face layout.

    Parameters
    ----------
    uri : str or Path
        A path, or a URI.
    local : Path, optional
        Where copies go. A local folder is read in place without it.
    """

    def __init__(self, uri: str | Path, local: Path | None) -> None:
        text = str(uri)
        self.shown = _shown(text)
        wrong = ParamError(
            f"source={self.shown!r}",
            expected=f"'packaged', 'hub', a folder that is there, or {_SCHEMES}",
            do="name Azure's storage abfss://, not wasbs://" if "wasb" in text else None,
        )
        if "://" not in text:
            if not Path(text).expanduser().is_dir():
                raise wrong
            text = str(Path(text).expanduser().absolute())
        try:
            self._files, self._root = fs.FileSystem.from_uri(text)
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError, OSError, ValueError):
            raise wrong from None
        self._in_place = isinstance(self._files, fs.LocalFileSystem) and local is None
        key = hashlib.sha256(text.encode()).hexdigest()[:16]
        self._copies = (local or cache_dir() / "models") / f"folder-{key}"

    def names(self) -> list[str]:
        """All that the folder has.

        Raises
        ------
        ModelNotFoundError
            If there is no such folder.
        """
        return sorted(self._graphs())

    def kept(self) -> list[str]:
        """All of a local folder; of another, those with a copy here."""
        if self._in_place:
            return self.names()
        if not self._copies.is_dir():
            return []
        return sorted(_named([p.relative_to(self._copies) for p in self._copies.rglob("*.onnx")]))

    def fetch(self, name: str) -> ModelSchema:
        """Return a network, copying it first if the folder is not on this machine."""
        graphs = self._graphs()
        if name not in graphs:
            raise ModelNotFoundError(
                f"the model name {name!r}",
                expected=f"one of {', '.join(sorted(graphs)) or 'none at all'} (in {self.shown})",
            )
        graph = graphs[name]
        for other in companions(graph, name):
            self._local(other, must=False)
        return open_path(
            self._local(graph),
            name=name,
            source=f"folder {self.shown}",
            beside=lambda other: self._local(graph.parent / other),
        )

    def _graphs(self) -> dict[str, PurePosixPath]:
        selector = fs.FileSelector(self._root, recursive=True)
        try:
            found = self._files.get_file_info(selector)
        except (OSError, pa.ArrowException) as error:
            raise ModelNotFoundError(
                f"source={self.shown!r}, which can't be listed ({type(error).__name__})",
                expected="a folder",
            ) from None
        root = PurePosixPath(self._root)
        return _named([PurePosixPath(i.path).relative_to(root) for i in found if i.is_file])

    def _local(self, relative: PurePosixPath, *, must: bool = True) -> Path:
        """Path of a file on this machine; a copy is renewed when the original has changed."""
        there = f"{self._root.rstrip('/')}/{relative}"
        info = self._files.get_file_info(there)
        here = Path(there) if self._in_place else self._copies / relative
        if must and not info.is_file:
            raise DataError(f"no file {relative} in {self.shown}", expected="it to be there")
        if self._in_place:
            return here
        if not info.is_file:  # it was there once
            here.unlink(missing_ok=True)
            return here
        mark = here.with_name(f"{here.name}.original")
        version = f"{info.size} {info.mtime_ns}"
        if not (here.exists() and mark.exists() and mark.read_text() == version):
            _copy(self._files, there, here, info.size)
            with replacing(mark) as draft:
                draft.write_text(version)
        return here


def _named(paths: list[Any]) -> dict[str, PurePosixPath]:
    """Name to graph; a file at the top goes before a folder of the same name."""
    found: dict[str, PurePosixPath] = {}
    for graph in reversed(GRAPHS):
        for path in paths:
            folder = str(path.as_posix()).removesuffix(f"/{graph}")
            if folder != path.as_posix() and "/" not in folder:
                found[folder] = PurePosixPath(path)
    top = [p for p in paths if len(p.parts) == 1 and p.suffix == ".onnx"]
    return found | {p.stem: PurePosixPath(p) for p in top}


def _copy(files: Any, there: str, here: Path, size: int) -> None:
    from tqdm import tqdm

    with (
        files.open_input_stream(there) as source,
        replacing(here) as draft,
        draft.open("wb") as target,
        tqdm.wrapattr(target, "write", total=size, desc=here.name, disable=None) as counted,
    ):
        shutil.copyfileobj(source, counted, 1 << 20)
        if counted.tell() != size:
            raise DataError(f"{here.name} of {counted.tell()} bytes", expected=f"{size}")


def _shown(uri: str) -> str:
    """A URI without user, password and query: keys stand there."""
    if "://" not in uri:
        return uri
    parts = urlsplit(uri)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
