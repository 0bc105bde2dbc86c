"""LIME over many pictures, in waves: a run that died goes on with the wave it died in."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from irbis.explain.lime import ImageLIME

__all__ = ["explain", "lime", "of_contents", "parallelism", "waves"]

# Waves give the progress bar something to show, and a run that died something to go on from; each
# is a Spark job of its own, which costs a moment.
_WAVES, _WAVE = 24, 12


def lime(seed: int = 0) -> ImageLIME:
    """LIME as the main job uses it, but for the model."""
    return ImageLIME(targetCol="prob", targetClasses=[1], seed=seed)


def explain(stage: ImageLIME, frame: DataFrame, count: int, folder: Path, bar: Any) -> None:
    """Explain a frame of sha256 and image.

    Parameters
    ----------
    stage : ImageLIME
    frame : DataFrame
    count : int
        Number of its rows.
    folder : Path
        Gets a Parquet file a wave: sha256, explanation, explanation_error. Files that are there
        are kept.
    bar : tqdm
    """
    number_of = max(1, min(_WAVES, count // _WAVE))
    wave = F.pmod(F.xxhash64("sha256"), F.lit(number_of))
    # Packed into as many tasks as there are cores to use: binaryFile makes a task of a file.
    tasks = parallelism(frame)
    for number in range(number_of):
        file = folder / f"wave-{number:02}.parquet"
        if not file.exists():
            part = frame.where(wave == number).repartition(tasks)
            found = stage.transform(part).select("sha256", "explanation", "explanation_error")
            half = file.with_suffix(".half")
            pq.write_table(found.toArrow().sort_by("sha256"), half)
            half.replace(file)
        bar.update(pq.read_metadata(file).num_rows)


def waves(folder: Path) -> Iterator[pa.Table]:
    """Read what :func:`explain` wrote, a wave at a time."""
    for file in sorted(folder.glob("wave-*.parquet")):
        yield pq.read_table(file)


def of_contents(folder: Path, contents: set[str]) -> dict[str, dict[str, Any]]:
    """Whole explanations of a few contents, by sha256."""
    wanted = [("sha256", "in", contents)]
    found: dict[str, dict[str, Any]] = {}
    for file in sorted(folder.glob("wave-*.parquet")) if contents else []:
        for row in pq.read_table(file, filters=wanted).to_pylist():
            if row["explanation"] is not None:
                found[row["sha256"]] = row["explanation"]
    return found


def parallelism(frame: DataFrame) -> int:
    """Tasks that run at a time."""
    # Connect has no defaultParallelism; the setting is what it is made of on a cluster, and a
    # local session's is its cores.
    conf = frame.sparkSession.conf
    return int(conf.get("spark.default.parallelism", None) or os.cpu_count() or 2)
