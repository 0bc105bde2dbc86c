"""ONNX files: what they give out, and cutting them at named outputs."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from irbis.errors import ParamError

__all__ = ["cut", "output_names", "reads", "tensor_names"]

_ADDED = re.compile(r"(softmax|sigmoid)\((.*)\)", re.DOTALL)


def output_names(model: bytes) -> list[str]:
    """Names of a graph's outputs, in order."""
    import onnx

    return [o.name for o in onnx.load_from_string(model).graph.output]


def cut(model: bytes, *outputs: str) -> bytes:
    """Keep what a graph needs to compute some outputs: ONNX Runtime always runs the whole graph.

    Parameters
    ----------
    model : bytes
        An ONNX file without external data.
    *outputs : str
        Any tensors of the graph, or ``softmax(TENSOR)``, ``sigmoid(TENSOR)`` of one: the result has
        the outputs of exactly these names.

    Raises
    ------
    ParamError
        If the graph has no such tensor.
    """
    import onnx

    loaded = onnx.load_from_string(model)
    graph = loaded.graph
    names = tensor_names(loaded)
    for output in outputs:
        if output not in names and (added := _ADDED.fullmatch(output)) and added[2] in names:
            operator = added[1].capitalize()
            axis = {"axis": 1} if operator == "Softmax" else {}
            graph.node.append(onnx.helper.make_node(operator, [added[2]], [output], **axis))
        elif output not in names:
            raise ParamError(f"the layer {output!r}", expected="a tensor of the graph")
    kept = _behind(graph, outputs)
    used = {name for node in kept for name in reads(node)}
    constants = {i.name for i in graph.initializer} | {
        i.values.name for i in graph.sparse_initializer
    }
    described = {v.name: v for v in [*graph.value_info, *graph.output]}
    small = onnx.GraphProto(
        name=graph.name,
        node=kept,
        input=[i for i in graph.input if i.name in used - constants],
        # Runtime infers the type of an output that nothing describes.
        output=[described.get(name, onnx.ValueInfoProto(name=name)) for name in outputs],
        initializer=[i for i in graph.initializer if i.name in used],
        sparse_initializer=[i for i in graph.sparse_initializer if i.values.name in used],
    )
    graph.CopyFrom(small)
    return bytes(loaded.SerializeToString())


def tensor_names(model: Any) -> set[str]:
    """Names of all tensors that a graph computes."""
    return {name for node in model.graph.node for name in node.output if name}


def reads(node: Any) -> set[str]:
    """Tensors that a node reads, those of its branches (If, Loop) included."""
    found = {name for name in node.input if name}
    for attribute in node.attribute:
        for graph in [attribute.g, *attribute.graphs]:
            for inner in graph.node:
                found |= reads(inner)
            found |= {o.name for o in graph.output}
    return found


def _behind(graph: Any, outputs: Iterable[str]) -> list[Any]:
    """Nodes that some outputs need, in the graph's order."""
    producers = {name: at for at, node in enumerate(graph.node) for name in node.output}
    needed: set[int] = set()
    todo = list(outputs)
    while todo:
        at = producers.get(todo.pop())
        if at is not None and at not in needed:
            needed.add(at)
            todo += reads(graph.node[at])
    return [graph.node[at] for at in sorted(needed)]
