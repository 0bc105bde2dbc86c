"""ONNX files: what they give out, and cutting them at a named output."""

from __future__ import annotations

__all__ = ["cut", "output_names"]


def output_names(model: bytes) -> list[str]:
    """Names of a graph's outputs, in order."""
    import onnx

    return [o.name for o in onnx.load_from_string(model).graph.output]


def cut(model: bytes, output: str) -> bytes:
    """Keep what a graph needs to compute one output: ONNX Runtime always runs the whole graph."""
    import onnx
    from onnx.utils import Extractor

    loaded = onnx.load_from_string(model)
    weights = {w.name for w in loaded.graph.initializer}  # older files list them as inputs too
    inputs = [i.name for i in loaded.graph.input if i.name not in weights]
    return bytes(Extractor(loaded).extract_model(inputs, [output]).SerializeToString())
