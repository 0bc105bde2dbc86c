"""``irbis identify``: a table of the known, pictures of the unknown, and a page to decide on."""

from __future__ import annotations

import logging
import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from pyspark.sql import DataFrame, SparkSession

from irbis.errors import DataError
from irbis.extras import require
from irbis.identify.decisions import confirmed
from irbis.identify.hotspotter import HotSpotter
from irbis.identify.hotspotter_model import HotSpotterModel
from irbis.identify.review import MatchReview, Reviewed, ReviewedCandidate
from irbis.identify.review_drawing import draw_pair
from irbis.identify.sightings_file import Sighting, read_sightings
from irbis.image.codec import decode
from irbis.read_files import ReadFiles
from irbis.spark import session

__all__ = ["identify"]

logger = logging.getLogger(__name__)
_SCHEMA = (
    "file string, path string, box struct<xmin float, ymin float, xmax float, ymax float>, "
    "individual string, event string, station string"
)


def identify(
    known: str | Path,
    queries: str | Path,
    out: str | Path,
    *,
    decisions: Sequence[str | Path] = (),
    model: str | Path | None = None,
    shown: int = 3,
    false_match_rate: float = 0.05,
    show: bool = True,
) -> list[Reviewed]:
    """Compare pictures with known individuals and write a page to decide on.

    Parameters
    ----------
    known : str or Path
        Table that :func:`irbis.identify.sightings_file.read_sightings` reads, with a column
        individual. Where it has stations or events, pairs of one are no evidence.
    queries : str or Path
        A folder or a table.
    out : str or Path
        The page.
    decisions : sequence of str or Path
        What was saved on earlier pages about these queries: those confirmed are known now.
    model : str or Path, optional
        Folder that keeps what is known: made if it is not there, else loaded, and only pictures it does
        not know yet are added to it.
    shown : int, default 3
        Candidates of each query.
    false_match_rate : float, default 0.05
        See :class:`irbis.HotSpotter`.
    show : bool, default True
        Say what came out.

    Returns
    -------
    list of Reviewed

    Raises
    ------
    DataError
        If a table can't be read, nobody is known, or `model` knows pictures that the table has not.
    MissingExtraError
        Without the extras ``identify`` and ``viz``.
    """
    require("jinja2", extra="viz")
    sightings = [s for s in read_sightings(known) if s.individual is not None]
    if not sightings:
        raise DataError(f"{known} without a name", expected="a column 'individual' with names")
    asked = read_sightings(queries)
    said = {q: n for path in decisions for q, n in confirmed(path).items()}
    # Under a name of its own: a query may be called as a known picture is.
    learned = [
        replace(s, individual=said[s.file], file=f"confirmed: {s.file}")
        for s in asked
        if s.file in said
    ]
    everyone = [*sightings, *learned]
    spark = session()
    found = _known(spark, everyone, model, false_match_rate).setNumCandidates(shown)
    _check_places(found, everyone)
    if not any(s.box is not None for s in asked):
        found.setBoxCol(None)
    waiting = [s for s in asked if s.file not in said]
    answers = _asked(found, spark, waiting) if waiting else {}
    places = {s.file: s for s in everyone}
    reviewed = [_reviewed(s, answers[s.file], places) for s in waiting]
    page = MatchReview(
        queries=reviewed,
        individuals=len(found.individuals()),
        annotations=sum(len(a) for a in found.individuals().values()),
        threshold=found.value("threshold"),
        threshold_source=found.value("thresholdSource"),
        unknown=found.value("unknownLabel"),
    )
    Path(out).parent.mkdir(parents=True, exist_ok=True)
    Path(out).write_text(page.render(), encoding="utf-8")
    if show:
        named = sum(r.prediction not in {None, page.unknown} for r in reviewed)
        print(f"{named} of {len(reviewed)} pictures got a name; decide on {out}")
    return reviewed


def _known(
    spark: SparkSession, everyone: Sequence[Sighting], folder: str | Path | None, rate: float
) -> HotSpotterModel:
    if folder is not None and (Path(folder) / "metadata").exists():
        model: HotSpotterModel = HotSpotterModel.load(str(Path(folder).resolve()))
        old = {a for listed in model.individuals().values() for a in listed}
        new = [s for s in everyone if s.file not in old]
        if not new:
            return model
        try:
            model = model.add(_frame(spark, new))
        except DataError as error:  # pictures that can't be read now may be there another time
            logger.warning("nothing added to %s: %s", folder, error)
            return model
    else:
        columns: dict[str, Any] = {
            f"{c}Col": c if any(getattr(s, c) is not None for s in everyone) else None
            for c in ("box", "event", "station")
        }
        spotter = HotSpotter(annotationCol="file", falseMatchRate=rate, **columns)
        model = spotter.fit(_frame(spark, everyone))
    if folder is not None:
        model.write().overwrite().save(str(Path(folder).resolve()))
    return model


def _check_places(model: HotSpotterModel, everyone: Sequence[Sighting]) -> None:
    gone = {a for listed in model.individuals().values() for a in listed}
    gone -= {s.file for s in everyone}
    if gone:
        raise DataError(
            f"a model that knows {min(gone)!r} and {len(gone) - 1} more that the tables have not",
            expected="the table it was made of, grown",
            do="name another folder for the model, or give the decisions again",
        )


def _frame(spark: SparkSession, sightings: Sequence[Sighting]) -> DataFrame:
    rows = [(s.file, s.path, s.box, s.individual, s.event, s.station) for s in sightings]
    width = max(1, min(len(rows), 2 * (os.cpu_count() or 1)))
    frame = spark.createDataFrame(rows, _SCHEMA).repartition(width)
    return ReadFiles(errorCol="unread").transform(frame)


def _asked(
    model: HotSpotterModel, spark: SparkSession, sightings: Sequence[Sighting]
) -> dict[str, dict[str, Any]]:
    wanted = ("file", "candidates", "prediction", "matches", "candidates_error", "unread")
    done = model.transform(_frame(spark, sightings)).select(*wanted)
    return {r["file"]: r.asDict(recursive=True) for r in done.toLocalIterator()}


def _reviewed(sighting: Sighting, row: dict[str, Any], places: dict[str, Sighting]) -> Reviewed:
    error = row["unread"] or row["candidates_error"]
    candidates = row["candidates"] or []
    shown = []
    picture = decode(Path(sighting.path).read_bytes()) if candidates else None
    for candidate in candidates:
        other = places[candidate["annotation"]]
        points = [
            (m["x"], m["y"], m["known_x"], m["known_y"])
            for m in row["matches"]
            if m["annotation"] == candidate["annotation"]
        ]
        beside = decode(Path(other.path).read_bytes())
        assert picture is not None
        drawn = draw_pair(picture, sighting.box, beside, other.box, points)
        shown.append(ReviewedCandidate(picture=drawn, **candidate))
    first = [c["inliers"] for c in candidates[:2]]
    return Reviewed(
        query=sighting.file,
        prediction=row["prediction"],
        error=None if error is None else f"{error['kind']}: {error['message']}",
        candidates=shown,
        margin=first[0] / first[1] if len(first) == 2 else None,
    )
