"""What a sidecar says of a saved pipeline: a tree with a node for each part, in order.

::

    {"kind": "pipeline",  "class", "uid", "stages": [node, ...]}
    {"kind": "stage",     "class", "uid", "params", "defaults", "nested": {param: node},
                          "files": [{"path", "sha256", "at"}]}      at: where the saved copy lies
    {"kind": "adapter",   "class", "uid", "of": class of the Spark model, "fields"}
    {"kind": "spark",     "class", "uid", "why"}                    only Spark can run it
    {"kind": "estimator", "class", "uid", "stages"}                 not fitted
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import is_dataclass
from typing import Any

from irbis import adapters
from irbis.sidecar import Arrays, encode

__all__ = ["class_name", "describe", "is_stage", "stage_folder"]


def describe(part: Any) -> tuple[dict[str, Any], Arrays]:
    """Describe a stage, a pipeline or a fitted pipeline, and collect its adapters' arrays."""
    arrays: Arrays = {}
    return _describe(part, "", arrays), arrays


def class_name(value: object) -> str:
    """Full name of an object's class."""
    return f"{type(value).__module__}.{type(value).__name__}"


def is_stage(cls: Any) -> bool:
    """Whether a class is a stage: it runs on batches or tables by itself."""
    return any(callable(getattr(cls, name, None)) for name in ("make_function", "aggregate_table"))


def stage_folder(uid: str, at: int, count: int) -> str:
    """Folder of a pipeline's stage below the pipeline's, as Spark ML names it."""
    return f"stages/{at:0{len(str(count))}d}_{uid}"


class _Describer:
    def __init__(self, root: Any, arrays: Arrays) -> None:
        self.arrays = arrays
        leaves = _leaves(root)
        labelled = adapters.with_labels(leaves)
        self.known = {id(leaf): stage for leaf, stage in zip(leaves, labelled, strict=True)}

    def node(self, part: Any, path: str) -> dict[str, Any]:
        named = {"class": class_name(part), "uid": part.uid}
        inner = _children(part)
        nodes = [self.node(child, _join(path, folder)) for child, folder in inner or []]
        if hasattr(part, "fit"):
            return {"kind": "estimator", **named, "stages": nodes}
        if inner is not None:
            return {"kind": "pipeline", **named, "stages": nodes}
        if is_stage(part) and hasattr(part, "_paramMap"):
            return {**named, **self._stage(part, path)}
        return {**named, **self._adapter(part, path)}

    def _adapter(self, part: Any, path: str) -> dict[str, Any]:
        adapter = adapters.find(self.known.get(id(part), part))
        why = "it has no adapter" if adapter is None else "its adapter is not a dataclass"
        if is_dataclass(adapter):
            try:
                held = encode(adapter, path or part.uid, self.arrays)
            except TypeError as error:
                why = f"of its adapter, {error}"
            else:
                of = {"class": class_name(adapter), "of": class_name(part)}
                return {"kind": "adapter", **of, "fields": held}
        return {"kind": "spark", "why": why}

    def _stage(self, part: Any, path: str) -> dict[str, Any]:
        params = part.saved_params() if hasattr(part, "saved_params") else _set_params(part)
        nested = {n: v for n, v in params.items() if hasattr(v, "write") and hasattr(v, "uid")}
        files = part.files() if hasattr(part, "files") else []
        return {
            "kind": "stage",
            "params": {n: v for n, v in params.items() if n not in nested},
            "defaults": {p.name: v for p, v in part._defaultParamMap.items()},
            "nested": {
                n: _describe(v, _join(path, "params", n), self.arrays) for n, v in nested.items()
            },
            "files": [
                {"path": f.path, "sha256": f.sha256, "at": _join(path, "files")} for f in files
            ],
        }


def _describe(part: Any, path: str, arrays: Arrays) -> dict[str, Any]:
    return _Describer(part, arrays).node(part, path)


def _children(part: Any) -> list[tuple[Any, str]] | None:
    """Parts of a pipeline or of a tuned model with their folders, None for anything else."""
    if is_stage(type(part)):
        return None  # whatever a Param of its own is called
    stages = part.getStages() if hasattr(part, "getStages") else getattr(part, "stages", None)
    if isinstance(stages, Sequence):
        count = len(stages)
        return [(s, stage_folder(s.uid, at, count)) for at, s in enumerate(stages)]
    return [(part.bestModel, "bestModel")] if hasattr(part, "bestModel") else None


def _set_params(part: Any) -> dict[str, Any]:
    return {p.name: v for p, v in part._paramMap.items()}


def _leaves(part: Any) -> list[Any]:
    inner = _children(part)
    return [part] if inner is None else [leaf for child, _ in inner for leaf in _leaves(child)]


def _join(*parts: str) -> str:
    return "/".join(p for p in parts if p)
