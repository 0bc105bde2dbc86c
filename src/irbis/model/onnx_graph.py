"""ONNX files cut at a named output and run by ONNX Runtime, one session per process and cut."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import numpy.typing as npt

from irbis.errors import ParamError
from irbis.files import FileRef
from irbis.process_cache import cached

__all__ = ["cut", "forward", "output_names", "reads", "session", "tensor_names"]

Tensor = npt.NDArray[np.float32]
_ADDED = re.compile(r"(softmax|sigmoid)\((.*)\)", re.DOTALL)


def output_names(model: bytes) -> list[str]:
    """Names of a graph's outputs, in order."""
    import onnx

    return [o.name for o in onnx.load_from_string(model).graph.output]


def cut(model: bytes, output: str) -> bytes:
    """Keep what a graph needs to compute one output: ONNX Runtime always runs the whole graph.

    Parameters
    ----------
    model : bytes
        An ONNX file without external data.
    output : str
        Any tensor of the graph, or ``softmax(TENSOR)``, ``sigmoid(TENSOR)`` of one: the result has
        one output, of exactly this name.

    Raises
    ------
    ParamError
        If the graph has no such tensor.
    """
    import onnx

    loaded = onnx.load_from_string(model)
    graph = loaded.graph
    names = tensor_names(loaded)
    if output not in names and (added := _ADDED.fullmatch(output)) and added[2] in names:
        operator = added[1].capitalize()
        axis = {"axis": 1} if operator == "Softmax" else {}
        graph.node.append(onnx.helper.make_node(operator, [added[2]], [output], **axis))
    elif output not in names:
        raise ParamError(f"the layer {output!r}", expected="a tensor of the graph")
    kept = _behind(graph, output)
    used = {name for node in kept for name in reads(node)}
    constants = {i.name for i in graph.initializer} | {
        i.values.name for i in graph.sparse_initializer
    }
    described = [v for v in [*graph.output, *graph.value_info] if v.name == output]
    small = onnx.GraphProto(
        name=graph.name,
        node=kept,
        input=[i for i in graph.input if i.name in used - constants],
        # Runtime infers the type of an output that nothing describes.
        output=described[:1] or [onnx.ValueInfoProto(name=output)],
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


def _behind(graph: Any, output: str) -> list[Any]:
    """Nodes that an output needs, in the graph's order."""
    producers = {name: at for at, node in enumerate(graph.node) for name in node.output}
    needed: set[int] = set()
    todo = [output]
    while todo:
        at = producers.get(todo.pop())
        if at is not None and at not in needed:
            needed.add(at)
            todo += reads(graph.node[at])
    return [graph.node[at] for at in sorted(needed)]


def session(file: FileRef, output: str, threads: int) -> Any:
    """Return the process's ONNX Runtime session for a file cut at `output`."""

    def load() -> Any:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        content = cut(file.locate().read_bytes(), output)
        return onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])

    return cached(("onnx", file.sha256, output, threads), load)


def forward(file: FileRef, output: str, tensors: Tensor, threads: int = 1) -> Tensor:
    """Run a batch.

    Parameters
    ----------
    file : FileRef
    output : str
        Name of the graph's output to compute.
    tensors : ndarray of float32, shape (n, 3, height, width)
    threads : int, default 1
        Threads inside an operator; a Spark task has one core unless spark.task.cpus says more.

    Returns
    -------
    ndarray of float32, shape (n, ...)
    """
    run = session(file, output, threads)
    return np.asarray(run.run([output], {run.get_inputs()[0].name: tensors})[0])
