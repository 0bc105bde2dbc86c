"""From pseudo boxes to a trained detector, and from that to detections in every picture."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq

from irbis.detect.catalog import Catalog
from irbis.detect.detector import Detector
from irbis.detect.examples import Example
from irbis.detect.faster_rcnn import FasterRCNN
from irbis.detect.outcome import Found
from irbis.detect.pseudo import PseudoBox, PseudoBoxes
from irbis.detect.self_training import Relabelled, relabelled
from irbis.errors import DataError
from irbis.image.codec import decode

__all__ = ["apply", "learn", "read_found"]

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
    known = {b.path: _boxes(b, seen) for b in pseudo.used if b.path not in held}
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
    content = catalog.read(wanted)
    examples = []
    for path in wanted:
        both = known[path] if path in known else Relabelled(_NONE, _NONE)
        labels = np.ones(len(both.boxes), np.int64)
        examples.append(Example(decode(content[path]), both.boxes, labels, None, both.ignore))
    return learner.fit_examples(examples, state)


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


def apply(detector: Detector, catalog: Catalog, folder: Path, bar: Any) -> None:
    """Detect in every picture; write sha256, detections and size."""
    stage = detector.copy({detector.getParam("sizeCol"): "size"})
    found = stage.transform(catalog.images()).select("sha256", "detections", "size").toArrow()
    pq.write_table(found.sort_by("sha256"), folder / "detections.parquet")
    bar.update(len(found))


def read_found(catalog: Catalog, folder: Path) -> dict[str, Found]:
    """Detections by path."""
    rows = pq.read_table(folder / "detections.parquet").to_pylist()
    by_content = {row["sha256"]: Found.of(row["detections"], row["size"]) for row in rows}
    return {row["path"]: by_content[row["sha256"]] for row in catalog.select()}
