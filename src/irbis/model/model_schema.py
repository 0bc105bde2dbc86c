"""ModelSchema: a network and everything needed to feed it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

from irbis.errors import ParamError
from irbis.files import FileRef

__all__ = ["ENDS", "ModelSchema", "model_schema"]

#: What cutOutputLayers 0, 1, 2 and 3 mean, for every network.
ENDS = ("probabilities", "logits", "pooled", "map")


@dataclass(frozen=True)
class ModelSchema:
    """A network and how to feed it.

    Parameters
    ----------
    name : str
    uri : str
        Path of the ONNX file.
    sha256 : str
        Its content.
    inputNode : str
        Name of the graph's input: float32, one picture or more, three channels.
    layerNames : tuple of str
        Layers, first layer first. "map" (the last feature map, or the tokens of a transformer),
        "pooled" (input of the classifier), "logits" and "probabilities" are called so in every
        network that has them.
    inputHeight, inputWidth : int, pixels
    mean, std : float or tuple of three floats
        Input is ``(value - mean) / std`` with values from 0 to 255, channels in `channelOrder`.
    licence : str
        Licence of the weights, "unknown" where the source does not state one.
    source : str
        Where the weights come from.
    size : int, bytes, default 0
        Of the ONNX file; 0: not known.
    layerTensors : tuple of str, default ()
        The graph's tensor for each of layerNames, or ``softmax(TENSOR)``, ``sigmoid(TENSOR)``
        where the graph does not end in one. Empty: the names are the tensors'.
    resizeTo : tuple of int or None, default None
        The published preprocessing before the centre crop: ``(short,)`` scales the short side,
        ``(height, width)`` both sides. None: not known.
    resample : str, default "bilinear"
        Filter of that resizing: nearest, box, bilinear, hamming, bicubic or lanczos.
    channelOrder : {"RGB", "BGR"}, default "RGB"
    inputLayout : {"NCHW", "NHWC"}, default "NCHW"
    fixedBatch : bool, default False
        The graph takes exactly one picture at a time.
    labels : tuple of str or None, default None
        Names of the classes, in the order of the logits.
    revision : str or None, default None
        Commit that the hub resolved the name to.
    """

    name: str
    uri: str
    sha256: str
    inputNode: str
    layerNames: tuple[str, ...]
    inputHeight: int
    inputWidth: int
    mean: float | tuple[float, ...]
    std: float | tuple[float, ...]
    licence: str
    source: str
    size: int = 0
    layerTensors: tuple[str, ...] = ()
    resizeTo: tuple[int, ...] | None = None
    resample: str = "bilinear"
    channelOrder: str = "RGB"
    inputLayout: str = "NCHW"
    fixedBatch: bool = False
    labels: tuple[str, ...] | None = None
    revision: str | None = None

    def __post_init__(self) -> None:
        # From JSON lists come; a schema is compared and hashed by value.
        for name in ("layerNames", "layerTensors", "resizeTo", "labels"):
            value = getattr(self, name)
            object.__setattr__(self, name, None if value is None else tuple(value))
        object.__setattr__(self, "mean", _channels("mean", self.mean))
        object.__setattr__(self, "std", _channels("std", self.std))
        self._check()

    def _check(self) -> None:
        if not all(self.std):  # type: ignore[arg-type]
            raise ParamError(f"std={self.std}", expected="numbers other than 0")
        if self.layerTensors and len(self.layerTensors) != len(self.layerNames):
            raise ParamError(
                f"{len(self.layerTensors)} layerTensors", expected=f"{self.numLayers}, one a layer"
            )
        for name, choices in (
            ("channelOrder", ("RGB", "BGR")),
            ("inputLayout", ("NCHW", "NHWC")),
            ("resample", ("nearest", "box", "bilinear", "hamming", "bicubic", "lanczos")),
        ):
            if getattr(self, name) not in choices:
                raise ParamError(f"{name}={getattr(self, name)!r}", expected=" or ".join(choices))
        if self.resizeTo is not None and len(self.resizeTo) not in {1, 2}:
            raise ParamError(f"resizeTo={self.resizeTo}", expected="(short,) or (height, width)")

    @property
    def numLayers(self) -> int:
        """Number of named layers."""
        return len(self.layerNames)

    @property
    def file(self) -> FileRef:
        """The file, by content."""
        return FileRef(self.uri, self.sha256)

    def layer(self, cut: int) -> str:
        """Name of the layer that is left when `cut` layers are cut from the end.

        Raises
        ------
        ParamError
            If the network has no such layer.

        Examples
        --------
        >>> from irbis import ModelDownloader
        >>> ModelDownloader().downloadByName("EfficientNetLite0").layer(2)
        'pooled'
        """
        if cut < len(ENDS) and set(ENDS) & set(self.layerNames):
            found = ENDS[cut] if ENDS[cut] in self.layerNames else None
        else:
            # Further layers stand before the four; a network may also name others altogether.
            early = [n for n in self.layerNames if n not in ENDS]
            at = cut if len(early) == self.numLayers else cut - len(ENDS)
            found = early[-1 - at] if 0 <= at < len(early) else None
        if found is None:
            wanted = f" ({ENDS[cut]})" if cut < len(ENDS) else ""
            raise ParamError(
                f"cutOutputLayers={cut}{wanted} of {self.name}",
                expected=f"one of its layers: {', '.join(self.layerNames)}",
                do="set layerName to one of them, or to any tensor of the graph",
            )
        return found

    def tensor(self, layer: str) -> str:
        """Tensor of a layer: what :func:`irbis.model.onnx_graph.cut` takes."""
        named = dict(zip(self.layerNames, self.layerTensors, strict=False))
        return named.get(layer, layer)


def _channels(name: str, value: Any) -> tuple[float, ...]:
    values = tuple(value) if isinstance(value, Sequence) else (value,) * 3
    if len(values) != 3:
        raise ParamError(f"{name}={value}", expected="a number, or one for each of 3 channels")
    return tuple(float(v) for v in values)


def model_schema(value: Any) -> dict[str, Any]:
    """Param converter: a ModelSchema, or the dict it is saved as (by this or an older version)."""
    if isinstance(value, ModelSchema):
        found = value
    else:
        known = {f.name for f in fields(ModelSchema)}
        try:
            found = ModelSchema(**{k: v for k, v in value.items() if k in known})
        except (TypeError, AttributeError):
            raise ValueError(
                "a ModelSchema, as ModelDownloader returns it, a packaged name or a path"
            ) from None
    held = asdict(found)
    return {k: list(v) if isinstance(v, tuple) else v for k, v in held.items()}
