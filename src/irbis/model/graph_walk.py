"""An ONNX graph, read backwards: who made a tensor, of what shape, and does the picture matter."""

from __future__ import annotations

from typing import Any

from irbis.model.onnx_graph import reads

__all__ = ["Graph"]

Shape = tuple[int | None, ...]
# Of a picture they see the size only: what follows from them is no feature of it.
_SIZES = {"Shape", "Size"}


class Graph:
    """A model's graph with shapes inferred.

    Parameters
    ----------
    model : onnx.ModelProto
    """

    def __init__(self, model: Any) -> None:
        self.proto = model.graph
        constants = {i.name for i in model.graph.initializer}
        #: The inputs that must be fed; older exports list their weights as inputs too.
        self.inputs = [i for i in model.graph.input if i.name not in constants]
        self.outputs = [o.name for o in model.graph.output]
        self.producer = {name: node for node in model.graph.node for name in node.output}
        self._shapes = _shapes(model)
        self._depends = {i.name for i in self.inputs}
        for node in model.graph.node:
            if node.op_type not in _SIZES and reads(node) & self._depends:
                self._depends.update(node.output)

    def data(self, node: Any) -> list[str]:
        """Inputs of a node that depend on the picture, in order: no weights, no sizes."""
        return [name for name in node.input if name in self._depends]

    def shape(self, tensor: str) -> Shape | None:
        """Shape as far as it is known: None for what varies, or for all of it."""
        return self._shapes.get(tensor)

    def rank(self, tensor: str) -> int | None:
        """Number of dimensions, if known."""
        shape = self.shape(tensor)
        return None if shape is None else len(shape)

    def consumers(self, tensor: str) -> list[Any]:
        """Nodes that read a tensor."""
        return [node for node in self.proto.node if tensor in node.input]

    def attribute(self, node: Any, name: str, default: Any = None) -> Any:
        """Value of a node's attribute."""
        import onnx

        for attribute in node.attribute:
            if attribute.name == name:
                return onnx.helper.get_attribute_value(attribute)
        return default

    def axes(self, node: Any) -> list[int] | None:
        """Axes of a reduction, from 0; None if not known. They became an input with opset 18."""
        axes = self.attribute(node, "axes")
        rank = self.rank(node.input[0])
        if axes is None and len(node.input) > 1:
            axes = self.constant(node.input[1])
        if axes is None or rank is None:
            return None
        return [int(a) % rank for a in axes]

    def constant(self, tensor: str) -> Any:
        """Value of a small constant, or None."""
        from onnx import numpy_helper

        for held in self.proto.initializer:
            if held.name == tensor:
                return numpy_helper.to_array(held)
        node = self.producer.get(tensor)
        if node is not None and node.op_type == "Constant":
            value = self.attribute(node, "value")
            if value is not None:
                return numpy_helper.to_array(value)
            return self.attribute(node, "value_ints")
        return None


def _shapes(model: Any) -> dict[str, Shape]:
    from onnx import shape_inference

    try:
        graph = shape_inference.infer_shapes(model, data_prop=True).graph
    except Exception:  # a custom operator, an invalid annotation: what is stated has to do
        graph = model.graph
    found = {}
    for info in [*graph.value_info, *graph.input, *graph.output]:
        tensor = info.type.tensor_type
        if info.type.HasField("tensor_type") and tensor.HasField("shape"):
            found[info.name] = tuple(
                d.dim_value if d.HasField("dim_value") else None for d in tensor.shape.dim
            )
    return found
