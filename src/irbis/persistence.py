"""Saving and loading through Spark's own writers: any path Spark reaches, classic and Connect.

Layout: ``metadata/`` (one JSON line, as Spark ML writes it), ``params/NAME/`` for a Param that is
itself a stage or model, ``files/`` (Parquet: sha256, part, content) for the files a stage opens,
``stages/`` for a pipeline, exactly where Spark's own pipelines have theirs, and at the top
``sidecar/`` (Parquet: name, part, content), with which :func:`irbis.load` needs no Spark.
"""

from __future__ import annotations

from contextvars import ContextVar
from pathlib import PurePosixPath
from typing import Any, TypeVar, cast

from pyspark.ml.param import Params
from pyspark.ml.util import DefaultParamsReader, DefaultParamsWriter, MLReader, MLWriter
from pyspark.sql import SparkSession

from irbis import __version__
from irbis.errors import DataError
from irbis.files import FileRef, keep
from irbis.sidecar import FORMAT, NAME, digest_of, pack, parts_of
from irbis.sidecar_parts import describe, stage_folder

__all__ = ["PipelineReader", "PipelineWriter", "StageReader", "StageWriter"]

T = TypeVar("T")
_PART_BYTES = 4 << 20
# Set while a part is saved inside another: only the outermost has a sidecar.
_inside: ContextVar[bool] = ContextVar("irbis_saving", default=False)
_NESTED = {"irbis": "nested"}  # stands in the JSON where a Param's value lies in params/NAME


def _join(path: str, *parts: str) -> str:
    return "/".join([path.rstrip("/"), *parts])


class _Writer(MLWriter):
    def __init__(self, instance: Any) -> None:
        super().__init__()
        self.instance = instance
        self._sidecar: dict[str, bytes] = {}

    def save(self, path: str) -> None:
        """Save to `path`; fails if something is there, unless overwrite() was called."""
        # Spark's own overwrite goes through the JVM; the data writer's mode does not.
        if _inside.get():
            self.saveImpl(str(path))
            return
        token = _inside.set(True)
        try:
            root, arrays = describe(self.instance)
            document = {"format": FORMAT, "irbis": __version__, "root": root}
            self._sidecar = pack(document, arrays)
            self.saveImpl(str(path))
            self._save_sidecar(str(path))
        finally:
            _inside.reset(token)

    @property
    def _mode(self) -> str:
        return "overwrite" if self.shouldOverwrite else "error"

    def _save_metadata(self, path: str, params: dict[str, Any] | None, **extra: Any) -> None:
        spark = self.sparkSession
        if self._sidecar:
            extra["sidecar_sha256"] = digest_of(self._sidecar)
        line = DefaultParamsWriter._get_metadata_to_save(self.instance, spark, extra, params)
        frame = spark.createDataFrame([(line,)], schema="value string").coalesce(1)
        frame.write.mode(self._mode).text(_join(path, "metadata"))

    def _save_sidecar(self, path: str) -> None:
        frame = self.sparkSession.createDataFrame(
            parts_of(self._sidecar), schema="name string, part int, content binary"
        )
        frame.coalesce(1).write.mode(self._mode).parquet(_join(path, NAME))

    def _save_part(self, part: Any, path: str) -> None:
        writer = part.write().session(self.sparkSession)
        (writer.overwrite() if self.shouldOverwrite else writer).save(path)


class StageWriter(_Writer):
    """Writes anything with declared Params: a stage, an estimator."""

    def saveImpl(self, path: str) -> None:
        """Write metadata, nested stages and files."""
        values = self.instance.saved_params()
        nested = {n: v for n, v in values.items() if hasattr(v, "write") and hasattr(v, "uid")}
        files: list[FileRef] = self.instance.files() if hasattr(self.instance, "files") else []
        params = {**values, **dict.fromkeys(nested, _NESTED)}
        self._save_metadata(
            path, params, files=[{"path": f.path, "sha256": f.sha256} for f in files]
        )
        for name, part in nested.items():
            self._save_part(part, _join(path, "params", name))
        if files:
            rows = [row for ref in {f.sha256: f for f in files}.values() for row in _parts(ref)]
            frame = self.sparkSession.createDataFrame(
                rows, schema="sha256 string, part int, content binary"
            )
            frame.coalesce(1).write.mode(self._mode).parquet(_join(path, "files"))


