"""Adds our methods to Spark's readers and writers, as soon as Spark is there.

``import irbis`` installs it and imports no Spark: modules that are loaded are patched now, others
when somebody imports them.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from types import ModuleType
from typing import Any

__all__ = ["install"]

_MODES = ("server", "distributedServer", "continuousServer")


def install() -> None:
    """Install the methods; once is enough, twice does no harm."""
    for name, patch in _PATCHES.items():
        if name in sys.modules:
            patch(sys.modules[name])
    if not any(isinstance(finder, _Finder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Finder())


def _later(module: str, room: str = "serving") -> Any:
    # By name: whoever imports irbis has this module, and must not have Spark by it.
    return import_module(f"irbis.{room}.{module}")


def _session(reader: Any) -> Any:
    # Connect's reader calls its session _client's; classic's has it as _spark.
    return getattr(reader, "_spark", None) or getattr(reader, "_client", None)


def _files(*, streaming: bool) -> Callable[..., Any]:
    def file(self: Any, folder: Any, **options: Any) -> Any:
        """Read a folder of pictures with provenance; see irbis.image.source.picture_files."""
        source = _later("source", "image")
        return source.picture_files(_session(self), folder, streaming=streaming, **options)

    return file


def _reads(mode: str) -> Callable[[Any], Any]:
    def method(self: Any) -> Any:
        return _later("reader").ServingReader(_session(self), mode)

    method.__name__ = method.__qualname__ = mode
    method.__doc__ = f"Read requests: irbis's {mode}, see docs/serving.md."
    return method


def _writes(mode: str) -> Callable[[Any], Any]:
    def method(self: Any) -> Any:
        return _later("microbatch").writer(self)

    method.__name__ = method.__qualname__ = mode
    method.__doc__ = "Answer requests: call replyTo(name).start() on it."
    return method


def _patch_streaming(module: ModuleType) -> None:
    module.DataStreamReader.file = _files(streaming=True)
    for mode in _MODES:
        setattr(module.DataStreamReader, mode, _reads(mode))
        setattr(module.DataStreamWriter, mode, _writes(mode))


def _patch_readers(module: ModuleType) -> None:
    module.DataFrameReader.file = _files(streaming=False)


def _patch_frames(module: ModuleType) -> None:
    def parseRequest(self: Any, schema: Any, outputCol: str | None = None) -> Any:
        """Read the body of each request; see irbis.serving.frame.ServingFrame.parseRequest."""
        return _later("microbatch").parse_request(self, schema, outputCol)

    def makeReply(self: Any, replyCol: str, imageFormat: str = "PNG") -> Any:
        """Answer with a column; see irbis.serving.frame.ServingFrame.makeReply."""
        return _later("microbatch").make_reply(self, replyCol, imageFormat)

    module.DataFrame.parseRequest = parseRequest
    module.DataFrame.makeReply = makeReply


_PATCHES: dict[str, Callable[[ModuleType], None]] = {
    "pyspark.sql.streaming.readwriter": _patch_streaming,
    "pyspark.sql.connect.streaming.readwriter": _patch_streaming,
    "pyspark.sql.readwriter": _patch_readers,
    "pyspark.sql.connect.readwriter": _patch_readers,
    "pyspark.sql.dataframe": _patch_frames,
}


class _Finder(MetaPathFinder):
    """Finds the modules to patch as everybody would, and has a word after they are loaded."""

    def __init__(self) -> None:
        self.looking: set[str] = set()

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        del path, target
        if fullname not in _PATCHES or fullname in self.looking:
            return None
        self.looking.add(fullname)
        try:
            spec = find_spec(fullname)
        finally:
            self.looking.discard(fullname)
        if spec is not None and spec.loader is not None:
            spec.loader = _Patching(spec.loader, _PATCHES[fullname])
        return spec


class _Patching(Loader):
    def __init__(self, loader: Loader, patch: Callable[[ModuleType], None]) -> None:
        self.loader, self.patch = loader, patch

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self.loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        self.loader.exec_module(module)
        self.patch(module)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.loader, name)
