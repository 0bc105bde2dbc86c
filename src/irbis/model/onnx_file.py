"""ONNX files as graphs: parsed, not run."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

from irbis.errors import DataError
from irbis.files import FileRef
from irbis.model.onnx_graph import tensor_names

__all__ = ["graph_tensors", "load"]


def load(path: str | Path) -> Any:
    """Parse a file, without weights that it keeps elsewhere.

    Raises
    ------
    DataError
        If it is no ONNX file.
    """
    import onnx

    try:
        model = onnx.load_model(str(path), load_external_data=False)
    except OSError:
        raise
    except Exception as error:  # protobuf's own, which is no ValueError
        raise DataError(f"{Path(path).name}, which can't be parsed ({error})") from None
    if not model.graph.node:
        raise DataError(f"{Path(path).name}, which holds no graph", expected="an ONNX file")
    return model


@lru_cache(maxsize=32)
def graph_tensors(file: FileRef) -> frozenset[str]:
    """Names of all tensors that a network computes: what layerName can be.

    Raises
    ------
    DataError
        If the file is not on this machine.
    """
    return frozenset(tensor_names(load(file.locate())))
