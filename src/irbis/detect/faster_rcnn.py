"""FasterRCNN: the estimator that turns pictures with boxes into a Detector."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from pyspark.ml import Estimator
from pyspark.ml.util import MLReadable, MLWritable
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from irbis.converters import flag, names, number, one_of, optional, text, whole
from irbis.detect.detector import Detector
from irbis.detect.example_rows import rows_to_examples
from irbis.detect.examples import Example
from irbis.detect.recipe import Recipe
from irbis.detect.together import Task, train_together
from irbis.errors import DataError, SchemaError
from irbis.extras import require
from irbis.files import keep
from irbis.image.codec import Picture
from irbis.image.input import picture_field
from irbis.model.packaged import MODELS
from irbis.params import UNSET, HasParams, ParamField, param
from irbis.persistence import StageReader, StageWriter
from irbis.schema import DETECTIONS, field_of
from irbis.spark_schema import arrow_schema, quoted

__all__ = ["FasterRCNN"]


class FasterRCNN(HasParams, Estimator, MLReadable[Any], MLWritable):
    """Train a Faster R-CNN (Ren et al., 2015) on an EfficientNet-Lite0 backbone, on one machine.

    The backbone starts from ImageNet weights, which saw no boxes; everything else is learned from
    the rows. Rows with an empty list of boxes are pictures without an object; rows whose boxes are
    null, and pictures that can't be decoded, are left out. The pictures are gathered on the driver,
    unless processes share them. What it does about boxes that nobody checked: docs/training.md.

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
    backbone : str, default "EfficientNetLite0"
        Or "EfficientNetLite1", "EfficientNetLite2" (extra ``models``): larger, slower.
    averagedShare : float, default 0.83, range 0 to 1
        The weights of this share of the steps, the last ones, are averaged, late ones counting more
        (Shamir and Zhang, ICML 2013): less depends on the seed. 0: the last step's weights.
    scaleJitter : float, default 0.0, range 0 to 0.5
        Long sides are drawn from longSide * (1 - scaleJitter) to longSide * (1 + scaleJitter).
    greyShare : float, default 0.3, range 0 to 1
        Share of the pictures shown in grey: camera traps at night are.
    scoreWeights : bool, default False
        A box counts in the second stage's loss by its score, 0 to 1; a null score counts fully.
    ignoreLabels : list of str or None, default None
        Boxes with these labels are regions that teach nothing: neither object nor background.
    ignoreFar : bool, default False
        In pictures with a box, what touches no box teaches nothing: for boxes that miss objects.
    threads : int, default 1, range 1 to 256
    seed : int, default 0
    processes : int, default 1, range 1 to 64
        Processes that train together, through Spark's TorchDistributor; batchSize is a multiple. The
        result is that of one process but for noise.
    sharedFolder : str or None, default None
        None: the processes run beside the driver. A folder or URI that every executor reaches: they
        are Spark tasks that run at the same time, and read the rows from a table in there.

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
    backbone: ParamField[str] = param(
        "network below the detector", one_of(*MODELS), default="EfficientNetLite0"
    )
    averagedShare: ParamField[float] = param(
        "share of the steps whose weights are averaged", number(0, 1), default=0.83
    )
    scaleJitter: ParamField[float] = param("how far sizes vary", number(0, 0.5), default=0.0)
    greyShare: ParamField[float] = param("share shown in grey", number(0, 1), default=0.3)
    scoreWeights: ParamField[bool] = param("boxes count by their score", flag, default=False)
    ignoreLabels: ParamField[list[str] | None] = param(
        "labels of regions that teach nothing", optional(names), default=None
    )
    ignoreFar: ParamField[bool] = param("what touches no box teaches nothing", flag, default=False)
    threads: ParamField[int] = param("threads", whole(1, 256), default=1)
    seed: ParamField[int] = param("seed", whole(0, 2**31 - 1), default=0)
    processes: ParamField[int] = param("processes that train together", whole(1, 64), default=1)
    sharedFolder: ParamField[str | None] = param(
        "folder that every executor reaches; None: processes beside the driver",
        optional(text),
        default=None,
    )

    #: Called with (step, steps, loss); not a Param, it is not saved.
    progress: Callable[[int, int, float], None] | None = None

    #: Loss of each step of the last fit; not saved.
    losses: tuple[float, ...] = ()

    def recipe(self) -> Recipe:
        """The Params as the training takes them."""
        return Recipe(
            iterations=self.value("iterations"),
            batch_size=self.value("batchSize"),
            negatives_per_batch=self.value("negativesPerBatch"),
            learning_rate=self.value("learningRate"),
            long_side=self.value("longSide"),
            scale_jitter=self.value("scaleJitter"),
            grey_share=self.value("greyShare"),
            averaged=self.value("averagedShare"),
            spare_far=self.value("ignoreFar"),
            backbone=self.value("backbone"),
            threads=self.value("threads"),
            seed=self.value("seed"),
        )

    def _fit(self, dataset: DataFrame) -> Detector:
        require("torch", extra="train")
        source, boxes = self.value("inputCol"), self.value("boxesCol")
        schema = arrow_schema(dataset.schema)
        _check(self, schema)
        columns = [F.col(quoted(c)) for c in (source, boxes)]
        # Nulls are left out here: toArrow() can't carry a null image struct on Spark 4.3.
        known = dataset.select(*columns).where(columns[0].isNotNull() & columns[1].isNotNull())
        if self.value("processes") > 1:
            return self._fit_together(known)
        return self.fit_examples(
            rows_to_examples(
                known.toArrow().combine_chunks(),
                source,
                boxes,
                self.value("labels"),
                self.value("ignoreLabels") or [],
                weighted=self.value("scoreWeights"),
            )
        )

    def _fit_together(self, known: DataFrame) -> Detector:
        task = Task(
            source=self.value("inputCol"),
            boxes=self.value("boxesCol"),
            labels=tuple(self.value("labels")),
            ignored=tuple(self.value("ignoreLabels") or ()),
            weighted=self.value("scoreWeights"),
            recipe=self.recipe(),
        )
        shared = self.value("sharedFolder")
        onnx, losses = train_together(known, task, self.value("processes"), shared)
        self.losses = tuple(losses)
        return self._detector(onnx)

    def fit_rows(
        self, seen: list[Picture], boxes: list[np.ndarray], classes: list[np.ndarray]
    ) -> Detector:
        """Fit on arrays: pictures, their boxes (k, 4) and class numbers from 1 (k,)."""
        return self.fit_examples(
            [Example(p, b, c) for p, b, c in zip(seen, boxes, classes, strict=True)]
        )

    def fit_examples(self, examples: list[Example], state: str | Path | None = None) -> Detector:
        """Fit on pictures that are here.

        Parameters
        ----------
        examples : list of Example
        state : str or Path, optional
            File that keeps how far the training came, every 20 steps. A fit that was killed goes on
            from there, to the same detector; with other examples or Params it starts anew.

        Raises
        ------
        DataError
            If there is no box at all.
        """
        if not any(len(example.boxes) for example in examples):
            raise DataError("no box to learn from", expected=f"boxes of {self.value('labels')}")
        from irbis.detect.checkpoint import Checkpoint, key_of
        from irbis.detect.export import to_onnx
        from irbis.detect.training import train

        recipe = self.recipe()
        kept = None if state is None else Checkpoint(Path(state), key_of(examples, recipe))
        network = train(
            examples,
            num_classes=len(self.value("labels")),
            recipe=recipe,
            progress=self._progress,
            checkpoint=kept,
        )
        return self._detector(to_onnx(network))

    def _detector(self, onnx: bytes) -> Detector:
        return Detector(
            file=keep(onnx),
            labels=self.value("labels"),
            inputCol=self.value("inputCol"),
            longSide=self.value("longSide"),
        )

    def _progress(self, step: int, steps: int, loss: float) -> None:
        self.losses = (*(self.losses if step > 1 else ()), loss)
        if self.progress is not None:
            self.progress(step, steps, loss)

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
