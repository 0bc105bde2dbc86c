"""Saved pipelines without Spark: ``irbis.load(path)`` reads the sidecar and needs no JVM."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, is_dataclass
from importlib import import_module
from pathlib import Path, PurePosixPath
from typing import Any, cast

from irbis import adapters
from irbis.errors import DataError, IrbisError
from irbis.files import FileRef, keep
from irbis.loaded_model import LoadedModel
from irbis.params import HasParams
from irbis.sidecar import NAME, Arrays, decode, digest_of, unpack
from irbis.sidecar_folder import SavedFolder
from irbis.sidecar_parts import is_stage

__all__ = ["load"]

_ADAPTER_METHODS = ("input_columns", "output_fields", "output_schema", "make_function")


def load(path: str | Path) -> LoadedModel:
    """Load a saved pipeline or stage with no Spark session and no JVM.

    The modules that the saved stages and adapters name are imported: load only what you trust, as
    with any Python package. Nothing but stages and adapters is made of them. A file that a stage
    opens (a network) is taken from where it was, from the cache, or from the saved copy.

    Parameters
    ----------
    path : str or Path
        What ``save`` was given: a local folder, or a URI of a file system that pyarrow has.

    Returns
    -------
    LoadedModel

    Raises
    ------
    DataError
        If there is nothing at `path`, if it was saved by an irbis without sidecars or with another
        format of them, if a file is damaged, a class is missing or is neither stage nor adapter,
        or a part of the pipeline runs in Spark only.

    Examples
    --------
    >>> load("/no/such/model")
    Traceback (most recent call last):
    irbis.errors.DataError: got nothing at /no/such/model; expected the folder of a saved model
    """
    folder = SavedFolder(path)
    if not folder.has(NAME):
        if not folder.has("metadata"):
            raise DataError(f"{path} without metadata", expected="the folder of a saved model")
        raise DataError(
            f"{path} without a {NAME}",
            expected="a model that irbis saved since it has them",
            do="load it in Spark (irbis.PipelineModel.load, or the class's own load) and save it "
            "again with this version",
        )
    files = folder.content(NAME, "name")
    if digest_of(files).encode() not in folder.line("metadata"):
        raise DataError(
            f"a {NAME} in {path} that is damaged, or left from something else saved there before",
            expected="the one of the model",
            do="save the model again with this version, or copy it again from where it is whole",
        )
    document, arrays = unpack(files, folder.path)
    reader = _Reader(folder, arrays)
    try:
        root = document["root"]
        reader.refuse_spark(root)
        made = reader.part(root)
    except IrbisError:
        raise
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise DataError(
            f"a {NAME} in {path} that does not fit: {error!r}",
            expected="parts as this version knows them",
            do="use the irbis that saved it, or save it again with this one",
        ) from error
    return made if isinstance(made, LoadedModel) else LoadedModel(root["uid"], (made,))


@dataclass(frozen=True)
class _Reader:
    folder: SavedFolder
    arrays: Arrays

    def refuse_spark(self, root: dict[str, Any]) -> None:
        bad = [node for node in _leaves(root) if node["kind"] in {"spark", "estimator"}]
        if not bad:
            return
        unfitted = any(node["kind"] == "estimator" for node in bad)
        said = [f"{n['class']} ({n.get('why', 'not fitted')})" for n in bad]
        raise DataError(
            f"{', '.join(said)} in {self.folder.path}",
            expected=f"fitted stages of irbis and models with an adapter "
            f"({', '.join(adapters.names())})",
            do="fit it and save the model"
            if unfitted
            else "load it in Spark, or register an adapter (irbis.adapters.register) and save again",
        )

    def part(self, node: dict[str, Any]) -> Any:
        if node["kind"] == "pipeline":
            return LoadedModel(node["uid"], tuple(self.part(n) for n in node["stages"]))
        cls = _class(node["class"])
        if node["kind"] == "adapter":
            methods = all(callable(getattr(cls, name, None)) for name in _ADAPTER_METHODS)
            if not (is_dataclass(cls) and methods):
                raise DataError(node["class"], expected="the class of an adapter")
            return cls(**{n: decode(v, self.arrays) for n, v in node["fields"].items()})
        if not (issubclass(cls, HasParams) and is_stage(cls)):
            raise DataError(node["class"], expected="the class of a stage")
        return self._stage(cls, node)

    def _stage(self, cls: type[Any], node: dict[str, Any]) -> Any:
        for entry in node["files"]:
            self._restore(entry)
        nested = {name: self.part(inner) for name, inner in node["nested"].items()}
        stage = cls()
        stage._resetUid(node["uid"])
        for name, value in {**node["params"], **nested}.items():
            stage.set(stage.getParam(name), value)
        # A default may change in a later version; what was saved keeps its own.
        known = {n: v for n, v in node["defaults"].items() if stage.hasParam(n)}
        stage._setDefault(**known)
        return stage

    def _restore(self, entry: dict[str, str]) -> None:
        ref = FileRef(entry["path"], entry["sha256"])
        try:
            ref.locate()
        except DataError:
            saved = self.folder.content(entry["at"], "sha256", ref.sha256)
            if keep(saved.get(ref.sha256, b"")).sha256 != ref.sha256:
                name = PurePosixPath(ref.path).name
                raise DataError(
                    f"a damaged copy of {name} in {self.folder.path}/{entry['at']}",
                    expected=ref.sha256,
                ) from None


def _leaves(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Nodes that are no pipelines, those in Params included; an estimator counts as one."""
    inner = [*node.get("stages", []), *node.get("nested", {}).values()]
    if node["kind"] != "pipeline":
        yield node
    if node["kind"] != "estimator":
        for child in inner:
            yield from _leaves(child)


def _class(name: str) -> type[Any]:
    module, _, attribute = name.rpartition(".")
    try:
        found = getattr(import_module(module), attribute)
    except (ImportError, AttributeError, ValueError) as error:
        raise DataError(
            f"no class {name} here ({error})",
            expected="what the saved model is made of",
            do=f"install the package that has {module or name}",
        ) from None
    if not isinstance(found, type):
        raise DataError(f"{name}, which is no class", expected="the class of a stage or an adapter")
    return cast("type[Any]", found)
