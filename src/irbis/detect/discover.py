"""The main job: pictures with a keyword's worth of labels in, a trained detector and a report out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from pyspark.sql import DataFrame

from irbis.detect import catalog as catalogs
from irbis.detect.catalog import Catalog
from irbis.detect.classify import classify
from irbis.detect.crediting import credits_of
from irbis.detect.detector import Detector
from irbis.detect.faster_rcnn import FasterRCNN
from irbis.detect.features import featurizer
from irbis.detect.job import Job
from irbis.detect.learning import apply, found_in, learn, read_found
from irbis.detect.listing import Listing, copy_some, listing
from irbis.detect.locate import SHOWN, pseudo_boxes
from irbis.detect.loss_plot import plot_losses
from irbis.detect.outcome import Discovery, Found
from irbis.detect.plan import fingerprint_key, keys, params_of
from irbis.detect.progress import Steps
from irbis.detect.pseudo import PseudoBoxes
from irbis.detect.saved import Saved
from irbis.detect.self_training import verdict
from irbis.detect.sources import box_source
from irbis.detect.store import Store, digest
from irbis.detect.truth import Truth, score
from irbis.detect.writing import write_outputs
from irbis.errors import DataError, ParamError
from irbis.extras import require
from irbis.image.collection import Source, is_table
from irbis.image.reading import source_of
from irbis.model.hub import ModelDownloader
from irbis.spark import session

__all__ = ["discover"]


def discover(
    target: str,
    images: Sequence[Source],
    others: Sequence[Source],
    out: str | Path,
    *,
    truth: str | Path | None = None,
    boxes: str | Path = "colocalize",
    rule: str | None = None,
    calibrate: str | Path | None = None,
    self_training: bool = False,
    iterations: int = 120,
    seed: int = 0,
    most: int = 3000,
    fresh: bool = False,
    show: bool = True,
    attribution: str | None = None,
    provenance: Sequence[Mapping[str, Any]] = (),
) -> dict[str, Any]:
    """Make a detector for `target` from pictures that nobody drew a box on.

    A third of each class is held out: it trains nothing, and every score in the report is measured on
    it. Boxes in `truth` are only ever compared with.

    Each step leaves its result in ``OUT/steps``. A second run, or one after a crash, takes from
    there what was made of the same pictures (by content, not by name), settings and version.

    Parameters
    ----------
    target : str
        What is to be found, as it will stand in the detections ("snow leopard").
    images : sequence of str, Path or DataFrame
        Folders of pictures that (mostly) show it, or tables of them: see
        :func:`irbis.image.collection.collection`.
    others : sequence of str, Path or DataFrame
        Those that do not.
    out : str or Path
        Folder for the results: report.html, report.json, loss.png, boxes.json, detections.json,
        classifier/, detector/; and steps/, which can be deleted.
    truth : str or Path, optional
        COCO file with human boxes of `target`, file names as below or relative to the folders.
    boxes : {"colocalize", "cam", "lime"} or path, default "colocalize"
        Where the boxes that the detector learns from come from: see docs/detection.md. A path:
        MegaDetector's batch file, or COCO's.
    rule : str or None, default None
        How heat or weights become boxes, a name in :mod:`irbis.detect.rules` with its number or
        without, such as "max=0.2"; None: the source's own.
    calibrate : str or Path, optional
        COCO file with boxes of some 5 to 10 pictures of `target`: those that teach choose the rule.
    self_training : bool, default False
        Train a second detector on what the first says of its boxes; it is kept only if it agrees
        better with the localizer's boxes in held-out pictures: see docs/training.md.
    iterations : int, default 120
        Training steps of the Faster R-CNN.
    seed : int, default 0, from 0
        Of the shuffled labels, LIME's design, the choice of negatives and the training. Which
        pictures are held out does not depend on it.
    most : int, default 3000, from 12
        Pictures of each side that are learned from and measured on, at most. Of more, those whose
        content has the smallest sha256. The detector searches them all.
    fresh : bool, default False
        Use nothing that is in ``OUT/steps``, and replace it.
    show : bool, default True
        Progress bars on stderr.
    attribution : str, optional
        Where the pictures come from and under which licence, for the report.

    provenance : sequence of mappings, default ()
        Whose each picture is, from :func:`irbis.detect.gathering.gather`: a table in the report.

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
    for name, folders in (("images", images), ("others", others)):
        if isinstance(folders, (str, Path, DataFrame)) or not folders:
            raise ParamError(f"{name}={folders!r}", expected="a list of folders, at least one")
        for folder in folders:
            if not isinstance(folder, DataFrame) and not is_table(folder):
                source_of(folder)  # said before torch is loaded and Spark is started
    for module, extra in (("torch", "train"), ("jinja2", "viz"), ("matplotlib", "viz")):
        require(module, extra=extra)
    if most < 12:
        raise ParamError(f"most={most}", expected="12 or more")
    learner = FasterRCNN(labels=[target], iterations=iterations, seed=seed)
    origin = box_source(str(boxes), rule, target, seed, calibrate)
    known = Truth.read(truth, target) if truth is not None else None
    steps = Steps(show)
    with steps.step("start Spark"):
        spark = session()
    with steps.step("load the network"):
        network = ModelDownloader().downloadByName("EfficientNetLite0")
    frame = catalogs.read(spark, images, others)
    store = Store(Path(out) / "steps", fresh=fresh)
    with store.alone(), ExitStack() as reading:
        job = Job(store, steps)
        with steps.step("read the pictures"):
            all_of = reading.enter_context(listing(frame, store.root.parent / ".listing"))
        pictures = _catalog(job, frame, all_of, most)
        if known is not None and not known.knows_any(pictures.paths(1.0, True)):
            raise DataError(
                f"{truth} has no box of {target!r} for a held-out picture",
                expected="file names of the pictures and a category named like the target",
            )
        job.keys |= keys(
            [(row["sha256"], row["label"], row["held_out"]) for row in pictures.rows],
            {
                "network": {"sha256": network.sha256, **params_of(featurizer(network), "model")},
                "seed": seed,
                "lime": params_of(origin.explainer),
                "explained": "all" if origin.name == "lime" else SHOWN,
                "boxes": origin.settings(),
                "trainer": params_of(learner),
                "everything": all_of.digest,
            },
        )
        classifiers = classify(job, pictures, network, seed)
        pseudo = pseudo_boxes(
            job, pictures, classifiers, origin, compared=known is not None or self_training
        )
        detector = _learn(job, pictures, pseudo, learner)
        found = _found(job, frame, pictures, detector)
        chosen, everywhere = None, "detections"
        if self_training:
            second = _learn(job, pictures, pseudo, learner, found)
            seen = _found(job, frame, pictures, second, "second ")
            chosen = verdict(pseudo, found, seen, pictures)
            if chosen.kept:
                detector, found, everywhere = second, seen, "second detections"
        result = Discovery(
            target=target,
            catalog=pictures,
            listing=all_of,
            everywhere=found_in(spark, job.folder(everywhere)),
            classifiers=classifiers,
            pseudo=pseudo,
            found=found,
            detector=detector,
            network=network,
            scores=score(known, pictures, pseudo, found) if known is not None else None,
            truth=known,
            iterations=iterations,
            seconds=steps.seconds,
            reused=steps.reused,
            attribution=attribution,
            credits=credits_of(provenance, pictures),
            self_training=chosen,
        )
        return write_outputs(result, Path(out), steps)


