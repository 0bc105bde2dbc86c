"""A chain of picture operations as data: JSON-able dicts, checked before any picture is seen."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from irbis.converters import flag, floats, number, one_of, whole
from irbis.image.decoding import MAX_PIXELS

__all__ = ["Shape", "chain", "output_shape", "step"]

#: (channels, height, width); None where it depends on the picture.
Shape = tuple[int, int | None, int | None]

_SIDE = whole(1, 65535)
_KERNEL = whole(1, 1001)
_THRESHOLDS = ("binary", "binary_inv", "trunc", "zero", "zero_inv")  # OpenCV's numbers 0 to 4


def _odd(value: Any) -> int:
    if not (size := _KERNEL(value)) % 2:
        raise ValueError("an odd whole number from 1 to 1001")
    return size


def _threshold_type(value: Any) -> str:
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < len(_THRESHOLDS):
        return _THRESHOLDS[value]
    return one_of(*_THRESHOLDS)(value)


def _color(value: Any) -> str:
    return "grey" if value in ("gray", "grey") else one_of("rgb", "bgr", "grey")(value)


def _channels(value: Any) -> list[float]:
    numbers = floats(value)
    if len(numbers) not in (1, 3):
        raise ValueError("a list of 1 or 3 numbers")
    return numbers


def _spread(value: Any) -> list[float]:
    return [number(0.0, above=True)(v) for v in _channels(value)]


_ANY = number(-math.inf)
_ACTIONS: dict[str, dict[str, Callable[[Any], Any]]] = {
    "resize": {"height": _SIDE, "width": _SIDE, "size": _SIDE, "keepAspectRatio": flag},
    "crop": {"x": whole(0), "y": whole(0), "height": _SIDE, "width": _SIDE},
    "centerCrop": {"height": _SIDE, "width": _SIDE},
    "colorFormat": {"format": _color},
    "blur": {"height": _KERNEL, "width": _KERNEL},
    "gaussianKernel": {"apertureSize": _odd, "sigma": number(0.0, above=True)},
    "threshold": {"threshold": _ANY, "maxVal": number(0, 255), "thresholdType": _threshold_type},
    "flip": {"flipCode": whole(-1, 1)},
    "normalize": {"mean": _channels, "std": _spread, "colorScaleFactor": _ANY},
}
_FORMS = ({"height", "width"}, {"size", "keepAspectRatio"})  # of resize


def step(value: Any) -> dict[str, Any]:
    """Check one operation.

    Parameters
    ----------
    value : mapping
        "action" and its arguments, all of them.

    Returns
    -------
    dict
        The same, typed.

    Raises
    ------
    ValueError
        Which says what is accepted.

    Examples
    --------
    >>> step({"action": "blur", "height": 3, "width": 3})
    {'action': 'blur', 'height': 3, 'width': 3}
    """
    if not isinstance(value, Mapping) or value.get("action") not in _ACTIONS:
        raise ValueError(f"a dict whose action is one of {', '.join(_ACTIONS)}")
    action = value["action"]
    accepted = _ACTIONS[action]
    given = {k: v for k, v in value.items() if k != "action" and v is not None}
    if action == "resize":
        if set(given) not in _FORMS:
            raise ValueError("resize with height and width, or with size and keepAspectRatio")
    elif set(given) != set(accepted):
        raise ValueError(f"{action} with {', '.join(accepted)}")
    out: dict[str, Any] = {"action": action}
    for name, argument in given.items():
        try:
            out[name] = accepted[name](argument)
        except ValueError as error:
            raise ValueError(f"{action}: {name} {error}") from None
    if action == "resize":
        sides: list[int] = [out.get(side) or out["size"] for side in ("height", "width")]
        if math.prod(sides) > MAX_PIXELS:
            raise ValueError(f"resize: at most {MAX_PIXELS} pixels")
    return out


def chain(value: Any) -> list[dict[str, Any]]:
    """Check a whole chain: each operation, and that they fit together."""
    if isinstance(value, str) or not isinstance(value, Sequence):
        raise ValueError("a list of operations")
    steps = [step(v) for v in value]
    if any(s["action"] == "normalize" for s in steps[:-1]):
        raise ValueError("normalize as the last operation")
    if steps and steps[-1]["action"] == "normalize":
        channels = output_shape(steps)[0]
        lengths = {len(steps[-1]["mean"]), len(steps[-1]["std"])}
        if lengths - {1, channels}:
            raise ValueError(f"normalize with mean and std of 1 or {channels} numbers")
    return steps


def output_shape(steps: Sequence[Mapping[str, Any]]) -> Shape:
    """Shape of what a checked chain makes of a picture.

    Examples
    --------
    >>> output_shape([{"action": "resize", "height": 8, "width": 9}])
    (3, 8, 9)
    """
    channels, height, width = 3, None, None
    for one in steps:
        if one["action"] in ("resize", "crop", "centerCrop"):
            if "size" in one:
                side = None if one["keepAspectRatio"] else one["size"]
                height, width = side, side
            else:
                height, width = one["height"], one["width"]
        elif one["action"] == "colorFormat":
            channels = 1 if one["format"] == "grey" else 3
    return channels, height, width
