"""ONNX files cut at a named output and run by ONNX Runtime, one session per process and cut."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from irbis.files import FileRef
from irbis.process_cache import cached

__all__ = ["cut", "forward", "output_names", "session"]

Tensor = npt.NDArray[np.float32]


def output_names(model: bytes) -> list[str]:
    """Names of a graph's outputs, in order."""
    import onnx

    return [o.name for o in onnx.load_from_string(model).graph.output]


def cut(model: bytes, output: str) -> bytes:
    """Keep what a graph needs to compute one output: ONNX Runtime always runs the whole graph."""
    import onnx
    from onnx.utils import Extractor

    loaded = onnx.load_from_string(model)
    inputs = [i.name for i in loaded.graph.input]
    return bytes(Extractor(loaded).extract_model(inputs, [output]).SerializeToString())


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
