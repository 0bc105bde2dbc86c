"""The steps from a classifier to pseudo boxes: explanations, then boxes, of each side."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from irbis.detect.boxes import BoxesFromWeights
from irbis.detect.catalog import Catalog
from irbis.detect.explaining import explain, of_contents, waves
from irbis.detect.job import Job
from irbis.detect.pseudo import PseudoBoxes, boxes_of
from irbis.detect.saved import Saved
from irbis.explain.lime import ImageLIME
from irbis.pipeline import PipelineModel

__all__ = ["pseudo_boxes"]

_DRAWN = 12  # pictures whose whole explanation goes into the report


def pseudo_boxes(
    job: Job,
    catalog: Catalog,
    model: Saved[PipelineModel],
    stage: ImageLIME,
    boxes: BoxesFromWeights,
    *,
    compared: bool,
) -> PseudoBoxes:
    """Explain the target's pictures and box them.

    Parameters
    ----------
    compared : bool
        Whether there are human boxes: held-out pictures are explained only to be compared with them
        (and to be shown).
    """
    tables: list[pa.Table] = []
    whole: dict[str, dict[str, Any]] = {}
    shown = {row["sha256"] for row in catalog.select(1.0, compared)[:_DRAWN]}
    for held in (False, True) if compared else (False,):
        explanations = _explained(job, catalog, model, stage, held)
        tables.append(_boxed(job, explanations, boxes, held))
        whole |= of_contents(explanations, shown)
    return PseudoBoxes.of(catalog, pa.concat_tables(tables), whole)


def _name(step: str, held: bool) -> str:
    return f"held-out {step}" if held else step


def _explained(
    job: Job, catalog: Catalog, model: Saved[PipelineModel], stage: ImageLIME, held: bool
) -> Path:
    count = len({row["sha256"] for row in catalog.select(1.0, held)})

    def make(folder: Path, bar: Any) -> None:
        ready = stage.copy({stage.getParam("model"): model.model})
        explain(ready, catalog.images(1.0, held), count, folder, bar)

    return job.run(
        _name("explanations", held), make, Path, total=count, unit="picture", goes_on=True
    )


def _boxed(job: Job, explanations: Path, boxes: BoxesFromWeights, held: bool) -> pa.Table:
    def make(folder: Path, _: Any) -> None:
        pq.write_table(boxes_of(waves(explanations), boxes), folder / "boxes.parquet")

    return job.run(
        _name("boxes", held), make, lambda folder: pq.read_table(folder / "boxes.parquet")
    )
