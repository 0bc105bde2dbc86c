"""A torch module as an ONNX file."""

from __future__ import annotations

import io
import warnings
from typing import Any

from irbis.extras import require

__all__ = ["to_onnx_bytes"]


def to_onnx_bytes(
    module: Any, example: Any, outputs: list[str], axes: dict[str, dict[int, str]]
) -> bytes:
    """Export a module with one input, named ``image``.

    Parameters
    ----------
    module : torch.nn.Module
    example : torch.Tensor
        Any input of the right shape.
    outputs : list of str
        Names of what the module returns.
    axes : dict
        Dimensions that vary, by name of input or output.

    Raises
    ------
    MissingExtraError
        Without the extra ``train``.
    """
    torch = require("torch", extra="train")
    out = io.BytesIO()
    with torch.no_grad(), warnings.catch_warnings():
        # The tracer warns of every shape it looks at, and of its own age.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            module.eval(),  # the exporter puts the training flag back to what it was
            (example,),
            out,
            dynamo=False,  # the newer exporter can't follow NMS's data-dependent sizes
            opset_version=17,
            input_names=["image"],
            output_names=outputs,
            dynamic_axes=axes,
        )
    return out.getvalue()
