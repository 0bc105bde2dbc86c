"""Adapters: Spark ML's fitted models as functions on Arrow batches, so that they fuse.

An adapter does the model's own arithmetic with numpy (property-tested against Spark to 1e-6); it
reads the model's public attributes and imports no pyspark. Users add theirs with :func:`register`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from irbis.adapters.adapter import Adapter
from irbis.adapters.count_vectorizer import CountVectorizerAdapter
from irbis.adapters.hashing_tf import HashingTFAdapter
from irbis.adapters.idf import IDFAdapter
from irbis.adapters.index_to_string import IndexToStringAdapter, with_labels
from irbis.adapters.linear_regression import LinearRegressionAdapter
from irbis.adapters.logistic_regression import LogisticRegressionAdapter
from irbis.adapters.min_max_scaler import MinMaxScalerAdapter
from irbis.adapters.ngram import NGramAdapter
from irbis.adapters.normalizer import NormalizerAdapter
from irbis.adapters.pca import PCAAdapter
from irbis.adapters.standard_scaler import StandardScalerAdapter
from irbis.adapters.stop_words import StopWordsRemoverAdapter
from irbis.adapters.string_indexer import StringIndexerAdapter
from irbis.adapters.tokenizer import RegexTokenizerAdapter, TokenizerAdapter
from irbis.adapters.trees import GBTClassifierAdapter, TreesAdapter
from irbis.adapters.vector_assembler import VectorAssemblerAdapter
from irbis.adapters.written import written_columns

__all__ = ["Adapter", "find", "names", "register", "with_labels", "written_columns"]

# By class name rather than class: looking one up must not import Spark ML's modules.
_factories: dict[str, Callable[[Any], Any]] = {
    "pyspark.ml.classification.GBTClassificationModel": GBTClassifierAdapter.of,
    "pyspark.ml.classification.LogisticRegressionModel": LogisticRegressionAdapter.of,
    "pyspark.ml.feature.CountVectorizerModel": CountVectorizerAdapter.of,
    "pyspark.ml.feature.HashingTF": HashingTFAdapter.of,
    "pyspark.ml.feature.IDFModel": IDFAdapter.of,
    "pyspark.ml.feature.IndexToString": IndexToStringAdapter.of,
    "pyspark.ml.feature.MinMaxScalerModel": MinMaxScalerAdapter.of,
    "pyspark.ml.feature.NGram": NGramAdapter.of,
    "pyspark.ml.feature.Normalizer": NormalizerAdapter.of,
    "pyspark.ml.feature.PCAModel": PCAAdapter.of,
    "pyspark.ml.feature.RegexTokenizer": RegexTokenizerAdapter.of,
    "pyspark.ml.feature.StandardScalerModel": StandardScalerAdapter.of,
    "pyspark.ml.feature.StopWordsRemover": StopWordsRemoverAdapter.of,
    "pyspark.ml.feature.StringIndexerModel": StringIndexerAdapter.of,
    "pyspark.ml.feature.Tokenizer": TokenizerAdapter.of,
    "pyspark.ml.feature.VectorAssembler": VectorAssemblerAdapter.of,
    "pyspark.ml.regression.DecisionTreeRegressionModel": TreesAdapter.of,
    "pyspark.ml.regression.GBTRegressionModel": TreesAdapter.of,
    "pyspark.ml.regression.LinearRegressionModel": LinearRegressionAdapter.of,
    "pyspark.ml.regression.RandomForestRegressionModel": TreesAdapter.of,
}


def find(model: object) -> Any | None:
    """Return a Fusable that does what `model` does, or None if there is no adapter."""
    factory = _factories.get(f"{type(model).__module__}.{type(model).__qualname__}")
    return None if factory is None else factory(model)


def names() -> list[str]:
    """Class names of the models that have an adapter."""
    return sorted(name.rsplit(".", 1)[1] for name in _factories)


def register(name: str, factory: Callable[[Any], Any]) -> None:
    """Add an adapter, or replace one.

    Parameters
    ----------
    name : str
        Full class name of the fitted model or transformer, such as
        ``"pyspark.ml.feature.Binarizer"``.
    factory : callable
        Takes the model, returns a :class:`irbis.planning.Fusable` that does the same, or None if
        this model can't be adapted. Best is a subclass of :class:`Adapter`, a frozen dataclass in
        a module that can be imported wherever the pipeline is loaded.

    Examples
    --------
    >>> from dataclasses import dataclass
    >>> import pyarrow as pa, pyarrow.compute as pc
    >>> from irbis import adapters
    >>> from irbis.schema import column, field_of, put
    >>> @dataclass(frozen=True)
    ... class BinarizerAdapter(adapters.Adapter):
    ...     source: str
    ...     target: str
    ...     threshold: float
    ...
    ...     @classmethod
    ...     def of(cls, model):
    ...         return cls(model.getInputCol(), model.getOutputCol(), model.getThreshold())
    ...
    ...     def input_columns(self):
    ...         return [self.source]
    ...
    ...     def output_columns(self):
    ...         return [self.target]
    ...
    ...     def output_fields(self, schema):
    ...         field_of(schema, self.source, reader="Binarizer")
    ...         return [pa.field(self.target, pa.float64())]
    ...
    ...     def __call__(self, batch):
    ...         above = pc.greater(column(batch, self.source), self.threshold)
    ...         return put(batch, self.target, above.cast(pa.int8()).cast(pa.float64()))
    >>> adapters.register("pyspark.ml.feature.Binarizer", BinarizerAdapter.of)
    >>> "Binarizer" in adapters.names()
    True
    """
    _factories[name] = factory
