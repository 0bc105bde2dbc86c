"""Whether a graph takes pictures, and how it wants them laid out."""

from __future__ import annotations

from dataclasses import dataclass

from irbis.errors import DataError
from irbis.model.graph_walk import Graph

__all__ = ["GraphInput", "read_input"]


@dataclass(frozen=True)
class GraphInput:
    """The one input of a network for pictures; height and width are None where they may vary."""

    name: str
    layout: str
    height: int | None
    width: int | None
    fixed_batch: bool


def read_input(graph: Graph) -> GraphInput:
    """Read a graph's input.

    Raises
    ------
    DataError
        If it takes anything but float32 pictures of three channels.
    """
    import onnx

    if len(graph.inputs) != 1:
        names = ", ".join(i.name for i in graph.inputs) or "none"
        raise DataError(
            f"a network with {len(graph.inputs)} inputs ({names})",
            expected="one input: a batch of pictures",
        )
    found = graph.inputs[0]
    kind = found.type.tensor_type.elem_type
    if kind != onnx.TensorProto.FLOAT:
        raise DataError(
            f"the input {found.name} of type {onnx.TensorProto.DataType.Name(kind).lower()}",
            expected="float32",
            do="export the network without converting its inputs and outputs",
        )
    shape = graph.shape(found.name)
    if shape is None or len(shape) != 4:
        raise DataError(
            f"the input {found.name} with "
            + ("no shape" if shape is None else f"{len(shape)} dimensions"),
            expected="pictures: (n, 3, height, width) or (n, height, width, 3)",
        )
    if shape[1] != 3 and shape[3] != 3 and None not in {shape[1], shape[3]}:
        raise DataError(
            f"the input {found.name} of shape {shape}",
            expected="pictures of three channels: (n, 3, height, width) or (n, height, width, 3)",
        )
    # With a channel dimension that varies too it is as PyTorch's exporters write it.
    last = shape[3] == 3 and shape[1] != 3
    batch, height, width = shape[0], shape[1 if last else 2], shape[2 if last else 3]
    if batch not in {None, 1}:
        raise DataError(
            f"the input {found.name} of exactly {batch} pictures",
            expected="one picture, or any number",
            do="export the network with a dynamic batch size",
        )
    return GraphInput(
        found.name, "NHWC" if last else "NCHW", height or None, width or None, batch == 1
    )
