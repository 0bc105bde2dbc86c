"""The deck's classifier, its baseline, and the control that would expose a leak."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from pyspark.ml.classification import LogisticRegression
from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from tqdm import tqdm

from irbis.detect.catalog import Catalog
from irbis.image.augmenter import ImageSetAugmenter
from irbis.image.unroller import UnrollImage
from irbis.model.ensemble import EnsembleByKey
from irbis.model.featurizer import ImageFeaturizer
from irbis.model.hub import ModelSchema
from irbis.pipeline import Pipeline, PipelineModel

__all__ = ["STEPS", "Answers", "Classifiers", "area_under_roc", "classify"]

#: Features and classifier, its answers, the control, the baseline.
STEPS = 4

# Strong ridge: with a few hundred pictures and 1280 features it carries over best (the same as
# C = 0.001 at 1500 pictures in scikit-learn's words).
_RIDGE = 0.5


@dataclass(frozen=True)
class Answers:
    """What a classifier said of the held-out pictures.

    Parameters
    ----------
    paths : list of str
    labels : ndarray of float64, shape (n,)
    scores : ndarray of float64, shape (n,)
        Probability of the target.
    """

    paths: list[str]
    labels: npt.NDArray[np.float64]
    scores: npt.NDArray[np.float64]

    @property
    def confusion(self) -> list[list[int]]:
        """[[other as other, other as target], [target as other, target as target]]."""
        said = self.scores > 0.5
        return [
            [int(((self.labels == truth) & (said == answer)).sum()) for answer in (False, True)]
            for truth in (0.0, 1.0)
        ]

    @property
    def accuracy(self) -> float:
        """Share that is right."""
        return float(((self.scores > 0.5) == (self.labels == 1.0)).mean())

    @property
    def auc(self) -> float:
        """Area under the ROC curve."""
        return area_under_roc(self.labels, self.scores)


@dataclass(frozen=True)
class Classifiers:
    """The fitted classifier and three sets of answers on the same held-out pictures.

    Parameters
    ----------
    model : PipelineModel
        ImageFeaturizer and logistic regression: row by row, so that it can be explained and served.
    pipeline : PipelineModel
        The deck's whole pipeline around it: augmentation before, ensembling behind.
    deep, pixels, shuffled : Answers
        Of the pipeline; of logistic regression on 120 x 120 grey pixels (the deck's L120); and of
        the pipeline trained on shuffled labels, which must know nothing.
    """

    model: PipelineModel
    pipeline: PipelineModel
    deep: Answers
    pixels: Answers
    shuffled: Answers


def area_under_roc(labels: Sequence[float] | Any, scores: Sequence[float] | Any) -> float:
    """Chance that a target scores above another; ties count half. NaN without both classes.

    Examples
    --------
    >>> area_under_roc([0, 0, 1, 1], [0.1, 0.4, 0.4, 0.9])
    0.875
    """
    labels, scores = np.asarray(labels), np.asarray(scores)
    _, inverse, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[inverse]
    positive = labels == 1
    n, m = int(positive.sum()), int((~positive).sum())
    if not n or not m:
        return float("nan")
    return float((ranks[positive].sum() - n * (n + 1) / 2) / (n * m))


def classify(
    catalog: Catalog, network: ModelSchema, seed: int = 0, bar: tqdm[None] | None = None
) -> Classifiers:
    """Train on the pictures that are not held out, answer for those that are.

    Parameters
    ----------
    catalog : Catalog
    network : ModelSchema
    seed : int, default 0
        Of the shuffled labels.
    bar : tqdm, optional
        Updated four times (:data:`STEPS`).
    """

    def done() -> None:
        if bar is not None:
            bar.update()

    ensemble = EnsembleByKey(keys=["path", "label"], cols=["prob"])
    looks = Pipeline(
        stages=[
            ImageSetAugmenter(flipHorizontal=True),
            ImageFeaturizer(cutOutputLayers=2).setModel(network),
        ]
    ).fit(catalog.frame)
    columns = ["path", "label", "weight", "held_out", "features"]
    # One pass over the pictures feeds the classifier, its control and the answers.
    features = looks.transform(catalog.frame).select(columns).persist()
    try:
        train, test = (features.where(F.col("held_out") == side) for side in (False, True))
        fitted = _learner().fit(train.where(F.col("features").isNotNull()))
        done()
        deep = _answers(PipelineModel([fitted, ensemble]).transform(_good(test)))
        done()
        control = _learner().fit(_shuffled(_good(train), seed))
        shuffled = _answers(PipelineModel([control, ensemble]).transform(_good(test)))
        done()
    finally:
        features.unpersist()
    pixels = _pixels(catalog)
    done()
    return Classifiers(
        model=PipelineModel([looks.stages[1], fitted]),
        pipeline=PipelineModel([*looks.stages, fitted, ensemble]),
        deep=deep,
        pixels=pixels,
        shuffled=shuffled,
    )


def _learner(features: str = "features") -> LogisticRegression:
    return LogisticRegression(
        featuresCol=features, probabilityCol="prob", weightCol="weight", regParam=_RIDGE
    )


def _good(frame: DataFrame) -> DataFrame:
    return frame.where(F.col("features").isNotNull())


def _shuffled(train: DataFrame, seed: int) -> DataFrame:
    """Give each picture (its mirror image too) the label of another one."""
    known = train.select("path", "label").distinct().toArrow().sort_by("path").to_pandas()
    known["label"] = np.random.default_rng(seed).permutation(known["label"].to_numpy())
    given = train.sparkSession.createDataFrame(known)
    # Balanced anew: the weights belonged to the true labels.
    share = float(known["label"].mean())
    weight = F.when(F.col("label") == 1.0, 0.5 / share).otherwise(0.5 / (1.0 - share))
    return train.drop("label", "weight").join(given, "path").withColumn("weight", weight)


def _pixels(catalog: Catalog) -> Answers:
    pipeline = Pipeline(
        stages=[
            UnrollImage(width=120, height=120, nChannels=1, outputCol="features"),
            _learner(),
        ]
    )
    fitted = pipeline.fit(catalog.frame.where(~F.col("held_out")))
    return _answers(
        fitted.transform(catalog.frame.where(F.col("held_out"))).withColumnRenamed(
            "prob", "mean(prob)"
        )
    )


def _answers(scored: DataFrame) -> Answers:
    rows = (
        scored.select("path", "label", "mean(prob)")
        .where(F.col("mean(prob)").isNotNull())
        .collect()
    )
    rows.sort(key=lambda row: row["path"])
    return Answers(
        [row["path"] for row in rows],
        np.array([row["label"] for row in rows]),
        np.array([float(row["mean(prob)"][1]) for row in rows]),
    )