def _catalog(job: Job, frame: DataFrame, all_of: Listing, most: int) -> Catalog:
    rows = all_of.chosen(most)
    contents = [row["sha256"] for row in rows]
    if len(rows) < all_of.total:  # copied, so that not every step has to read all to find them
        job.keys["sample"] = digest(pictures=sorted(row["path"] + row["sha256"] for row in rows))
        name = "pictures.parquet"
        frame = job.run(
            "sample",
            lambda folder, _: copy_some(frame, rows, folder / name),
            lambda folder: frame.sparkSession.read.parquet(str(folder / name)),
        )
    job.keys["fingerprints"] = fingerprint_key(contents)
    name = "fingerprints.parquet"

    def make(folder: Path, _: Any) -> None:
        pq.write_table(catalogs.fingerprints(frame, rows), folder / name)

    hashed = job.run("fingerprints", make, lambda folder: pq.read_table(folder / name))
    return catalogs.build(frame, rows, hashed)


def _learn(
    job: Job,
    pictures: Catalog,
    pseudo: PseudoBoxes,
    learner: FasterRCNN,
    seen: Mapping[str, Found] | None = None,
) -> Saved[Detector]:
    def train(folder: Path, bar: Any) -> None:
        state = folder / "state.pt"
        learn(learner, pictures, pseudo, bar, state, seen).save(str(folder / "model"))
        plot_losses(learner.losses, folder / "loss.png")
        state.unlink(missing_ok=True)

    return job.run(
        "detector" if seen is None else "second detector",
        train,
        lambda folder: Saved(folder / "model", Detector),
        total=learner.value("iterations"),
        goes_on=True,
    )


def _found(
    job: Job, frame: DataFrame, pictures: Catalog, detector: Saved[Detector], which: str = ""
) -> dict[str, Found]:
    return job.run(
        which + "detections",
        lambda folder, bar: apply(detector.model, frame, folder, bar),
        lambda folder: read_found(pictures, folder),
        unit="part",
        goes_on=True,
    )