class StageReader(MLReader[Any]):
    """Reads what :class:`StageWriter` wrote."""

    def __init__(self, cls: type[Any]) -> None:
        super().__init__()
        self.cls = cls

    def load(self, path: str) -> Any:
        """Load; files that are not on this machine are taken from the saved copy.

        Raises
        ------
        DataError
            If `path` holds something else than this class.
        """
        path = str(path)
        spark = self.sparkSession
        metadata = DefaultParamsReader.loadMetadata(path, spark)
        cls = _class(metadata["class"])
        if not issubclass(cls, self.cls):
            raise DataError(f"{metadata['class']} in {path}", expected=self.cls.__name__)
        params = metadata["paramMap"]
        for name in [n for n, v in params.items() if v == _NESTED]:
            params[name] = DefaultParamsReader.loadParamsInstance(
                _join(path, "params", name), spark
            )
        _restore(metadata.get("files", []), _join(path, "files"), spark)
        instance = cls()
        cast("Params", instance)._resetUid(metadata["uid"])
        for name, value in params.items():
            instance.set(instance.getParam(name), value)
        # A default may change in a later version; what was saved keeps its own.
        for name, value in metadata["defaultParamMap"].items():
            if instance.hasParam(name):
                instance._setDefault(**{name: value})
        return instance


class PipelineWriter(_Writer):
    """Writes irbis.Pipeline and irbis.PipelineModel."""

    def saveImpl(self, path: str) -> None:
        """Write metadata and each stage with its own writer."""
        stages = stages_of(self.instance)
        self._save_metadata(path, {"stageUids": [s.uid for s in stages], "language": "Python"})
        for at, stage in enumerate(stages):
            self._save_part(stage, _join(path, stage_folder(stage.uid, at, len(stages))))


class PipelineReader(MLReader[Any]):
    """Reads what :class:`PipelineWriter` wrote, as the class it was."""

    def __init__(self, cls: type[Any]) -> None:
        super().__init__()
        self.cls = cls

    def load(self, path: str) -> Any:
        """Load a pipeline and its stages."""
        path = str(path)
        spark = self.sparkSession
        metadata = DefaultParamsReader.loadMetadata(path, spark)
        uids = metadata["paramMap"]["stageUids"]
        stages = [
            DefaultParamsReader.loadParamsInstance(
                _join(path, stage_folder(uid, at, len(uids))), spark
            )
            for at, uid in enumerate(uids)
        ]
        return self.cls(stages=stages)._resetUid(metadata["uid"])


def stages_of(pipeline: Any) -> list[Any]:
    """Stages of a Pipeline or a PipelineModel."""
    return list(pipeline.getStages() if hasattr(pipeline, "getStages") else pipeline.stages)


def _class(name: str) -> type[Any]:
    module, _, attribute = name.rpartition(".")
    return cast("type[Any]", getattr(__import__(module, fromlist=[attribute]), attribute))


def _parts(ref: FileRef) -> list[tuple[str, int, bytes]]:
    content = ref.locate().read_bytes()
    starts = range(0, max(len(content), 1), _PART_BYTES)
    return [(ref.sha256, i, content[s : s + _PART_BYTES]) for i, s in enumerate(starts)]


def _restore(files: list[dict[str, str]], path: str, spark: SparkSession) -> None:
    for entry in files:
        ref = FileRef(entry["path"], entry["sha256"])
        try:
            ref.locate()
        except DataError:
            saved = spark.read.parquet(path).where(f"sha256 = '{ref.sha256}'").orderBy("part")
            kept = keep(b"".join(bytes(row.content) for row in saved.collect()))
            if kept.sha256 != ref.sha256:
                name = PurePosixPath(ref.path).name
                raise DataError(
                    f"a damaged copy of {name} in {path}", expected=ref.sha256
                ) from None
