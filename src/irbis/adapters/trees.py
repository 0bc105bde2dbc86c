"""Spark ML's regression trees on Arrow batches: one, a forest, gradient boosting and its classifier."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from irbis.adapters.adapter import Adapter, Matrix, check_vector
from irbis.adapters.tree_text import Trees, trees_of
from irbis.schema import VECTOR, column, put
from irbis.vectors import to_matrix, to_vectors

__all__ = ["GBTClassifierAdapter", "TreesAdapter"]

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class TreesAdapter(Adapter):
    """Weighted sum of trees: DecisionTree-, RandomForest- and GBTRegressionModel.

    Rows whose features are null or of another length get a null prediction, where Spark fails the
    job. A category that was not there when the tree was fitted goes right; in Spark it may go left.
    """

    feature: Ints  # of each node, and what follows: see irbis.adapters.tree_text.Trees
    threshold: Matrix
    value: Matrix
    left: Ints
    right: Ints
    first: Ints
    count: Ints
    categories: Matrix
    roots: Ints
    weights: Matrix  # of the trees
    size: int  # number of features
    features: str
    prediction: str

    @classmethod
    def _trees(cls, model: Any) -> dict[str, Any] | None:
        try:
            found = trees_of(model.toDebugString)
        except ValueError:
            return None  # printed in another way: Spark runs it
        return {field.name: getattr(found, field.name) for field in fields(found)}

    @classmethod
    def of(cls, model: Any) -> TreesAdapter | None:
        """Read a fitted regression model of trees."""
        trees = cls._trees(model)
        if trees is None:
            return None
        weights = np.asarray(getattr(model, "treeWeights", [1.0]), dtype=np.float64)
        if type(model).__name__ == "RandomForestRegressionModel":
            weights = np.full(len(weights), 1.0 / len(weights))
        if len(weights) != len(trees["roots"]):
            return None
        return cls(
            **trees,
            weights=weights,
            size=int(model.numFeatures),
            features=model.getFeaturesCol(),
            prediction=model.getPredictionCol(),
        )

    def input_columns(self) -> list[str]:
        """The features."""
        return [self.features]

    def output_columns(self) -> list[str]:
        """The prediction; none if its name is ""."""
        return [self.prediction] if self.prediction else []

    def output_fields(self, schema: pa.Schema) -> list[pa.Field]:
        """A double."""
        check_vector(schema, self.features, "a model of trees")
        return [pa.field(name, pa.float64()) for name in self.output_columns()]

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Predict a batch."""
        if not self.prediction:
            return batch
        sums, valid = self.sums(batch)
        predicted = np.zeros(len(valid))
        predicted[valid] = sums
        return put(batch, self.prediction, pa.array(predicted, mask=~valid))

    def sums(self, batch: pa.RecordBatch) -> tuple[Matrix, npt.NDArray[np.bool_]]:
        """Weighted sum over the trees for each valid row, and which rows are."""
        x, valid = to_matrix(column(batch, self.features), self.size)
        trees = Trees(**{field.name: getattr(self, field.name) for field in fields(Trees)})
        return (trees.predict(x) * self.weights).sum(axis=1), valid


@dataclass(frozen=True)
class GBTClassifierAdapter(TreesAdapter):
    """GBTClassificationModel: two classes, from the margin that the trees sum to."""

    raw: str
    probability: str
    thresholds: tuple[float, ...] | None

    @classmethod
    def of(cls, model: Any) -> GBTClassifierAdapter | None:
        """Read a fitted pyspark.ml.classification.GBTClassificationModel."""
        trees = cls._trees(model)
        weights = np.asarray(model.treeWeights, dtype=np.float64)
        if trees is None or len(weights) != len(trees["roots"]):
            return None
        thresholds = model.getThresholds() if model.isDefined(model.thresholds) else None
        return cls(
            **trees,
            weights=weights,
            size=int(model.numFeatures),
            features=model.getFeaturesCol(),
            prediction=model.getPredictionCol(),
            raw=model.getRawPredictionCol(),
            probability=model.getProbabilityCol(),
            thresholds=None if thresholds is None else tuple(thresholds),
        )

    def output_columns(self) -> list[str]:
        """Raw prediction, probability, prediction; "" leaves one out."""
        return [name for name in (self.raw, self.probability, self.prediction) if name]

    def output_fields(self, schema: pa.Schema) -> list[pa.Field]:
        """Vectors for raw and probability, a double for prediction."""
        check_vector(schema, self.features, "GBTClassificationModel")
        types = {self.raw: VECTOR, self.probability: VECTOR, self.prediction: pa.float64()}
        return [pa.field(name, types[name]) for name in self.output_columns()]

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Score a batch."""
        margin, valid = self.sums(batch)
        raw = np.stack([-margin, margin], axis=1)
        with np.errstate(over="ignore"):
            first = 1.0 / (1.0 + np.exp(2.0 * margin))
        probability = np.stack([first, 1.0 - first], axis=1)
        if self.raw:
            batch = put(batch, self.raw, to_vectors(raw, valid))
        if self.probability:
            batch = put(batch, self.probability, to_vectors(probability, valid))
        if self.prediction:
            scaled = raw
            if self.thresholds is not None:
                with np.errstate(divide="ignore", invalid="ignore"):
                    scaled = probability / np.asarray(self.thresholds)
                scaled = np.nan_to_num(scaled, nan=-np.inf, posinf=np.inf)
            predicted = np.zeros(len(valid))
            predicted[valid] = scaled.argmax(axis=1)
            batch = put(batch, self.prediction, pa.array(predicted, mask=~valid))
        return batch
