"""The deck's classifier, its baseline, and the control that would expose a leak."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from pyspark.ml.classification import LogisticRegression
from pyspark.ml.functions import vector_to_array
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from irbis.detect.answers import Answers
from irbis.detect.catalog import Catalog
from irbis.detect.features import (
    featurizer,
    labelled,
    ordered,
    read_features,
    with_labels,
    write_features,
)
from irbis.detect.holdout import FOLDS
from irbis.detect.job import Job
from irbis.detect.saved import Saved
from irbis.image.unroller import UnrollImage
from irbis.model.ensemble import EnsembleByKey
from irbis.model.hub import ModelSchema
from irbis.pipeline import Pipeline, PipelineModel

__all__ = ["Classifiers", "classify", "fit"]

# Strong ridge: with a few hundred pictures and 1280 features it carries over best (the same as
# C = 0.001 at 1500 pictures in scikit-learn's words).
_RIDGE = 0.5
# Of 1280 features, and of 14400 pixels: some 50 MB.
_FEATURE_ROWS, _PIXEL_ROWS = 4096, 512


@dataclass(frozen=True)
class Classifiers:
    """The fitted classifier and three sets of answers on the same held-out pictures.

    Parameters
    ----------
    saved : Saved of PipelineModel
        ImageFeaturizer and logistic regression: row by row, so that it can be explained and served.
    unseen : dict of sha256 to float
        Probability of the target, for every picture by a classifier that did not learn from it nor
        from a near-duplicate: the held-out ones' answers, the others' by cross-validation.
    features : Path
        Folder of the training pictures' features.
    deep, pixels, shuffled : Answers
        Of the deck's pipeline (mirror images in training and answering, ensembled); of logistic
        regression on 120 x 120 grey pixels (the deck's L120); and of the pipeline trained on
        shuffled labels, which must know nothing.
    """

    saved: Saved[PipelineModel]
    unseen: dict[str, float]
    features: Path
    deep: Answers
    pixels: Answers
    shuffled: Answers


def classify(job: Job, catalog: Catalog, network: ModelSchema, seed: int = 0) -> Classifiers:
    """Train on the pictures that are not held out, answer for those that are.

    Parameters
    ----------
    job : Job
    catalog : Catalog
    network : ModelSchema
    seed : int, default 0
        Of the shuffled labels.
    """
    features, held = (
        job.run(name, partial(_features, catalog, network, side), Path)
        for name, side in (("features", False), ("held-out features", True))
    )

    def train(folder: Path, _: Any) -> None:
        fit(catalog, network, features).save(str(folder / "model"))

    def answer(folder: Path, _: Any) -> None:
        _write([_answers(saved.model.stages[-1], held, catalog)], folder)

    def shuffle(folder: Path, _: Any) -> None:
        _write([_answers(_fit(features, catalog, seed), held, catalog)], folder)

    def validate(folder: Path, _: Any) -> None:
        _write([_left_out(features, catalog, fold) for fold in range(FOLDS)], folder)

    read = partial(_read, catalog)
    saved = job.run("classifier", train, lambda folder: Saved(folder / "model", PipelineModel))
    unseen = job.run("cross-validation", validate, _scores)
    return Classifiers(
        saved=saved,
        deep=job.run("answers", answer, read),
        features=features,
        unseen=unseen | _scores(job.folder("answers")),
        shuffled=job.run("shuffled labels", shuffle, read),
        pixels=job.run("grey pixels", lambda folder, _: _write([_pixels(catalog)], folder), read),
    )


def _learner() -> LogisticRegression:
    return LogisticRegression(
        featuresCol="features", probabilityCol="prob", weightCol="weight", regParam=_RIDGE
    )


def fit(catalog: Catalog, network: ModelSchema, features: Path) -> PipelineModel:
    """Fit the classifier on the training pictures; `features` is their folder."""
    return PipelineModel([featurizer(network), _fit(features, catalog)])


def _features(catalog: Catalog, network: ModelSchema, held_out: bool, folder: Path, _: Any) -> None:
    write_features(catalog, network, held_out, folder)


def _fit(
    features: Path, catalog: Catalog, seed: int | None = None, without: int | None = None
) -> Any:
    train = read_features(catalog.frame.sparkSession, features)
    rows = with_labels(catalog, seed, without)
    # A picture and its mirror image: told apart by what they hold.
    train = train.withColumn("look", F.xxhash64(vector_to_array("features")))
    train = labelled(train, rows)
    train = ordered(train, 2 * len(rows), _FEATURE_ROWS, "sha256", "label", "look")
    return _learner().fit(train)


def _answers(
    fitted: Any, folder: Path, catalog: Catalog, contents: list[str] | None = None
) -> DataFrame:
    ensemble = EnsembleByKey(keys=["sha256"], cols=["prob"], colNames=["prob"])
    features = read_features(catalog.frame.sparkSession, folder)
    if contents is not None:
        features = labelled(features, pd.DataFrame({"sha256": contents}))
    return PipelineModel([fitted, ensemble]).transform(features)


def _left_out(features: Path, catalog: Catalog, fold: int) -> DataFrame | None:
    """Answers for a fold, by a fit on the others; None where there is nothing to fit or answer."""
    rows = catalog.select(held_out=False)
    mine = sorted({r["sha256"] for r in rows if r["fold"] == fold})
    if not mine or len({r["label"] for r in rows if r["fold"] != fold}) < 2:
        return None
    return _answers(_fit(features, catalog, without=fold), features, catalog, mine)


def _pixels(catalog: Catalog) -> DataFrame:
    rows = with_labels(catalog)
    train = labelled(catalog.images(held_out=False), rows)
    pipeline = Pipeline(
        stages=[
            UnrollImage(width=120, height=120, nChannels=1, outputCol="features"),
            _learner(),
        ]
    )
    fitted = pipeline.fit(ordered(train, len(rows), _PIXEL_ROWS, "sha256", "label"))
    return fitted.transform(catalog.images(held_out=True))


def _write(parts: Sequence[DataFrame | None], folder: Path) -> None:
    score: dict[str, float] = {}
    for scored in parts:
        if scored is not None:
            rows = scored.select("sha256", "prob").where(F.col("prob").isNotNull()).collect()
            score |= {row["sha256"]: float(row["prob"][1]) for row in rows}
    table = pa.table({"sha256": sorted(score), "score": [score[sha] for sha in sorted(score)]})
    pq.write_table(table, folder / "answers.parquet")


def _scores(folder: Path) -> dict[str, float]:
    table = pq.read_table(folder / "answers.parquet")
    return dict(zip(table["sha256"].to_pylist(), table["score"].to_pylist(), strict=True))


def _read(catalog: Catalog, folder: Path) -> Answers:
    return Answers.of(catalog, pq.read_table(folder / "answers.parquet"))
