"""FasterRCNN: the estimator that turns pictures with boxes into a Detector."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from pyspark.ml import Estimator
from pyspark.ml.util import MLReadable, MLWritable
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from irbis.converters import names, number, text, whole
from irbis.detect.detector import Detector
from irbis.errors import DataError, SchemaError
from irbis.extras import require
from irbis.files import keep
from irbis.image.codec import Picture, PictureError, pictures
from irbis.image.input import picture_field
from irbis.params import UNSET, HasParams, ParamField, param
from irbis.persistence import StageReader, StageWriter
from irbis.schema import DETECTIONS, column, field_of
from irbis.spark_schema import arrow_schema, quoted

__all__ = ["FasterRCNN"]


class FasterRCNN(HasParams, Estimator, MLReadable[Any], MLWritable):
    """Train a Faster R-CNN (Ren et al., 2015) on an EfficientNet-Lite0 backbone, on one machine.

    The backbone starts from ImageNet weights, which saw no boxes; everything else is learned from
    the rows. Rows with an empty list of boxes are pictures without an object; rows whose boxes are
    null, and pictures that can't be decoded, are left out. The pictures are gathered on the driver.

    Parameters
    ----------
    inputCol : str, default "image"
        Encoded pictures (binary) or image structs.
    boxesCol : str, default "boxes"
        array<struct(xmin, ymin, xmax, ymax, label, score)>, pixels of the upright picture.
    labels : list of str
        Classes to learn; boxes with another label are left out.
    iterations : int, default 120, from 1
        Training steps. On boxes that were guessed more is not better.
    batchSize : int, pictures, default 4, range 1 to 64
    negativesPerBatch : int, pictures, default 1, range 0 to 63
        Pictures without an object in each batch, if there are any.
    learningRate : float, default 3e-4, above 0
    longSide : int, pixels, default 320, range 64 to 1024
        Pictures are resized to this long side.
    threads : int, default 1, range 1 to 256
    seed : int, default 0

    Raises
    ------
    MissingExtraError
        Without the extra ``train``.
    DataError
        If no row has a box of one of the labels.

    Examples
    --------
    >>> FasterRCNN(labels=["cat"], iterations=60).getIterations()
    60
    """

    inputCol: ParamField[str] = param("column of pictures", text, default="image")
    boxesCol: ParamField[str] = param("column of boxes", text, default="boxes")
    labels: ParamField[list[str]] = param("classes to learn", names, default=UNSET)
    iterations: ParamField[int] = param("training steps", whole(1), default=120)
    batchSize: ParamField[int] = param("pictures a step", whole(1, 64), default=4)
    negativesPerBatch: ParamField[int] = param(
        "pictures without an object a step", whole(0, 63), default=1
    )
    learningRate: ParamField[float] = param("learning rate", number(0, above=True), default=3e-4)
    longSide: ParamField[int] = param("long side, pixels", whole(64, 1024), default=320)
    threads: ParamField[int] = param("threads", whole(1, 256), default=1)
    seed: ParamField[int] = param("seed", whole(0, 2**31 - 1), default=0)

    #: Called with (step, steps, loss); not a Param, it is not saved.
    progress: Callable[[int, int, float], None] | None = None

    def _fit(self, dataset: DataFrame) -> Detector:
        require("torch", extra="train")
        source, boxes = self.value("inputCol"), self.value("boxesCol")
        schema = arrow_schema(dataset.schema)
        _check(self, schema)
        columns = [F.col(quoted(c)) for c in (source, boxes)]
        # Nulls are left out here: toArrow() can't carry a null image struct on Spark 4.3.
        known = dataset.select(*columns).where(columns[0].isNotNull() & columns[1].isNotNull())
        table = known.toArrow().combine_chunks()
        return self.fit_rows(*_rows(table, source, boxes, self.value("labels")))

    def fit_rows(
        self, seen: list[Picture], boxes: list[np.ndarray], classes: list[np.ndarray]
    ) -> Detector:
        """Fit on arrays: pictures, their boxes (k, 4) and class numbers from 1 (k,).

        Raises
        ------
        DataError
            If there is no box at all.
        """
        if not any(len(b) for b in boxes):
            raise DataError("no box to learn from", expected=f"boxes of {self.value('labels')}")
        from irbis.detect.export import to_onnx
        from irbis.detect.training import train

        network = train(
            seen,
            boxes,
            classes,
            num_classes=len(self.value("labels")),
            iterations=self.value("iterations"),
            batch_size=self.value("batchSize"),
            negatives_per_batch=self.value("negativesPerBatch"),
            learning_rate=self.value("learningRate"),
            long_side=self.value("longSide"),
            threads=self.value("threads"),
            seed=self.value("seed"),
            progress=self.progress,
        )
        return Detector(
            file=keep(to_onnx(network)),
            labels=self.value("labels"),
            inputCol=self.value("inputCol"),
            longSide=self.value("longSide"),
        )

    def write(self) -> StageWriter:
        """Writer; see :class:`irbis.persistence.StageWriter`."""
        return StageWriter(self)

    @classmethod
    def read(cls) -> StageReader:
        """Reader; see :class:`irbis.persistence.StageReader`."""
        return StageReader(cls)


def _check(estimator: FasterRCNN, schema: Any) -> None:
    picture_field(schema, estimator.value("inputCol"), reader="FasterRCNN")
    found = field_of(schema, estimator.value("boxesCol"), reader="FasterRCNN")
    wanted = [f.name for f in DETECTIONS.value_type.fields]
    element = getattr(found.type, "value_type", None)
    if element is None or [f.name for f in getattr(element, "fields", [])] != wanted:
        raise SchemaError(f"{found.name}: {found.type}", expected=f"array of struct {wanted}")


def _rows(
    table: Any, source: str, boxes: str, labels: list[str]
) -> tuple[list[Picture], list[np.ndarray], list[np.ndarray]]:
    seen: list[Picture] = []
    where: list[np.ndarray] = []
    classes: list[np.ndarray] = []
    for batch in table.to_batches():
        listed = column(batch, boxes).to_pylist()
        for picture, row in zip(pictures(column(batch, source)), listed, strict=True):
            if isinstance(picture, PictureError):
                continue
            known = [b for b in row if b["label"] in labels]
            corners = [[b["xmin"], b["ymin"], b["xmax"], b["ymax"]] for b in known]
            seen.append(picture)
            where.append(np.asarray(corners, dtype=np.float32).reshape(-1, 4))
            classes.append(np.asarray([labels.index(b["label"]) + 1 for b in known], np.int64))
    return seen, where, classes
