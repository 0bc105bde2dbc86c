"""ONNX Runtime: one of its packages, and what it can run on."""

from __future__ import annotations

import importlib.metadata
import json
import sys
from collections.abc import Iterator

from irbis.child import run_child
from irbis.doctor.finding import Finding, fault, ok

__all__ = ["onnx_runtime"]

_FLAVOURS = ("onnxruntime", "onnxruntime-gpu", "onnxruntime-openvino", "onnxruntime-directml")


def onnx_runtime(seconds: float) -> Iterator[Finding]:
    """ONNX Runtime: one of its packages, and what it can run on."""
    flavours = [name for name in _FLAVOURS if _there(name)]
    if len(flavours) > 1:
        yield fault(
            f"{' and '.join(flavours)} are installed",
            "they write the same files: which one runs is chance, and a GPU may go unused",
            f"pip uninstall -y {' '.join(flavours)}, then install the one you want",
        )
    code = "import json, onnxruntime as o; print(json.dumps(o.get_available_providers()))"
    said = run_child([sys.executable, "-c", code], timeout=seconds)
    if said.code != 0:
        last = (said.err.strip() or "no answer in time").splitlines()[-1]
        yield fault(
            f"ONNX Runtime does not load: {last}",
            "no network can run",
            "pip install --force-reinstall onnxruntime",
        )
        return
    providers = json.loads(said.out.splitlines()[-1])
    if "CPUExecutionProvider" in providers:
        yield ok(f"ONNX Runtime runs on {', '.join(providers)}")
    else:
        yield fault(
            f"ONNX Runtime has only {', '.join(providers)}",
            "irbis asks for CPUExecutionProvider",
            "pip install --force-reinstall onnxruntime",
        )


def _there(name: str) -> bool:
    try:
        importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return False
    return True
