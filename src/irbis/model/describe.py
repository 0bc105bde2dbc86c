"""What a file on this machine is: its graph and the configuration beside it make a ModelSchema."""

from __future__ import annotations

import json
import warnings
from dataclasses import asdict, dataclass, fields
from functools import lru_cache
from pathlib import Path
from typing import Any

from irbis.errors import DataError
from irbis.files import FileRef
from irbis.model.graph_input import GraphInput, read_input
from irbis.model.graph_walk import Graph
from irbis.model.layers import find_layers
from irbis.model.model_schema import ModelSchema
from irbis.model.onnx_file import load
from irbis.model.preprocessor_config import Preprocessing, read_preprocessor, read_timm

__all__ = ["describe", "read_json"]

# The statistics of ImageNet, which most published classifiers were trained with.
_IMAGENET = ((123.675, 116.28, 103.53), (58.395, 57.12, 57.375))


@dataclass(frozen=True)
class _Facts:
    input: GraphInput
    layers: dict[str, str] | DataError
    classes: int | None


def describe(
    file: FileRef,
    *,
    name: str,
    source: str,
    config: dict[str, Any] | None = None,
    processor: dict[str, Any] | None = None,
    stated: dict[str, Any] | None = None,
    licence: str = "unknown",
    revision: str | None = None,
) -> ModelSchema:
    """Make the schema of a network.

    Parameters
    ----------
    file : FileRef
        The ONNX file, its weights inside.
    name, source, licence, revision : str
        As in :class:`ModelSchema`.
    config, processor : dict, optional
        ``config.json`` and ``preprocessor_config.json`` of the Hugging Face layout.
    stated : dict, optional
        ``NAME.json``: any fields of a ModelSchema; they go before all that is found.

    Raises
    ------
    DataError
        If the file is no ONNX, no classifier of single pictures, or its size can't be known.
    """
    config, stated = config or {}, stated or {}
    known = {f.name for f in fields(ModelSchema)}
    if wrong := sorted(set(stated) - known):
        raise DataError(f"{name}.json with {', '.join(wrong)}", expected="fields of a ModelSchema")
    several = config.get("problem_type") == "multi_label_classification"
    facts = _facts(file, several)
    if "layerNames" not in stated and isinstance(facts.layers, DataError):
        raise facts.layers
    layers = {} if isinstance(facts.layers, DataError) else facts.layers
    found: dict[str, Any] = {
        "name": name,
        "uri": file.path,
        "sha256": file.sha256,
        "size": Path(file.path).stat().st_size,
        "inputNode": facts.input.name,
        "inputLayout": facts.input.layout,
        "fixedBatch": facts.input.fixed_batch,
        "layerNames": tuple(layers),
        "layerTensors": tuple(layers.values()),
        "licence": licence,
        "source": source,
        "labels": _labels(config, facts.classes),
        "revision": revision,
        **_preparation(facts.input, config, processor, stated, name),
    }
    if "layerNames" in stated:
        found["layerTensors"] = ()
    return ModelSchema(**{**found, **stated, "uri": file.path, "sha256": file.sha256})


def _preparation(
    graph: GraphInput,
    config: dict[str, Any],
    processor: dict[str, Any] | None,
    stated: dict[str, Any],
    name: str,
) -> dict[str, Any]:
    """Size, statistics and cropping: the processor's, but the size is the graph's if it is fixed."""
    rule: Preprocessing | None = None
    if processor:
        rule = read_preprocessor(processor)
    elif "pretrained_cfg" in config:
        rule = read_timm(config["pretrained_cfg"])
    side = config.get("image_size")
    height, width = (side, side) if isinstance(side, int) else (None, None)
    if rule is not None:
        height, width = rule.inputHeight, rule.inputWidth
    found = asdict(rule) if rule is not None else {}
    if (graph.height, graph.width) != (None, None):
        if rule is not None and (graph.height, graph.width) != (height, width):
            found["resizeTo"] = None  # published for another size
        height, width = graph.height, graph.width
    found |= {"inputHeight": height, "inputWidth": width}
    if rule is None and not {"mean", "std"} <= set(stated):
        warnings.warn(
            f"{name}: nothing says how its pictures are normalised; taken are the statistics of "
            f"ImageNet. Write mean and std (of values from 0 to 255) into {name}.json.",
            stacklevel=2,
        )
        found |= {"mean": _IMAGENET[0], "std": _IMAGENET[1]}
    merged = {**found, **stated}
    if not (merged.get("inputHeight") and merged.get("inputWidth")):
        raise DataError(
            f"{name}, which takes pictures of any size, and nothing says which is right",
            expected="a preprocessor_config.json beside it",
            do=f"write inputHeight and inputWidth into {name}.json",
        )
    fixed = {"inputHeight": graph.height, "inputWidth": graph.width}
    for key, value in fixed.items():
        if value is not None and merged[key] != value:
            raise DataError(f"{key}={merged[key]} in {name}.json", expected=f"{value}, the graph's")
    return found


def _labels(config: dict[str, Any], classes: int | None) -> tuple[str, ...] | None:
    named = config.get("id2label") or dict(enumerate(config.get("label_names") or ()))
    try:
        labels = tuple(str(named[k]) for k in sorted(named, key=int))
        whole = [int(k) for k in sorted(named, key=int)] == list(range(len(labels)))
    except (TypeError, ValueError):
        return None
    fits = classes is None or classes == len(labels)
    return labels if labels and whole and fits else None


@lru_cache(maxsize=32)
def _facts(file: FileRef, several: bool) -> _Facts:
    """The graph's part: depends on the content only, and takes a second for a large network."""
    graph = Graph(load(file.path))
    found = read_input(graph)
    try:
        layers = find_layers(graph, several=several)
    except DataError as error:
        return _Facts(found, error, None)
    shape = graph.shape(layers.get("logits", ""))
    return _Facts(found, layers, shape[1] if shape and len(shape) > 1 else None)


def read_json(path: Path) -> dict[str, Any]:
    """Read a JSON object.

    Raises
    ------
    DataError
        If the file is none.
    """
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise DataError(f"{path.name}: {error}", expected="JSON") from None
    if not isinstance(value, dict):
        raise DataError(f"{path.name}: {type(value).__name__}", expected="a JSON object")
    return value
