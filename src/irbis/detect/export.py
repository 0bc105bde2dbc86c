"""A trained network as an ONNX file that needs nothing but ONNX Runtime. Imports torch late."""

from __future__ import annotations

from typing import Any

from irbis.extras import require
from irbis.model.onnx_export import to_onnx_bytes

__all__ = ["to_onnx"]


def to_onnx(model: Any) -> bytes:
    """Export.

    Parameters
    ----------
    model : torch.nn.Module
        From :func:`irbis.detect.training.train`.

    Returns
    -------
    bytes
        Input ``image``: float32 (3, height, width), 0 to 1, sides multiples of 32. Outputs
        ``boxes`` float32 (n, 4), ``labels`` int64 (n,), ``scores`` float32 (n,).
    """
    torch = require("torch", extra="train")

    class One(torch.nn.Module):  # type: ignore[name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, image: Any) -> tuple[Any, Any, Any]:
            found = self.model([image])[0]
            return found["boxes"], found["labels"], found["scores"]

    names = ["boxes", "labels", "scores"]
    axes = {"image": {1: "height", 2: "width"}, **{name: {0: "n"} for name in names}}
    return to_onnx_bytes(One(), torch.rand(3, 256, 320), names, axes)
