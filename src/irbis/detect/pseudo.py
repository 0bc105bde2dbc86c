"""Pseudo boxes: the classifier explained by LIME, its explanations turned into boxes."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
from pyspark.ml import PipelineModel as SparkPipelineModel
from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from tqdm import tqdm

from irbis.detect.boxes import BoxesFromWeights
from irbis.explain.lime import ImageLIME
from irbis.pipeline import PipelineModel

__all__ = ["PseudoBox", "PseudoBoxes", "explain_and_box"]

# Waves give the progress bar something to show; each is a Spark job of its own, which costs a moment.
_WAVES, _WAVE = 24, 12
# Boxes outside are noise: a stray superpixel, or the whole picture.
_AREA = (0.04, 0.95)
# Pictures the classifier itself does not believe in are left out: search results are noisy.
_BELIEVED = 0.5


@dataclass(frozen=True)
class PseudoBox:
    """A picture's explanation in short, its box, and the whole explanation where it was asked for.

    Parameters
    ----------
    box : ndarray of float32, shape (4,), or None
        Pixels of the picture.
    score : float
        Probability of the target, by the classifier.
    used : bool
        Whether the box is good enough to train on.
    """

    path: str
    width: int
    height: int
    box: npt.NDArray[np.float32] | None
    score: float
    r2: float
    forwards: int
    used: bool
    explanation: dict[str, Any] | None = field(repr=False, default=None)


@dataclass(frozen=True)
class PseudoBoxes:
    """All of them by path, and the pictures that could not be explained."""

    boxes: dict[str, PseudoBox]
    failures: list[tuple[str, str, str]]

    @property
    def used(self) -> list[PseudoBox]:
        """Those good enough to train on."""
        return [b for b in self.boxes.values() if b.used]

    @property
    def r2_median(self) -> float | None:
        """Median fit of the surrogates."""
        return float(np.median([b.r2 for b in self.boxes.values()])) if self.boxes else None

    @property
    def forwards(self) -> float | None:
        """Mean number of pictures the model scored for one explanation."""
        return float(np.mean([b.forwards for b in self.boxes.values()])) if self.boxes else None


def explain_and_box(
    frame: DataFrame,
    model: SparkPipelineModel | PipelineModel,
    *,
    label: str,
    rule: str,
    keep_explanations: set[str],
    bar: tqdm[None],
    seed: int = 0,
) -> PseudoBoxes:
    """Explain every picture of `frame` (path, image) and make its box.

    Parameters
    ----------
    keep_explanations : set of str
        Paths whose whole explanation is returned: for drawing, not for all.
    """
    lime = ImageLIME(model=model, targetCol="prob", targetClasses=[1], seed=seed)
    boxes = BoxesFromWeights(rule=rule, label=label)
    run = PipelineModel([lime, boxes])
    found: dict[str, PseudoBox] = {}
    failures: list[tuple[str, str, str]] = []
    # Packed into as many tasks as there are cores to use: binaryFile makes a task of a file.
    waves = max(1, min(_WAVES, (bar.total or 0) // _WAVE))
    wave = F.pmod(F.xxhash64("path"), F.lit(waves))
    parallelism = _parallelism(frame)
    for number in range(waves):
        part = frame.where(wave == number).repartition(parallelism)
        kept = F.when(F.col("path").isin(sorted(keep_explanations)), F.col("explanation"))
        out = run.transform(part).select(
            "path",
            "boxes",
            "explanation_error",
            F.col("explanation.width").alias("width"),
            F.col("explanation.height").alias("height"),
            F.element_at("explanation.r2", 1).alias("r2"),
            F.element_at("explanation.scores", 1).alias("score"),
            F.col("explanation.forwards").alias("forwards"),
            kept.alias("kept"),
        )
        rows = out.toArrow().to_pylist()
        for row in rows:
            if row["explanation_error"] is not None:
                error = row["explanation_error"]
                failures.append((row["path"], error["kind"], error["message"]))
            else:
                found[row["path"]] = _pseudo_box(row)
        bar.update(len(rows))
    return PseudoBoxes(dict(sorted(found.items())), sorted(failures))


def _parallelism(frame: DataFrame) -> int:
    # Connect has no defaultParallelism; the setting is what it is made of on a cluster, and a
    # local session's is its cores.
    conf = frame.sparkSession.conf
    return int(conf.get("spark.default.parallelism", None) or os.cpu_count() or 2)


def _pseudo_box(row: dict[str, Any]) -> PseudoBox:
    box = None
    used = False
    if row["boxes"]:
        b = row["boxes"][0]
        box = np.array([b["xmin"], b["ymin"], b["xmax"], b["ymax"]], dtype=np.float32)
        share = (b["xmax"] - b["xmin"]) * (b["ymax"] - b["ymin"]) / (row["width"] * row["height"])
        used = bool(row["score"] > _BELIEVED and _AREA[0] <= share <= _AREA[1])
    return PseudoBox(
        path=row["path"],
        width=row["width"],
        height=row["height"],
        box=box,
        score=row["score"],
        r2=row["r2"],
        forwards=row["forwards"],
        used=used,
        explanation=row["kept"],
    )
