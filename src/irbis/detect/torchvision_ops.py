"""The one module that imports torchvision, and the two operators it lacks beside a CPU-only torch.

PyPI's torchvision wheels link to CUDA: beside a CPU build of torch their compiled operators can't be
loaded, and the import itself fails. Then, and only then, `nms` and `roi_align` are registered here
in NumPy and torch. With a matching pair of wheels nothing of this happens.
"""

from __future__ import annotations

import importlib
import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np

from irbis.extras import require

if TYPE_CHECKING:
    import torch

__all__ = ["fallback_is_active", "load_torchvision", "nms", "roi_align"]

_SCHEMAS = (
    "nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    "qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    (
        "roi_align(Tensor input, Tensor rois, float spatial_scale, SymInt pooled_height, "
        "SymInt pooled_width, int sampling_ratio, bool aligned) -> Tensor"
    ),
)
_library: list[Any] = []  # registrations live as long as the object that made them


def load_torchvision() -> ModuleType:
    """Import torchvision, with its operators one way or the other.

    Raises
    ------
    MissingExtraError
        Without the extra ``train``.
    RuntimeError
        Whatever else torchvision's import raises.
    """
    require("torch", extra="train")
    try:
        return require("torchvision", extra="train")
    except RuntimeError as error:
        if "torchvision::nms does not exist" not in str(error):
            raise
    for name in [m for m in sys.modules if m.split(".")[0] == "torchvision"]:
        del sys.modules[name]
    _register()
    torchvision = importlib.import_module("torchvision")
    roi_module = importlib.import_module("torchvision.ops.roi_align")
    extension = importlib.import_module("torchvision.extension")
    # A typed function rather than a lambda: the ONNX exporter compiles what calls it.
    extension._has_ops = roi_module._has_ops = _has_ops  # type: ignore[attr-defined]
    return torchvision


def fallback_is_active() -> bool:
    """Whether the operators of this module are the ones in use."""
    return bool(_library)


def _has_ops() -> bool:
    return True


def _register() -> None:
    import torch

    library: Any = torch.library.Library("torchvision", "FRAGMENT")  # type: ignore[no-untyped-call]
    for schema in _SCHEMAS:
        library.define(schema)
    library.impl("nms", nms, "CPU")
    library.impl("roi_align", roi_align, "CompositeImplicitAutograd")
    _library.append(library)


def nms(dets: torch.Tensor, scores: torch.Tensor, iou_threshold: float) -> torch.Tensor:
    """Greedy non-maximum suppression.

    Parameters
    ----------
    dets : Tensor, shape (n, 4)
        xmin, ymin, xmax, ymax.
    scores : Tensor, shape (n,)
    iou_threshold : float
        A box is dropped if it overlaps a better one by more.

    Returns
    -------
    Tensor of int64
        Kept boxes, best first.
    """
    import torch

    boxes = dets.detach().numpy().astype(np.float64)
    order = np.argsort(-scores.detach().numpy(), kind="stable")
    areas = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    kept = []
    while len(order):
        best, rest = order[0], order[1:]
        kept.append(int(best))
        low = np.maximum(boxes[best, :2], boxes[rest, :2])
        high = np.minimum(boxes[best, 2:], boxes[rest, 2:])
        overlap = np.prod(np.clip(high - low, 0, None), axis=1)
        union = areas[best] + areas[rest] - overlap
        # Not a division: two boxes without area must not meet in 0 / 0.
        order = rest[overlap <= iou_threshold * union]
    return torch.as_tensor(kept, dtype=torch.int64)


def roi_align(
    input: torch.Tensor,
    rois: torch.Tensor,
    spatial_scale: float,
    pooled_height: int,
    pooled_width: int,
    sampling_ratio: int,
    aligned: bool,
) -> torch.Tensor:
    """RoIAlign (He et al., 2017), differentiable, by bilinear sampling of a grid in each box.

    Parameters
    ----------
    input : Tensor, shape (n, channels, height, width)
    rois : Tensor, shape (k, 5)
        Index of the map, then xmin, ymin, xmax, ymax before scaling.
    spatial_scale : float
        From the boxes' coordinates to the map's.
    pooled_height, pooled_width : int
    sampling_ratio : int, from 1
        Samples a bin in each direction; the adaptive case (0 or less) is not covered.
    aligned : bool
        Whether pixel centres lie half a pixel in.

    Returns
    -------
    Tensor, shape (k, channels, pooled_height, pooled_width)
    """
    import torch
    from torch.nn.functional import grid_sample

    if sampling_ratio < 1:
        raise ValueError(f"sampling_ratio={sampling_ratio}: this fallback needs at least 1")
    channels, height, width = input.shape[1:]
    corners = rois[:, 1:] * spatial_scale - (0.5 if aligned else 0.0)
    size = corners[:, 2:] - corners[:, :2]
    if not aligned:
        size = size.clamp(min=1.0)
    xs = _samples(corners[:, 0], size[:, 0], int(pooled_width) * sampling_ratio)
    ys = _samples(corners[:, 1], size[:, 1], int(pooled_height) * sampling_ratio)
    inside = ((ys >= -1) & (ys <= height))[:, :, None] & ((xs >= -1) & (xs <= width))[:, None]
    # grid_sample wants -1..1 over the pixel centres; its border mode clamps as RoIAlign does.
    gx = xs * (2.0 / max(width - 1, 1)) - 1.0
    gy = ys * (2.0 / max(height - 1, 1)) - 1.0
    shape = (len(rois), ys.shape[1], xs.shape[1])
    grid = torch.stack([gx[:, None].expand(shape), gy[:, :, None].expand(shape)], dim=-1)
    out = input.new_zeros((len(rois), channels, int(pooled_height), int(pooled_width)))
    parts, places = [], []
    for at in range(len(input)):
        mine = torch.nonzero(rois[:, 0] == at)[:, 0]
        if not len(mine):
            continue
        flat = grid[mine].reshape(1, -1, shape[2], 2)
        sampled = grid_sample(
            input[at : at + 1], flat, mode="bilinear", padding_mode="border", align_corners=True
        )
        sampled = sampled.reshape(channels, len(mine), shape[1], shape[2]).transpose(0, 1)
        sampled = sampled * inside[mine][:, None]
        bins = sampled.reshape(
            len(mine), channels, pooled_height, sampling_ratio, pooled_width, sampling_ratio
        )
        parts.append(bins.mean(dim=(3, 5)))
        places.append(mine)
    if not parts:
        return out
    return out.index_copy(0, torch.cat(places), torch.cat(parts))


def _samples(start: torch.Tensor, size: torch.Tensor, count: int) -> torch.Tensor:
    import torch

    steps = (torch.arange(count, dtype=start.dtype, device=start.device) + 0.5) / count
    return start[:, None] + size[:, None] * steps
