"""The layers of any ONNX classifier, found by walking back from what it puts out.

"probabilities" is an existing softmax or sigmoid, or a softmax of the logits; "logits" the output of
the last linear layer, "pooled" its input, "map" the last feature map before global pooling (for a
transformer: its tokens before one of them, or their mean, is taken).
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Any

from irbis.errors import DataError
from irbis.model.graph_walk import Graph

__all__ = ["find_layers"]

_PLAIN = {"Identity", "Dropout", "Cast"}
_FORM = {"Reshape", "Flatten", "Squeeze", "Unsqueeze", "Transpose"}
_SCALE = {"Add", "Sub", "Mul", "Div", "BatchNormalization", "QuantizeLinear", "DequantizeLinear"}
_ACTIVATIONS = {"Softmax", "LogSoftmax", "Sigmoid"}
_LINEAR = {"Gemm", "MatMul", "Conv"}
_POOLS = {"GlobalAveragePool", "GlobalMaxPool", "GlobalLpPool"}
_REDUCES = {"ReduceMean", "ReduceMax", "ReduceSum", "ReduceL2"}


@dataclass(frozen=True)
class _Head:
    output: str
    logits: str
    probabilities: str | None  # if the graph has them
    pooled: str | None  # None: the linear layer comes before the pooling
    map: str | None


def find_layers(graph: Graph, *, several: bool = False) -> dict[str, str]:
    """Find the layers of a classifier.

    Parameters
    ----------
    graph : Graph
    several : bool, default False
        A picture can be of several classes: probabilities are then the sigmoid of the logits.

    Returns
    -------
    dict of str to str
        Layer to tensor, first layer first; without what the network does not have.

    Raises
    ------
    DataError
        If no output is a classifier's, or several are.
    """
    heads = [h for o in graph.outputs if (h := _head(graph, o)) is not None]
    if len({h.logits for h in heads}) > 1:
        # Auxiliary and distilled heads: the name that exporters give to the one that counts.
        heads = [h for h in heads if h.output == "logits"]
    if not heads:
        return _headless(graph)
    head = heads[0]
    feature_map = head.map or (head.pooled and _feature_map(graph, head.pooled))
    probabilities = next((h.probabilities for h in heads if h.probabilities), None)
    found = {
        "map": feature_map,
        "pooled": head.pooled,
        "logits": head.logits,
        "probabilities": probabilities or f"{'sigmoid' if several else 'softmax'}({head.logits})",
    }
    return {name: tensor for name, tensor in found.items() if tensor}


def _headless(graph: Graph) -> dict[str, str]:
    """A feature extractor as Hugging Face's optimum exports it."""
    named = {"map": "last_hidden_state", "pooled": "pooler_output"}
    found = {name: tensor for name, tensor in named.items() if tensor in graph.outputs}
    if not found:
        outputs = ", ".join(f"{o} {_spelled(graph.shape(o))}" for o in graph.outputs)
        raise DataError(
            f"a network with the outputs {outputs}",
            expected="one classifier: an output of shape (n, classes) from a linear layer",
            do="say layerNames and layerTensors in a NAME.json beside the file",
        )
    return found


def _spelled(shape: Any) -> str:
    if shape is None:
        return "(shape not known)"
    return "(" + ", ".join("n" if d is None else str(d) for d in shape) + ")"


def _head(graph: Graph, output: str) -> _Head | None:
    if not _one_a_class(graph, output):
        return None
    tensor = _back(graph, output, _PLAIN | _FORM)
    node = graph.producer.get(tensor)
    probabilities = None
    if node is not None and node.op_type in _ACTIVATIONS:
        probabilities = None if node.op_type == "LogSoftmax" else output
        logits = graph.data(node)[0]
    else:
        logits = output
    linear = graph.producer.get(_back(graph, logits, _PLAIN | _FORM | _SCALE))
    if linear is None:
        return None
    data = graph.data(linear)
    if linear.op_type in _LINEAR and len(data) == 1:
        return _Head(output, logits, probabilities, data[0], None)
    if linear.op_type in _POOLS and len(graph.outputs) == 1:  # SqueezeNet: classes, then pooling
        return _Head(output, logits, probabilities, None, data[0])
    return None


def _one_a_class(graph: Graph, tensor: str) -> bool:
    shape = graph.shape(tensor)
    return shape is None or len(shape) == 2 or (len(shape) == 4 and shape[2:] == (1, 1))


def _back(graph: Graph, tensor: str, through: set[str]) -> str:
    """Walk back through nodes that change the form or the scale of one tensor only."""
    while (node := graph.producer.get(tensor)) is not None and node.op_type in through:
        data = graph.data(node)
        if len(data) != 1:
            break
        tensor = data[0]
    return tensor


def _feature_map(graph: Graph, pooled: str) -> str | None:
    """The nearest tensor behind `pooled` that still has places in it."""
    fallback = None
    todo, seen = deque([pooled]), {pooled}
    while todo:
        tensor = todo.popleft()
        node = graph.producer.get(tensor)
        if node is None:
            continue
        data = graph.data(node)
        if data and _pools(graph, node, data[0]):
            return data[0]
        if _has_places(graph, tensor):
            fallback = fallback or tensor  # flattened without pooling, as VGG does
            continue
        todo.extend(t for t in data if t not in seen)
        seen.update(data)
    return fallback


def _has_places(graph: Graph, tensor: str) -> bool:
    """Whether there is more than one place, channels first or last."""
    shape = graph.shape(tensor)
    if shape is None or len(shape) not in {3, 4}:
        return False
    return all(any(d != 1 for d in places) for places in (shape[2:], shape[1:-1]))


def _pools(graph: Graph, node: Any, source: str) -> bool:
    """Whether a node makes one vector of all places of `source`."""
    rank, made = graph.rank(source), graph.shape(node.output[0])
    if node.op_type in _REDUCES:
        return _reduces(graph, node, source)
    if node.op_type == "AveragePool":
        return made is None or all(d in {1, None} for d in made[2:])
    if node.op_type == "Gather":  # the class token
        return rank == 3 and made is not None and len(made) == 2
    if node.op_type == "Slice":
        return rank == 3 and made is not None and made[1] == 1
    return node.op_type in _POOLS


def _reduces(graph: Graph, node: Any, source: str) -> bool:
    rank = graph.rank(source)
    if graph.attribute(node, "keepdims", 1):  # a layer norm keeps them, over one axis
        axes = graph.axes(node)
        return rank == 4 and axes is not None and len(axes) > 1
    before = graph.producer.get(source)
    halfway = before is not None and before.op_type in _REDUCES
    return rank in {3, 4} and not (rank == 3 and halfway)
