"""Features of the pictures, kept as a table: the fits read them, nobody computes them twice."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from pyspark.ml.functions import array_to_vector, vector_to_array
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from irbis.detect.catalog import Catalog
from irbis.image.augmenter import ImageSetAugmenter
from irbis.model.featurizer import ImageFeaturizer
from irbis.model.hub import ModelSchema
from irbis.pipeline import PipelineModel

__all__ = [
    "featurizer",
    "labelled",
    "ordered",
    "read_features",
    "with_labels",
    "write_features",
]


def featurizer(network: ModelSchema) -> ImageFeaturizer:
    """Pooled features, what the deck uses."""
    stage = ImageFeaturizer(cutOutputLayers=2)
    stage.setModel(network)
    return stage


def write_features(catalog: Catalog, network: ModelSchema, held_out: bool, folder: Path) -> None:
    """Write sha256 and features of one side: two rows a content."""
    run = PipelineModel([ImageSetAugmenter(flipHorizontal=True), featurizer(network)])
    found = run.transform(catalog.images(held_out=held_out))
    known = found.where(F.col("features").isNotNull())
    # float32 is what the network answers in.
    values = vector_to_array("features", "float32").alias("features")
    known.select("sha256", values).write.parquet(str(folder / "features"))


def read_features(spark: SparkSession, folder: Path) -> DataFrame:
    """sha256 and features (a vector)."""
    frame = spark.read.parquet(str(folder / "features"))
    return frame.withColumn("features", array_to_vector(F.col("features").cast("array<double>")))


def with_labels(
    catalog: Catalog, seed: int | None = None, without: int | None = None
) -> pd.DataFrame:
    """sha256, label and weight of each training picture; both classes weigh the same.

    Parameters
    ----------
    catalog : Catalog
    seed : int, optional
        Each picture (its mirror image too) gets the label of another one, drawn with this seed.
    without : int, optional
        A fold that is left out.
    """
    rows = pd.DataFrame([r for r in catalog.select(held_out=False) if r["fold"] != without])
    if seed is not None:
        rows["label"] = np.random.default_rng(seed).permutation(rows["label"].to_numpy())
    each = rows["label"].map(rows["label"].value_counts())
    rows["weight"] = len(rows) / (2 * each)
    return rows[["sha256", "label", "weight"]]


def labelled(frame: DataFrame, rows: pd.DataFrame) -> DataFrame:
    """Join :func:`with_labels` to a frame with a column sha256."""
    return frame.join(frame.sparkSession.createDataFrame(rows).hint("broadcast"), "sha256")


def ordered(frame: DataFrame, count: int, rows_a_partition: int, *columns: str) -> DataFrame:
    """Rows in an order and in partitions that follow from their content and number alone.

    A fit sums over partitions: so the sum is the same to the bit, whatever the folders are called
    and however many cores there are, as long as the rows fit into two partitions.
    """
    parts = max(1, -(-count // rows_a_partition))
    return frame.repartition(parts, columns[0]).sortWithinPartitions(*columns)
