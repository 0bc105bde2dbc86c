"""The steps from a classifier to pseudo boxes: a localizer, its boxes, and LIME's explanations."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from irbis.detect.box_file import BoxFile
from irbis.detect.cam_localizer import CamLocalizer
from irbis.detect.catalog import Catalog
from irbis.detect.classify import Classifiers
from irbis.detect.co_localizer import CoLocalizer
from irbis.detect.co_localizer_model import CoLocalizerModel
from irbis.detect.explaining import explain, of_contents, parallelism, waves
from irbis.detect.features import ordered
from irbis.detect.filed import MIN_SCORE, filed
from irbis.detect.hints import by_hints
from irbis.detect.job import Job
from irbis.detect.pseudo import BOXES, PseudoBoxes, box_row
from irbis.detect.saved import Saved
from irbis.detect.sources import BoxSource
from irbis.detect.typical import typical
from irbis.errors import DataError
from irbis.stage import Stage

__all__ = ["SHOWN", "pseudo_boxes", "weighed"]

#: Pictures whose whole explanation goes into the report.
SHOWN = 12
# Pictures of a partition, whose sums are one addend.
_ROWS = 32
_ABOUT = "about.json"


def pseudo_boxes(
    job: Job, catalog: Catalog, classifiers: Classifiers, source: BoxSource, *, compared: bool
) -> PseudoBoxes:
    """Box the target's pictures, and explain them: a few, or all if the boxes come from LIME.

    Parameters
    ----------
    compared : bool
        Whether there are human boxes: held-out pictures are boxed only to be compared with them (and
        to be shown).

    Raises
    ------
    DataError
        If the classifier believes in none of the pictures.
    """
    sides = (False, True) if compared else (False,)
    shown = [row["sha256"] for row in catalog.select(1.0, compared)[:SHOWN]]
    explained: list[Path] = []
    tables: list[pa.Table] = []
    about = _about(source, source.boxer)
    if source.name == "lime":
        explained = [_explained(job, catalog, classifiers, source, side) for side in sides]
        for side, folder in zip(sides, explained, strict=True):
            tables.append(_run(job, side, lambda f=folder: weighed(waves(f), source.boxer)))
    elif isinstance(source.boxer, BoxFile):
        boxes = source.boxer
        read = partial(filed, catalog, boxes)
        tables += [_run(job, side, lambda s=side: _table(read(s))) for side in sides]
        explained = [_explained(job, catalog, classifiers, source, compared, set(shown))]
    else:
        localizer = _localizer(job, catalog, classifiers, source)
        about = json.loads((job.folder("localizer") / _ABOUT).read_text(encoding="utf-8"))
        for side in sides:
            images = catalog.images(1.0, side)
            tables.append(_run(job, side, lambda i=images: _located(i, localizer.model)))
        explained = [_explained(job, catalog, classifiers, source, compared, set(shown))]
    found = pa.concat_tables(tables)
    whole = {k: v for folder in explained for k, v in of_contents(folder, set(shown)).items()}
    fits = [fit for folder in explained for fit in _fits(waves(folder))]
    return PseudoBoxes.of(catalog, found, classifiers.unseen, whole, fits, about)


def _name(step: str, held: bool) -> str:
    return f"held-out {step}" if held else step


def _run(job: Job, held: bool, boxed: Any) -> pa.Table:
    name = "boxes.parquet"
    return job.run(
        _name("boxes", held),
        lambda folder, _: pq.write_table(boxed(), folder / name),
        lambda folder: pq.read_table(folder / name),
    )


def _localizer(
    job: Job, catalog: Catalog, classifiers: Classifiers, source: BoxSource
) -> Saved[Any]:
    """The localizer, learned from the training pictures that are like the rest."""

    def make(folder: Path, _: Any) -> None:
        fitted = _fitted(catalog, classifiers, source).setHeatCol("heat")
        about: dict[str, Any] = {}
        if source.hints is not None:
            chosen = by_hints(catalog, fitted, source.hints)
            fitted.setRule(chosen.rule).setFraction(chosen.fraction)
            about["calibration"] = {"pictures": chosen.pictures, "mean_iou": chosen.tried}
        fitted.save(str(folder / "model"))
        about |= _about(source, fitted)
        (folder / _ABOUT).write_text(json.dumps(about), encoding="utf-8")

    return job.run("localizer", make, lambda folder: Saved(folder / "model", _kind(source)))


def _about(source: BoxSource, stage: Any) -> dict[str, Any]:
    if isinstance(stage, BoxFile):
        said = "score >= " + str(MIN_SCORE)
        return {"source": source.name, "rule": said, "categories": list(stage.categories)}
    about = {
        "source": source.name,
        "rule": stage.value("rule"),
        "fraction": stage.value("fraction"),
    }
    if isinstance(stage, CoLocalizerModel):
        about |= {"components": stage.value("report"), "learned_from": stage.value("counts")}
    return about


def _fitted(catalog: Catalog, classifiers: Classifiers, source: BoxSource) -> Any:
    ready: Any = source.boxer
    ready = ready.copy()
    ready.setClassifier(classifiers.saved.model)
    if not isinstance(ready, CoLocalizer):
        return ready
    contents = typical(catalog, classifiers.features, classifiers.unseen)
    if not contents:
        raise DataError(
            "no picture that the classifier takes for the target",
            expected="some that it does, without having learned from them",
            do="look at the pictures: are the others different enough?",
        )
    rows = ordered(catalog.images(1.0, False, contents), len(contents), _ROWS, "sha256")
    return ready.fit(rows)


def _kind(source: BoxSource) -> Any:
    return CoLocalizerModel if isinstance(source.boxer, CoLocalizer) else CamLocalizer


def _located(images: DataFrame, localizer: Stage) -> pa.Table:
    packed = images.repartition(parallelism(images))
    said = [F.col("heat")[n].alias(n) for n in ("pictureWidth", "pictureHeight", "agreement")]
    found = localizer.transform(packed).select("sha256", "boxes", "boxes_error", *said).toArrow()
    return _table(
        box_row(
            r["sha256"],
            r["pictureWidth"],
            r["pictureHeight"],
            r["boxes"],
            r["boxes_error"],
            r["agreement"],
        )
        for r in found.to_pylist()
    )


def weighed(explained: Iterable[pa.Table], stage: Any) -> pa.Table:
    """Rows of BOXES from waves of explanations."""
    rows = (row for wave in explained for row in stage.transform(wave).to_pylist())
    return _table(
        box_row(
            r["sha256"],
            (r["explanation"] or {}).get("width"),
            (r["explanation"] or {}).get("height"),
            r["boxes"],
            r["explanation_error"],
        )
        for r in rows
    )


def _table(rows: Iterable[dict[str, Any]]) -> pa.Table:
    return pa.Table.from_pylist(sorted(rows, key=lambda r: r["sha256"]), schema=BOXES)


def _explained(
    job: Job,
    catalog: Catalog,
    classifiers: Classifiers,
    source: BoxSource,
    held: bool,
    contents: set[str] | None = None,
) -> Path:
    wanted = {r["sha256"] for r in catalog.select(1.0, held)}
    wanted = wanted if contents is None else wanted & contents
    stage = source.explainer

    def make(folder: Path, bar: Any) -> None:
        ready = stage.copy({stage.getParam("model"): classifiers.saved.model})
        explain(ready, catalog.images(1.0, held, wanted), len(wanted), folder, bar)

    name = _name("explanations", held)
    return job.run(name, make, Path, total=len(wanted), unit="picture", goes_on=True)


def _fits(explained: Iterator[pa.Table]) -> Iterator[tuple[float, int]]:
    for wave in explained:
        for row in wave["explanation"].to_pylist():
            if row is not None:
                yield row["r2"][0], row["forwards"]
