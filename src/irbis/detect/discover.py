"""The main job: pictures with a keyword's worth of labels in, a trained detector and a report out."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from pyspark.sql import functions as F

from irbis.detect import catalog as catalogs
from irbis.detect.classify import STEPS, Classifiers, classify
from irbis.detect.detector import Detector
from irbis.detect.faster_rcnn import FasterRCNN
from irbis.detect.outcome import Discovery, Found
from irbis.detect.progress import Steps
from irbis.detect.pseudo import PseudoBoxes, explain_and_box
from irbis.detect.truth import Truth, score
from irbis.detect.writing import write_outputs
from irbis.errors import DataError, ParamError
from irbis.extras import require
from irbis.image.codec import decode
from irbis.model.hub import ModelDownloader
from irbis.spark import session

__all__ = ["discover"]

_DRAWN = 12  # pictures whose whole explanation goes into the report


def discover(
    target: str,
    images: Sequence[str | Path],
    others: Sequence[str | Path],
    out: str | Path,
    *,
    truth: str | Path | None = None,
    rule: str = "mass",
    iterations: int = 120,
    seed: int = 0,
    show: bool = True,
    attribution: str | None = None,
) -> dict[str, Any]:
    """Make a detector for `target` from pictures that nobody drew a box on.

    A third of each class is held out: it trains nothing, and every score in the report is measured on
    it. Boxes in `truth` are only ever compared with.

    Parameters
    ----------
    target : str
        What is to be found, as it will stand in the detections ("snow leopard").
    images : sequence of str or Path
        Folders of pictures that (mostly) show it.
    others : sequence of str or Path
        Folders of pictures that do not.
    out : str or Path
        Folder for the results: report.html, report.json, boxes.json, detections.json, classifier/,
        detector/.
    truth : str or Path, optional
        COCO file with human boxes of `target`, file names as below or relative to the folders.
    rule : str, default "mass"
        How explanations become boxes: see :mod:`irbis.detect.rules`.
    iterations : int, default 120
        Training steps of the Faster R-CNN.
    seed : int, default 0
    show : bool, default True
        Progress bars on stderr.
    attribution : str, optional
        Where the pictures come from and under which licence, for the report.

    Returns
    -------
    dict
        What report.json holds.

    Raises
    ------
    DataError
        If a folder, a picture set or the truth can't be used.
    MissingExtraError
        Without the extras ``train`` and ``viz``.
    """
    for module, extra in (("torch", "train"), ("jinja2", "viz"), ("matplotlib", "viz")):
        require(module, extra=extra)
    for name, folders in (("images", images), ("others", others)):
        if isinstance(folders, (str, Path)) or not folders:
            raise ParamError(f"{name}={folders!r}", expected="a list of folders, at least one")
    known = Truth.read(truth, target) if truth is not None else None
    steps = Steps(show)
    with steps.step("start Spark"):
        spark = session()
    with steps.step("load the network"):
        network = ModelDownloader().downloadByName("EfficientNetLite0")
    with steps.step("read the pictures"):
        pictures = catalogs.build(spark, images, others)
    if known is not None and not known.knows_any(pictures.paths(1.0, True)):
        raise DataError(
            f"{truth} has no box of {target!r} for a held-out picture",
            expected="file names of the pictures and a category named like the target",
        )
    with steps.step("classify", total=STEPS) as bar:
        classifiers = classify(pictures, network, seed, bar)
    pseudo = _explain(pictures, classifiers, known, target, rule, seed, steps)
    detector = _train(pictures, pseudo, target, iterations, seed, steps)
    with steps.step("detect", total=len(pictures.rows), unit="picture") as bar:
        found = _detect(pictures, detector, bar)
    result = Discovery(
        target=target,
        catalog=pictures,
        classifiers=classifiers,
        pseudo=pseudo,
        found=found,
        detector=detector,
        network=network,
        scores=score(known, pictures, pseudo, found) if known is not None else None,
        truth=known,
        rule=rule,
        iterations=iterations,
        seconds=steps.seconds,
        attribution=attribution,
    )
    return write_outputs(result, Path(out), steps)


def _explain(
    pictures: catalogs.Catalog,
    classifiers: Classifiers,
    known: Truth | None,
    target: str,
    rule: str,
    seed: int,
    steps: Steps,
) -> PseudoBoxes:
    # Held-out pictures are explained only to be compared with human boxes (and to be shown).
    train, held = pictures.paths(1.0, False), pictures.paths(1.0, True)
    shown = set(held[:_DRAWN] if known is not None else train[:_DRAWN])
    wanted = train + (held if known is not None else [])
    frame = pictures.frame.where(F.col("label") == 1.0)
    if known is None:
        frame = frame.where(~F.col("held_out"))
    with steps.step("explain with LIME", total=len(wanted), unit="picture") as bar:
        return explain_and_box(
            frame.select("path", "image"),
            classifiers.model,
            label=target,
            rule=rule,
            keep_explanations=shown,
            bar=bar,
            seed=seed,
        )


def _train(
    pictures: catalogs.Catalog,
    pseudo: PseudoBoxes,
    target: str,
    iterations: int,
    seed: int,
    steps: Steps,
) -> Detector:
    held = set(pictures.paths(held_out=True))
    positives = [b for b in pseudo.used if b.path not in held]
    if not positives:
        raise DataError(
            "no pseudo box that could be trained on",
            expected="explanations with a box on pictures that the classifier believes in",
            do="look at the confusion matrix: are the others different enough?",
        )
    negatives = _spread(pictures.paths(0.0, False), len(positives))
    with steps.step("train Faster R-CNN", total=iterations) as bar:

        def progress(_step: int, _steps: int, loss: float) -> None:
            bar.set_postfix_str(f"loss {loss:.2f}", refresh=False)
            bar.update()

        # One thread: the same detector on every machine, and no worse for a busy one.
        learner = FasterRCNN(labels=[target], iterations=iterations, seed=seed)
        learner.progress = progress
        wanted = [*(b.path for b in positives), *negatives]
        content = pictures.read(wanted)
        seen = [decode(content[path]) for path in wanted]
        empty = np.zeros((0, 4), np.float32)
        boxes = [b.box[None] for b in positives if b.box is not None] + [empty] * len(negatives)
        classes = [np.ones(len(b), np.int64) for b in boxes]
        return learner.fit_rows(seen, boxes, classes)


def _spread(paths: list[str], count: int) -> list[str]:
    """`count` of the paths, evenly spread: every folder of others has its share."""
    step = max(len(paths) / max(count, 1), 1.0)
    return [paths[int(i * step)] for i in range(min(count, len(paths)))]


def _detect(pictures: catalogs.Catalog, detector: Detector, bar: Any) -> dict[str, Found]:
    stage = detector.copy({detector.getParam("sizeCol"): "size"})
    rows = stage.transform(pictures.frame).select("path", "detections", "size").toArrow()
    bar.update(len(rows))
    return {r["path"]: Found.of(r["detections"], r["size"]) for r in rows.to_pylist()}
