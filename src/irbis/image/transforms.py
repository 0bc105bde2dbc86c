"""Chains of operations over a column of pictures: the function behind ImageTransformer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from irbis.image import operations as do
from irbis.image.codec import Picture, to_images
from irbis.image.pixels import map_pictures
from irbis.schema import column, is_image, put, to_error

__all__ = ["TENSOR", "TransformFunction"]

TENSOR = pa.list_(pa.float32())  # channels x height x width, flat


@dataclass(frozen=True)
class TransformFunction:
    """Runs a checked chain on each picture of a batch."""

    source: str
    target: str
    error: str | None
    steps: list[dict[str, Any]]
    tensor: bool
    max_pixels: int

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Transform a batch."""
        values = column(batch, self.source)
        one: Callable[[Picture], Any] = self.tensor_of if self.tensor else self.apply
        done, valid, errors = map_pictures(
            values,
            one,
            raising=self.error is None,
            at_least=self._at_least(),
            max_pixels=self.max_pixels,
        )
        rest = iter(done)
        rows: list[Any] = [next(rest) if ok else None for ok in valid]
        if self.tensor:
            batch = put(batch, self.target, _tensors(rows))
        else:
            origins = values.field("origin").to_pylist() if is_image(values.type) else None
            batch = put(batch, self.target, to_images(rows, origins or [""] * len(rows)))
        return batch if self.error is None else put(batch, self.error, to_error(errors))

    def apply(self, picture: Picture) -> Picture:
        """Run all operations that give a picture again: all but normalize."""
        for step in self.steps:
            arguments = {name: value for name, value in step.items() if name != "action"}
            if step["action"] == "resize":
                arguments["max_pixels"] = self.max_pixels
            picture = _ACTIONS[step["action"]](picture, **arguments)
        return picture

    def tensor_of(self, picture: Picture) -> npt.NDArray[np.float32]:
        """Run all operations; shape (channels, height, width)."""
        found = self.apply(picture)
        orders = [s["format"] for s in self.steps if s["action"] == "colorFormat"]
        if orders[-1:] == ["bgr"]:
            found = found[:, :, ::-1]
        last = self.steps[-1] if self.steps else {}
        if last.get("action") == "normalize":
            scaled = do.normalize(found, last["mean"], last["std"], last["colorScaleFactor"])
        else:
            scaled = found.astype(np.float32)
        return scaled.transpose(2, 0, 1)

    def _at_least(self) -> tuple[int, int] | None:
        # A chain that begins by resizing needs no more of the picture than that.
        first = self.steps[0] if self.steps else {}
        if first.get("action") != "resize" or first.get("keepAspectRatio"):
            return None
        size = first.get("size")
        return (size, size) if size else (first["width"], first["height"])


def _resize(picture: Picture, **to: Any) -> Picture:
    if to.get("keepAspectRatio"):
        return do.resize_shorter(picture, to["size"], to["max_pixels"])
    return do.resize(picture, to.get("height") or to["size"], to.get("width") or to["size"])


_ACTIONS: dict[str, Callable[..., Picture]] = {
    "resize": _resize,
    "crop": do.crop,
    "centerCrop": do.center_crop,
    "colorFormat": do.color_format,
    "blur": do.blur,
    "gaussianKernel": do.gaussian_kernel,
    "threshold": do.threshold,
    "flip": do.flip,
    "normalize": lambda picture, **_: picture,  # gives no picture; see tensor_of
}


def _tensors(rows: list[Any]) -> pa.Array:
    flat = [row.reshape(-1) for row in rows if row is not None]
    lengths = [0 if row is None else row.size for row in rows]
    offsets = np.cumsum([0, *lengths]).astype(np.int32)
    values = pa.array(np.concatenate(flat) if flat else np.zeros(0, np.float32))
    null = np.array([row is None for row in rows] + [False], dtype=bool)
    return pa.ListArray.from_arrays(pa.array(offsets, mask=null), values, type=TENSOR)
