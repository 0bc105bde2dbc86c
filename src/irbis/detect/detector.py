"""Detector: a trained detector as a stage; needs ONNX Runtime only."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from irbis.converters import names, number, optional, text, whole
from irbis.detect.detections import SIZE, DetectFunction
from irbis.files import FileRef
from irbis.image.input import ReadsPictures
from irbis.params import UNSET, ParamField, param
from irbis.schema import DETECTIONS
from irbis.stage import HasErrors, Stage

__all__ = ["Detector"]


def _file(value: Any) -> dict[str, str]:
    if isinstance(value, FileRef):
        return {"path": value.path, "sha256": value.sha256}
    try:
        return {"path": str(value["path"]), "sha256": str(value["sha256"])}
    except (TypeError, KeyError):
        raise ValueError("a FileRef to an ONNX file") from None


class Detector(ReadsPictures, HasErrors, Stage):
    """Find objects in pictures with a detector that :class:`irbis.FasterRCNN` trained.

    Parameters
    ----------
    file : FileRef
        The ONNX file; saved with the stage.
    labels : list of str
        Names of the classes, first class first.
    inputCol : str, default "image"
        Encoded pictures (binary) or image structs.
    outputCol : str, default "detections"
        array<struct(xmin, ymin, xmax, ymax, label, score)>: pixels of the upright picture, best
        score first; empty where nothing was found, null where the picture failed.
    scoreThreshold : float, default 0.05, range 0 to 1
        Detections below are left out. Low on purpose: it keeps the whole precision-recall curve.
    sizeCol : str or None, default None
        Column for struct(width, height) of the upright picture, in pixels; None: not returned.
    maxDetections : int, default 100, range 1 to 10000
    longSide : int, pixels, default 320, range 64 to 4096
        Size pictures are resized to, the long side; the size it was trained at.
    threads : int, default 1, range 1 to 256
        Threads of one forward; a Spark task has spark.task.cpus cores.
    errors, errorCol
        See :class:`irbis.stage.HasErrors`.

    Examples
    --------
    >>> Detector(labels=["cat"], scoreThreshold=0.5).getScoreThreshold()
    0.5
    """

    file: ParamField[Any] = param("ONNX file, a FileRef", _file, default=UNSET)
    labels: ParamField[list[str]] = param("names of the classes", names, default=UNSET)
    outputCol: ParamField[str] = param("column of detections", text, default="detections")
    sizeCol: ParamField[str | None] = param(
        "column for the picture's width and height; None: not returned",
        optional(text),
        default=None,
    )
    scoreThreshold: ParamField[float] = param("lowest score", number(0, 1), default=0.05)
    maxDetections: ParamField[int] = param("most boxes a picture", whole(1, 10000), default=100)
    longSide: ParamField[int] = param("long side, pixels", whole(64, 4096), default=320)
    threads: ParamField[int] = param("threads of one forward", whole(1, 256), default=1)

    def files(self) -> list[FileRef]:
        """The ONNX file."""
        return [FileRef(**self.value("file"))] if self.isDefined(self.getParam("file")) else []

    def output_fields(self, schema: pa.Schema) -> list[pa.Field]:
        """Detections, and errors."""
        self.picture_field(schema)
        size = self.value("sizeCol")
        return [
            pa.field(self.value("outputCol"), DETECTIONS),
            *([pa.field(size, SIZE)] if size else []),
            *self.error_fields(),
        ]

    def make_function(self) -> DetectFunction:
        """See :class:`irbis.detect.detections.DetectFunction`."""
        return DetectFunction(
            source=self.value("inputCol"),
            target=self.value("outputCol"),
            size=self.value("sizeCol"),
            error=self.error_column(),
            file=FileRef(**self.value("file")),
            labels=tuple(self.value("labels")),
            long_side=self.value("longSide"),
            score=self.value("scoreThreshold"),
            most=self.value("maxDetections"),
            threads=self.value("threads"),
        )
