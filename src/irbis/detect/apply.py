"""Applying a saved detector to pictures: a folder or a table, however many."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from irbis.detect.detector import Detector
from irbis.detect.drawing import MACHINE, draw_boxes
from irbis.detect.explaining import parallelism
from irbis.detect.parts_bar import counting_parts
from irbis.detect.plan import params_of
from irbis.detect.progress import Steps
from irbis.detect.searching import missing, missing_wide, table, write, written
from irbis.detect.store import digest
from irbis.detect.streaming_found import write_json
from irbis.errors import DataError, ParamError
from irbis.image.codec import decode, encode
from irbis.image.collection import Collection, Source, collection
from irbis.pipeline import PipelineModel
from irbis.read_files import ReadFiles
from irbis.selection import DropColumns
from irbis.spark import session

__all__ = ["Detected", "detect_pictures", "made_by"]

# Pictures of a task: what a run that dies loses is at most a task's for each core.
_TASK = 256
#: Tasks of a job: each costs the driver some kilobytes.
_TASKS = 2048


@dataclass(frozen=True)
class Detected:
    """How many pictures there are, have a find, failed, and were done by an earlier run."""

    pictures: int
    hits: int
    failed: int
    reused: int


def detect_pictures(
    detector: str | Path,
    pictures: Source,
    out: str | Path,
    *,
    annotated: str | Path | None = None,
    threshold: float = 0.5,
    fresh: bool = False,
    show: bool = True,
) -> Detected:
    """Detect in all pictures below a folder, or of a table.

    The driver's memory does not grow with the number of pictures (see docs/scale.md). A run that
    died is gone on with: run it again.

    Parameters
    ----------
    detector : str or Path
        A saved :class:`irbis.Detector`.
    pictures : str, Path or DataFrame
        See :func:`irbis.image.collection.collection`. In a table each path stands once.
    out : str or Path
        A path that ends in ``.json``: MegaDetector batch file (format 1.6), file names relative to
        the folder, or as in the table. Until it is whole, what was found is kept beside it in
        ``OUT.parts``. Else a Parquet table, to which what is missing is added: path, detections,
        size, detections_error, detector. Every score from the detector's own threshold on is in it.
    annotated : str or Path, optional
        Folder for copies with the boxes drawn, of pictures with a detection; of a folder only.
    threshold : float, default 0.5
        Lowest score that is counted and drawn.
    fresh : bool, default False
        Go on with nothing that is there, and replace it.
    show : bool, default True
        Progress bars and a summary.

    Returns
    -------
    Detected

    Raises
    ------
    DataError
        If there is no such detector or no picture, a path stands twice, or `out` has detections of
        another detector.
    ParamError
        For `annotated` with a table.
    """
    if not (Path(detector) / "metadata").exists():
        raise DataError(f"{detector}", expected="a folder that Detector.save wrote")
    steps = Steps(show)
    with steps.step("start Spark"):
        spark = session()
    given = collection(spark, pictures)
    if annotated is not None and given.folder is None:
        raise ParamError("annotated pictures of a table", expected="a local folder of pictures")
    stage = Detector.load(str(Path(detector).resolve())).setSizeCol("size")
    json = str(out).endswith(".json")
    place = _absolute(f"{out}.parts" if json else str(out))
    if json and fresh:
        shutil.rmtree(place, ignore_errors=True)
    maker = made_by(stage)
    with steps.step("list the pictures"):
        total = _total(given, str(pictures))
        known = None if fresh else written(spark, place, "path", maker)
        reused = 0 if known is None else known.count()
    run, rows, tasks = _planned(stage, given, known, total - reused)
    with steps.step("detect", tasks, "part") as bar, counting_parts(place, bar):
        write(run, rows, place, "path", maker, fresh=fresh)
    found = table(spark, place, "path")
    if annotated is not None and given.folder is not None:
        _draw(given.folder, Path(annotated), found, threshold, steps)
    said = _counted(found, threshold, reused)
    if json:
        with steps.step("write the file", said.pictures, "picture") as bar:
            names = _relative(found, given.folder)
            write_json(names, Path(out), stage.getLabels(), said.pictures, bar)
        shutil.rmtree(place)
    if show:
        print(
            f"{said.hits} of {said.pictures} pictures have a detection of at least {threshold}; "
            f"{said.failed} failed" + (f"; {reused} were there" if reused else "")
        )
        print(f"detections: {out}" + (f"\nannotated: {annotated}" if annotated else ""))
    return said


def made_by(stage: Detector) -> str:
    """What detections depend on: the network's content, Params, irbis's version."""
    from irbis import __version__

    columns = ("file", "inputCol", "outputCol", "sizeCol", "errorCol", "threads")
    content = [file.sha256 for file in stage.files()]
    return digest(irbis=__version__, network=content, params=params_of(stage, *columns))[:16]


def _absolute(place: str) -> str:
    return place if "://" in place else str(Path(place).expanduser().resolve())


def _total(given: Collection, named: str) -> int:
    """Number of pictures."""
    if given.table is None:
        return int(given.listed.count())
    each = given.listed.groupBy("path").count()
    found = each.agg(F.sum("count"), F.max("count"), F.count("path"), F.count(F.lit(1))).first()
    assert found is not None
    total, most, named_ones, rows = found[0] or 0, found[1] or 0, found[2], found[3]
    if most > 1 or named_ones < rows:
        worst = each.where("count > 1 or path is null").first()
        raise DataError(f"path {worst and worst[0]!r} several times", expected="each path once")
    if not total:
        raise DataError(f"no picture in {named}", expected="a folder or a table of pictures")
    return int(total)


def _planned(
    stage: Detector, given: Collection, known: DataFrame | None, rest: int
) -> tuple[Any, DataFrame, int]:
    """What is run on which rows, and in about how many tasks."""
    cores = parallelism(given.listed)
    tasks = max(1, min(max(-(-rest // _TASK), min(4 * cores, rest)), _TASKS))
    if given.table is None:
        run = PipelineModel([ReadFiles(), stage, DropColumns(cols=["image"])])
        return run, missing(given.listed, known, "path").repartition(tasks, "path"), tasks
    rows = missing_wide(given.table, known, "path")
    # As the table's files are cut, so that no picture is moved; unless that leaves cores idle.
    parts = given.listed.select(F.spark_partition_id().alias("part")).distinct().count()
    if parts < min(4 * cores, rest):
        return stage, rows.repartition(tasks, "path"), tasks
    return stage, rows, parts


def _counted(found: DataFrame, threshold: float, reused: int) -> Detected:
    hit = F.exists("detections", lambda one: one["score"] >= threshold)
    failed = F.col("detections_error").isNotNull()
    row = found.agg(F.count(F.lit(1)), F.count(F.when(hit, 1)), F.count(F.when(failed, 1))).first()
    assert row is not None
    return Detected(row[0], row[1], row[2], reused)


def _relative(found: DataFrame, folder: Path | None) -> DataFrame:
    """The same with a column name, as it stands in the file."""
    if folder is None:
        return found.withColumn("name", F.col("path"))
    skipped = len(str(folder).rstrip("/")) + 2
    return found.withColumn("name", F.expr(f"substring(path, {skipped})"))


def _draw(folder: Path, target: Path, found: DataFrame, threshold: float, steps: Steps) -> None:
    """Draw boxes, one picture in memory at a time."""
    sure = F.filter("detections", lambda one: one["score"] >= threshold)
    shown = found.select("path", sure.alias("sure")).where(F.size("sure") > 0)
    with steps.step("draw", total=shown.count(), unit="picture") as bar:
        for row in shown.toLocalIterator():
            boxes = [[d["xmin"], d["ymin"], d["xmax"], d["ymax"]] for d in row["sure"]]
            captions = [f"{d['label']} {d['score']:.2f}" for d in row["sure"]]
            picture = decode(Path(row["path"]).read_bytes())
            path = target / Path(os.path.relpath(row["path"], folder)).with_suffix(".jpg")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(encode(draw_boxes(picture, boxes, MACHINE, captions)))
            bar.update()
