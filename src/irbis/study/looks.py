"""Features of pictures as a table: each look at a picture (mirrored, grey, a frame) has its number."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pyspark.ml.functions import array_to_vector, vector_to_array
from pyspark.sql import DataFrame, SparkSession, Window
from pyspark.sql import functions as F

from irbis.pipeline import PipelineModel

__all__ = ["read_looks", "write_looks"]


def write_looks(frame: DataFrame, stages: Sequence[Any], folder: Path) -> None:
    """Run stages that end in a column `features`; write sha256, look and features.

    A look is the place of a row among those of its picture, from 0, in the order in which the stages
    make them.
    """
    made = PipelineModel(list(stages)).transform(frame.select("sha256", "image"))
    # Rows come in the order of their picture's looks, and those of a picture in one partition.
    placed = made.select("sha256", "features", F.monotonically_increasing_id().alias("place"))
    known = placed.where(F.col("features").isNotNull())
    # float32 is what the network answers in; pixels are whole numbers.
    values = known.select(
        "sha256", "place", vector_to_array("features", "float32").alias("features")
    )
    values.write.parquet(str(folder))


def read_looks(spark: SparkSession, folder: Path, looks: Sequence[int]) -> DataFrame:
    """Read sha256, look and features (a vector) of some looks."""
    order = Window.partitionBy("sha256").orderBy("place")
    numbered = spark.read.parquet(str(folder)).withColumn("look", F.row_number().over(order) - 1)
    chosen = numbered.where(F.col("look").isin(list(looks)))
    vector = array_to_vector(F.col("features").cast("array<double>"))
    return chosen.select("sha256", "look", vector.alias("features"))
