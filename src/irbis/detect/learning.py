"""From pseudo boxes to a trained detector, and from that to detections in every picture."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.compute as pc
import pyarrow.parquet as pq
from pyspark.sql import DataFrame, SparkSession

from irbis.detect.apply import made_by
from irbis.detect.catalog import Catalog
from irbis.detect.detector import Detector
from irbis.detect.examples import Example
from irbis.detect.faster_rcnn import FasterRCNN
from irbis.detect.listing import content_hash
from irbis.detect.outcome import Found
from irbis.detect.parts_bar import counting_parts
from irbis.detect.pseudo import PseudoBox, PseudoBoxes
from irbis.detect.recipe import Recipe
from irbis.detect.searching import missing_wide, write, written
from irbis.detect.self_training import Relabelled, relabelled
from irbis.errors import DataError
from irbis.image.codec import decode
from irbis.lookahead import chunked

__all__ = ["apply", "found_in", "learn", "read_found"]

# Pictures with a box that are learned from: some hundred are seen in a training at its defaults.
_MOST = 1000
# Encoded pictures that are in memory at once.
_READ = 64
_TABLE = "detections.parquet"

_NONE = np.zeros((0, 4), np.float32)


def learn(
    learner: FasterRCNN,
    catalog: Catalog,
    pseudo: PseudoBoxes,
    bar: Any,
    state: Path | None = None,
    seen: Mapping[str, Found] | None = None,
) -> Detector:
    """Train on the boxes of pictures that are not held out, and on as many pictures of others.

    Parameters
    ----------
    state : Path, optional
        File that a killed training goes on from.
    seen : mapping of path to Found, optional
        What a detector sees there: :func:`irbis.detect.self_training.relabelled` puts both together.

    Raises
    ------
    DataError
        If there is no such box.
    """
    held = set(catalog.paths(held_out=True))
    used = [b for b in pseudo.used if b.path not in held][:_MOST]
    known = {b.path: _boxes(b, seen) for b in used}
    positives = [path for path, both in known.items() if len(both.boxes)]
    if not positives:
        raise DataError(
            "no pseudo box that could be trained on",
            expected="a box on pictures that the classifier believes in",
            do="look at the confusion matrix: are the others different enough?",
        )
    negatives = _some(catalog.paths(0.0, False), len(positives), learner.value("seed"))

    def progress(_step: int, _steps: int, loss: float) -> None:
        bar.set_postfix_str(f"loss {loss:.2f}", refresh=False)
        bar.update()

    learner.progress = progress
    wanted = [*positives, *negatives]
    return learner.fit_examples(list(_examples(catalog, wanted, known, learner.recipe())), state)


def _examples(
    catalog: Catalog, wanted: list[str], known: Mapping[str, Relabelled], recipe: Recipe
) -> Iterator[Example]:
    """Pictures no larger than training looks at them: of the originals a few are in memory."""
    from irbis.detect.augmenting import shrunk

    nothing = Relabelled(_NONE, _NONE)
    for some in chunked(wanted, _READ):
        content = catalog.read(some)
        for path in some:
            both = known.get(path, nothing)
            labels = np.ones(len(both.boxes), np.int64)
            whole = Example(decode(content[path]), both.boxes, labels, None, both.ignore)
            yield shrunk(whole, recipe)


def _boxes(pseudo: PseudoBox, seen: Mapping[str, Found] | None) -> Relabelled:
    good = pseudo.boxes[pseudo.good]
    if seen is None:
        return Relabelled(good, _NONE)
    found = seen[pseudo.path]
    return relabelled(good, found.boxes, found.scores)


def _some(paths: list[str], count: int, seed: int) -> list[str]:
    """`count` of the paths, drawn with the seed: every folder of others has its share."""
    order = np.random.default_rng(seed).permutation(len(paths))[:count]
    return [paths[i] for i in sorted(order.tolist())]


def apply(detector: Detector, frame: DataFrame, folder: Path, bar: Any) -> None:
    """Detect in every picture of path and image; goes on with what a run that died has left."""
    stage = detector.copy({detector.getParam("sizeCol"): "size"})
    maker, place = made_by(stage), str(folder / _TABLE)
    rows = frame.select("image", content_hash().alias("sha256"))
    known = written(frame.sparkSession, place, "sha256", maker)
    with counting_parts(place, bar):
        write(stage, missing_wide(rows, known, "sha256"), place, "sha256", maker)


def found_in(spark: SparkSession, folder: Path) -> DataFrame:
    """What :func:`apply` wrote, each content once."""
    return spark.read.parquet(str(folder / _TABLE)).dropDuplicates(["sha256"])


def read_found(catalog: Catalog, folder: Path) -> dict[str, Found]:
    """Detections in the catalog's pictures by path."""
    wanted = list({row["sha256"] for row in catalog.rows})
    table = pq.read_table(
        folder / _TABLE,
        columns=["sha256", "detections", "size"],
        filters=pc.field("sha256").isin(wanted),
    )
    by_content = {r["sha256"]: Found.of(r["detections"], r["size"]) for r in table.to_pylist()}
    return {row["path"]: by_content[row["sha256"]] for row in catalog.rows}
