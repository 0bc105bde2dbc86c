"""ONNX Runtime sessions: one per process, file, cut and setting; and forwards through them."""

from __future__ import annotations

import logging
import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from irbis.files import FileRef
from irbis.model.onnx_graph import cut
from irbis.process_cache import cached

__all__ = ["CPU", "Engine", "Tensor", "forward", "forward_all", "session", "task_threads"]

Tensor = npt.NDArray[np.float32]
CPU = "CPUExecutionProvider"
log = logging.getLogger("irbis")


@dataclass(frozen=True)
class Engine:
    """How a graph is run.

    Parameters
    ----------
    threads : int or None, default None
        Cores to use; None: those of the task, see :func:`task_threads`.
    providers : tuple of str, default CPU only
        ONNX Runtime's execution providers, first choice first.
    batch : int, default 1
        Rows of one forward.
    """

    threads: int | None = None
    providers: tuple[str, ...] = (CPU,)
    batch: int = 1


def task_threads(asked: int | None = None) -> int:
    """Cores this process may use.

    Spark tells its Python workers the cores of a task (``spark.task.cpus``) in OMP_NUM_THREADS; a
    process of yours has all cores it may run on, or the number you set there.

    Examples
    --------
    >>> task_threads(3)
    3
    """
    if asked is not None:
        return asked
    stated = os.environ.get("OMP_NUM_THREADS", "")
    if stated.isdigit() and int(stated) > 0:
        return int(stated)
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def session(
    file: FileRef, outputs: Sequence[str] | None, threads: int, providers: Sequence[str] = (CPU,)
) -> Any:
    """Return this process's session for a file.

    Parameters
    ----------
    file : FileRef
    outputs : sequence of str or None
        Cut the graph there: ONNX Runtime computes all of what it is given. None: the whole graph.
    threads : int
        Threads inside an operator.
    providers : sequence of str
        First choice first. One that this machine can't run is dropped by ONNX Runtime without a
        word; here it is logged as a warning.
    """
    names = None if outputs is None else tuple(outputs)

    def load() -> Any:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        content: bytes | str = str(file.locate())
        if names is not None:
            content = cut(file.locate().read_bytes(), *names)
        available = onnxruntime.get_available_providers()
        usable = [p for p in providers if p in available]
        made = onnxruntime.InferenceSession(content, options, providers=usable or [CPU])
        _warn_of_dropped(providers, made.get_providers(), available)
        return made

    return cached(("onnx", file.sha256, names, threads, tuple(providers)), load)


def _warn_of_dropped(asked: Sequence[str], got: Sequence[str], available: Sequence[str]) -> None:
    dropped = [p for p in asked if p not in got]
    if dropped:
        log.warning(
            "ONNX Runtime dropped %s and runs on %s; this installation has %s",
            ", ".join(dropped),
            ", ".join(got),
            ", ".join(available),
        )


def forward(file: FileRef, output: str, tensors: Tensor, engine: Engine | None = None) -> Tensor:
    """Run a batch up to one output.

    Parameters
    ----------
    file : FileRef
    output : str
        Name of the graph's tensor to compute.
    tensors : ndarray of float32, shape (n, 3, height, width)
    engine : Engine, optional

    Returns
    -------
    ndarray of float32, shape (n, ...)
    """
    return forward_all(file, [output], tensors, engine)[0]


def forward_all(
    file: FileRef, outputs: Sequence[str], tensors: Tensor, engine: Engine | None = None
) -> list[Tensor]:
    """Run a batch up to several outputs, in one forward; see :func:`forward`."""
    engine = engine or Engine()
    run = session(file, outputs, task_threads(engine.threads), engine.providers)
    found = run.run(list(outputs), {run.get_inputs()[0].name: tensors})
    return [np.asarray(values) for values in found]
