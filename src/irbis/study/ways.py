"""The ways to classify that a study compares: what each learns from, and what it is asked."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from pyspark.ml.classification import LogisticRegression
from pyspark.sql import SparkSession

from irbis.detect.answers import area_under_roc
from irbis.detect.features import labelled, ordered, with_labels
from irbis.model.ensemble import EnsembleByKey
from irbis.pipeline import PipelineModel
from irbis.study.looks import read_looks
from irbis.study.split import Split

__all__ = ["RIDGES", "WAYS", "Taught", "Way", "answers", "burst_ways", "teach"]

#: Strengths of the ridge that the pictures that teach choose from.
RIDGES = (0.05, 0.5, 5.0)
PICTURE, MIRROR, GREY = 0, 1, 2
_ROWS = {"grey": 512, "colour": 2048, "deep": 4096}  # a partition: some 50 MB
_FEWEST = 30  # pictures to choose a ridge by


@dataclass(frozen=True)
class Way:
    """One way.

    Parameters
    ----------
    name, title, says : str
    features : {"grey", "colour", "deep"}
    learns : tuple of int
        Looks at the pictures that teach.
    asks : tuple of int
        Looks at the pictures it is asked about; answers to several are ensembled.
    """

    name: str
    title: str
    says: str
    features: str
    learns: tuple[int, ...] = (PICTURE,)
    asks: tuple[int, ...] = (PICTURE,)


WAYS = (
    Way("L120", "Without deep features", "logistic regression on 120 x 120 grey pixels", "grey"),
    Way("RGB32", "Raw pixels in colour", "logistic regression on 32 x 32 colour pixels", "colour"),
    Way("RN2", "Deep features", "the network cut by two layers, logistic regression", "deep"),
    Way(
        "RN2+A",
        "and augmentation",
        "mirror images in training",
        "deep",
        learns=(PICTURE, MIRROR),
    ),
    Way(
        "RN2+A+E",
        "Deep features, augmentation and ensembling",
        "mirror images in training; the mean of a picture's and its mirror image's answers",
        "deep",
        learns=(PICTURE, MIRROR),
        asks=(PICTURE, MIRROR),
    ),
    Way(
        "RN2+A+grey+E",
        "and grey copies",
        "mirror images and grey copies in training; the mean of the two answers",
        "deep",
        learns=(PICTURE, MIRROR, GREY),
        asks=(PICTURE, MIRROR),
    ),
)


def burst_ways(frames: int) -> tuple[Way, ...]:
    """Ways on generated bursts: looks are frame by frame, each followed by its mirror image."""
    one, every = (0,), tuple(range(2 * frames))
    both = (PICTURE, MIRROR)
    return (
        Way("one frame, RN2", "One frame", "the first frame of each burst", "deep", asks=one),
        Way(
            "one frame, RN2+A+E",
            "One frame and its mirror image",
            "mirror images in training",
            "deep",
            learns=both,
            asks=both,
        ),
        Way(
            "burst, RN2+E",
            "The whole burst",
            f"the mean of {frames} frames' answers",
            "deep",
            asks=every[::2],
        ),
        Way(
            "burst, RN2+A+E",
            "The whole burst, mirrored too",
            f"mirror images in training; the mean of {2 * frames} answers",
            "deep",
            learns=both,
            asks=every,
        ),
    )


@dataclass(frozen=True)
class Taught:
    """Fitted classifiers by (features, looks they learned from), and the ridge of each kind."""

    fitted: dict[tuple[str, tuple[int, ...]], Any]
    ridges: dict[str, float]


def teach(
    spark: SparkSession, divided: Split, folders: dict[str, Path], ways: Iterable[Way]
) -> Taught:
    """Fit what the ways need, on the pictures that are not held out.

    How strong the ridge is, each kind of features chooses for itself: by the area under the ROC
    curve on a third of the pictures that teach, which the other two thirds answer for. Where that
    third is fewer than 30, it is 0.5.
    """
    rows = with_labels(divided.catalog)
    tried = {(r["sha256"], r["fold"]) for r in divided.catalog.select(held_out=False)}
    validation = {sha for sha, fold in tried if fold == 0}
    wanted = list(dict.fromkeys((way.features, way.learns) for way in ways))
    ridges = {
        kind: _choose(spark, folders[kind], kind, rows, validation)
        for kind in dict.fromkeys(kind for kind, _ in wanted)
    }
    fitted = {
        (kind, looks): _fit(spark, folders[kind], kind, looks, rows, ridges[kind])
        for kind, looks in wanted
    }
    return Taught(fitted, ridges)


def answers(
    spark: SparkSession, taught: Taught, way: Way, folder: Path, contents: Collection[str]
) -> dict[str, float]:
    """Probability of the target by sha256, ensembled over the looks that the way asks."""
    seen = read_looks(spark, folder, way.asks)
    seen = labelled(seen, pd.DataFrame({"sha256": sorted(contents)}))
    ensemble = EnsembleByKey(keys=["sha256"], cols=["prob"], colNames=["prob"])
    run = PipelineModel([taught.fitted[way.features, way.learns], ensemble])
    found = run.transform(seen).select("sha256", "prob").collect()
    return {row["sha256"]: float(row["prob"][1]) for row in found}


def _fit(
    spark: SparkSession,
    folder: Path,
    kind: str,
    looks: tuple[int, ...],
    rows: pd.DataFrame,
    ridge: float,
) -> Any:
    train = labelled(read_looks(spark, folder, looks), rows)
    count = len(looks) * len(rows)
    train = ordered(train, count, _ROWS[kind], "sha256", "label", "look")
    learner = LogisticRegression(
        featuresCol="features", probabilityCol="prob", weightCol="weight", regParam=ridge
    )
    return learner.fit(train)


def _choose(
    spark: SparkSession, folder: Path, kind: str, rows: pd.DataFrame, validation: set[str]
) -> float:
    among = rows["sha256"].isin(validation)
    learn, ask = rows[~among], rows[among].set_index("sha256")["label"]
    if len(ask) < _FEWEST or learn["label"].nunique() < 2 or ask.nunique() < 2:
        return RIDGES[1]
    areas = []
    for ridge in RIDGES:
        fitted = _fit(spark, folder, kind, (PICTURE,), learn, ridge)
        seen = labelled(read_looks(spark, folder, (PICTURE,)), pd.DataFrame({"sha256": ask.index}))
        found = {r["sha256"]: r["prob"][1] for r in fitted.transform(seen).collect()}
        labels = [ask[sha] for sha in found]
        areas.append(area_under_roc(labels, np.array(list(found.values()))))
    return max(zip(areas, RIDGES, strict=True))[1]  # of equally good ones the strongest
