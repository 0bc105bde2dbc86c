"""A saved detector that finds the same two boxes in every picture: no training, real ONNX."""

from __future__ import annotations

import numpy as np
from onnx import TensorProto, helper, numpy_helper


def tiny_detector(folder):
    from irbis import Detector
    from irbis.files import FileRef, sha256_of

    made = {
        "boxes": np.array([[8, 8, 60, 60], [70, 20, 110, 80]], np.float32),
        "labels": np.array([1, 2], np.int64),
        "scores": np.array([0.9, 0.7], np.float32),
    }
    nodes = [
        helper.make_node("Constant", [], [name], value=numpy_helper.from_array(value))
        for name, value in made.items()
    ]
    kinds = {"boxes": TensorProto.FLOAT, "labels": TensorProto.INT64, "scores": TensorProto.FLOAT}
    graph = helper.make_graph(
        nodes,
        "tiny",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, [3, "h", "w"])],
        [helper.make_tensor_value_info(n, kinds[n], made[n].shape) for n in made],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    path = folder / "tiny.onnx"
    path.write_bytes(model.SerializeToString())
    found = FileRef(path=str(path), sha256=sha256_of(path))
    return Detector(labels=["leopard", "ibex"], longSide=128).setFile(found)
