"""Queries through Spark's executors, each of which searches all shards of a known set."""

import time
from pathlib import Path

import numpy as np
import pyarrow as pa
from identify_animals import sight

from irbis import HotSpotterModel, session
from irbis.files import FileRef, sha256_of
from irbis.identify.cells import Cells
from irbis.identify.known_set import KnownFiles
from irbis.image.codec import encode

MASTER = "local-cluster[2,1,1024]"
_CORNERS = ("xmin", "ymin", "xmax", "ymax")


def model_of(cells: Cells, folder: Path) -> HotSpotterModel:
    """Make a model of the shards that lie in a folder."""
    (folder / "cells").write_bytes(cells.dump())

    def file(name: str) -> FileRef:
        return FileRef(str(folder / name), sha256_of(folder / name))

    names = sorted((p.stem for p in folder.glob("*.index")), key=int)
    shards = tuple((file(f"{n}.index"), file(f"{n}.arrow")) for n in names)
    known = KnownFiles(file("cells"), shards)
    return HotSpotterModel(known=known, boxCol="box", maskCol="mask", threshold=0.5)


def pictures(count: int) -> pa.Table:
    rows = []
    for animal in range(count):
        seen = sight(animal, 0, hard=1.0, station=20)
        box = dict(zip(_CORNERS, seen.box, strict=True))
        mask = encode(seen.mask, form="PNG")
        rows.append({"id": animal, "image": encode(seen.picture), "mask": mask, "box": box})
    return pa.Table.from_pylist(rows)


def through_executors(cells: Cells, folder: Path, asked: int) -> dict[str, float]:
    """Seconds a query, with all that belongs to it (decoding, keypoints, search), 2 executors."""
    model, table = model_of(cells, folder), pictures(asked)
    start = time.perf_counter()
    local = model.transform(table)
    once = time.perf_counter() - start
    start = time.perf_counter()
    model.transform(table)
    alone = time.perf_counter() - start
    spark = session(MASTER, spark__driver__memory="1g")
    frame = spark.createDataFrame(table).repartition(2 * 2).cache()
    frame.count()
    seconds = []
    for _ in range(4):
        start = time.perf_counter()
        found = model.transform(frame).select("id", "candidates").toArrow()
        seconds.append(time.perf_counter() - start)
    assert found.sort_by("id")["candidates"].to_pylist() == local["candidates"].to_pylist()
    spark.stop()
    return {
        "value": float(np.median(seconds[1:])) / asked,
        "the first time, files sent and opened": seconds[0] / asked,
        "one process without Spark": alone / asked,
        "one process without Spark, the first time": once / asked,
        "queries": asked,
    }
