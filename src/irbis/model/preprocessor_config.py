"""How a network wants its pictures, read from the configuration that comes with it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from irbis.errors import DataError

__all__ = ["Preprocessing", "read_preprocessor", "read_timm"]

_FILTERS = {0: "nearest", 1: "lanczos", 2: "bilinear", 3: "bicubic", 4: "box", 5: "hamming"}
# Processors to which a bare number means a square, not the short side.
_SQUARE = {"ViT", "DeiT", "Beit", "EfficientNet"}
_CONVNEXT_WHOLE = 384  # from this size on ConvNext's processor crops nothing


@dataclass(frozen=True)
class Preprocessing:
    """Fields of a ModelSchema that say how a picture becomes the input."""

    inputHeight: int
    inputWidth: int
    mean: tuple[float, ...]
    std: tuple[float, ...]
    resizeTo: tuple[int, ...] | None
    resample: str
    channelOrder: str = "RGB"


def read_preprocessor(config: dict[str, Any]) -> Preprocessing:
    """Read a Hugging Face ``preprocessor_config.json``.

    Raises
    ------
    DataError
        If it says no size, or nothing that is understood.

    Examples
    --------
    >>> found = read_preprocessor({
    ...     "image_processor_type": "ConvNextImageProcessor", "size": {"shortest_edge": 224},
    ...     "crop_pct": 0.875, "resample": 3, "image_mean": [0.5] * 3, "image_std": [0.5] * 3})
    >>> found.resizeTo, found.inputHeight, found.mean
    ((256,), 224, (127.5, 127.5, 127.5))
    """
    if "pretrained_cfg" in config:
        return read_timm(config["pretrained_cfg"])
    try:
        kind = _kind(config)
        height, width, resize = _sizes(config, kind)
        mean, std = _statistics(config)
        resample = _FILTERS[int(config.get("resample", 2))]
    except (LookupError, TypeError, ValueError, ZeroDivisionError) as error:
        raise DataError(
            f"a preprocessor_config.json that can't be read ({type(error).__name__}: {error})",
            expected="the configuration of an image processor of transformers",
        ) from None
    flipped = config.get("do_flip_channel_order", False)
    return Preprocessing(
        inputHeight=height,
        inputWidth=width,
        mean=mean,
        std=std,
        resizeTo=resize if config.get("do_resize", True) else None,
        resample=resample,
        channelOrder="BGR" if flipped else "RGB",
    )


def read_timm(config: dict[str, Any]) -> Preprocessing:
    """Read the ``pretrained_cfg`` of a timm model."""
    try:
        _, height, width = config["input_size"]
        scaled = [math.floor(s / config.get("crop_pct", 1.0)) for s in (height, width)]
        mode = config.get("crop_mode", "center")
        resize = {"center": (min(scaled),), "squash": tuple(scaled)}.get(mode)
        return Preprocessing(
            inputHeight=int(height),
            inputWidth=int(width),
            mean=tuple(255.0 * m for m in config["mean"]),
            std=tuple(255.0 * s for s in config["std"]),
            resizeTo=resize,
            resample=str(config.get("interpolation", "bilinear")),
        )
    except (LookupError, TypeError, ValueError) as error:
        raise DataError(f"a pretrained_cfg that can't be read ({error})") from None


def _kind(config: dict[str, Any]) -> str:
    named = config.get("image_processor_type") or config.get("feature_extractor_type") or ""
    for ending in ("Fast", "ImageProcessor", "FeatureExtractor"):
        named = str(named).removesuffix(ending)
    return named


def _pair(size: Any) -> tuple[int, ...]:
    """``(short,)`` or ``(height, width)`` of a size as transformers writes it."""
    if isinstance(size, dict):
        if "shortest_edge" in size:
            return (int(size["shortest_edge"]),)
        return int(size["height"]), int(size["width"])
    if isinstance(size, (list, tuple)):
        return int(size[0]), int(size[1])
    return (int(size),)


def _square(size: tuple[int, ...]) -> tuple[int, int]:
    return size[0], size[-1]


def _sizes(config: dict[str, Any], kind: str) -> tuple[int, int, tuple[int, ...] | None]:
    """Input height and width, and what the picture is resized to before the crop."""
    size = _pair(config["size"]) if "size" in config else ()
    percent = config.get("crop_pct")
    if kind == "ConvNext":
        side = size[0]
        if side >= _CONVNEXT_WHOLE:
            return side, side, (side, side)
        return side, side, (int(side / (percent or 224 / 256)),)
    if (
        not isinstance(config.get("size"), dict)
        and len(size) == 1
        and (kind in _SQUARE or not config.get("do_center_crop"))
    ):
        size = _square(size)
    if config.get("do_center_crop"):
        height, width = _square(_pair(config["crop_size"]))
        if kind == "Levit" and len(size) == 1:
            return height, width, (int(256 / 224 * size[0]),)
        if percent is not None:
            scaled = tuple(int(s / percent) for s in size)
            size = scaled[:1] if len(set(scaled)) == 1 else scaled
        return height, width, size or None
    if len(size) == 2:
        return size[0], size[1], size
    return size[0], size[0], None  # the short side and no crop: any shape of picture


def _statistics(config: dict[str, Any]) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Mean and std of values from 0 to 255."""
    factor = float(config.get("rescale_factor", 1 / 255)) if config.get("do_rescale", True) else 1.0
    mean, std = [0.0] * 3, [1.0] * 3
    if config.get("do_normalize", "image_mean" in config):  # MobileViT's does not normalise
        mean, std = _three(config["image_mean"]), _three(config["image_std"])
        if config.get("include_top"):  # EfficientNet's processor divides a second time
            std = [s * s for s in std]
    offset = 1.0 if config.get("rescale_offset") else 0.0
    return tuple((m + offset) / factor for m in mean), tuple(s / factor for s in std)


def _three(value: Any) -> list[float]:
    values = list(value) if isinstance(value, (list, tuple)) else [value] * 3
    if len(values) != 3:
        raise ValueError(f"{len(values)} channels")
    return [float(v) for v in values]
