"""Applying a saved detector to a folder of pictures."""

from __future__ import annotations

import os
from pathlib import Path

from irbis.detect.detector import Detector
from irbis.detect.drawing import MACHINE, draw_boxes
from irbis.detect.outcome import Found
from irbis.detect.progress import Steps
from irbis.detect.writing import Entry, write_detections
from irbis.errors import DataError
from irbis.image.codec import decode, encode
from irbis.image.reading import read_pictures
from irbis.spark import session

__all__ = ["detect_folder"]


def detect_folder(
    detector: str | Path,
    pictures: str | Path,
    out: str | Path,
    *,
    annotated: str | Path | None = None,
    threshold: float = 0.5,
    show: bool = True,
) -> dict[str, Found]:
    """Detect in all pictures below a folder.

    Parameters
    ----------
    detector : str or Path
        A saved :class:`irbis.Detector`.
    pictures : str or Path
    out : str or Path
        MegaDetector batch file (format 1.6), file names relative to `pictures`. Every score from
        the detector's own threshold on is in it.
    annotated : str or Path, optional
        Folder for copies with the boxes drawn, of pictures with a detection.
    threshold : float, default 0.5
        Lowest score that is counted and drawn.
    show : bool, default True
        Progress bars and a summary.

    Returns
    -------
    dict of file name to Found

    Raises
    ------
    DataError
        If there is no such detector or no picture.
    """
    if not (Path(detector) / "metadata").exists():
        raise DataError(f"{detector}", expected="a folder that Detector.save wrote")
    steps = Steps(show)
    with steps.step("start Spark"):
        spark = session()
    stage = Detector.load(str(Path(detector).resolve())).setSizeCol("size")
    frame = read_pictures(spark, [pictures])
    folder = Path(pictures).expanduser().resolve()
    entries: list[Entry] = []
    found: dict[str, Found] = {}
    total = frame.count()
    with steps.step("detect", total=total, unit="picture") as bar:
        width = max(1, min(total, 4 * (os.cpu_count() or 1)))
        run = stage.transform(frame.repartition(width)).select(
            "path", "detections", "size", "detections_error"
        )
        # Partition by partition: the bar moves, and the driver holds one partition at a time.
        for row in run.toLocalIterator(prefetchPartitions=True):
            name = Path(row["path"]).relative_to(folder).as_posix()
            error = row["detections_error"]
            rows = [d.asDict() for d in row["detections"] or []]
            found[name] = Found.of(rows, row["size"].asDict() if row["size"] else None)
            entries.append(Entry(name, None if error else found[name], error and error["message"]))
            bar.update()
    write_detections(Path(out), sorted(entries, key=lambda e: e.name), stage.getLabels())
    if annotated is not None:
        _draw(folder, Path(annotated), found, threshold, steps)
    if show:
        hits = sum(bool((f.scores >= threshold).any()) for f in found.values())
        failed = sum(e.found is None for e in entries)
        print(
            f"{hits} of {total} pictures have a detection of at least {threshold}; {failed} failed"
        )
        print(f"detections: {out}" + (f"\nannotated: {annotated}" if annotated else ""))
    return found


def _draw(
    folder: Path, target: Path, found: dict[str, Found], threshold: float, steps: Steps
) -> None:
    shown = {n: f for n, f in found.items() if (f.scores >= threshold).any()}
    with steps.step("draw", total=len(shown), unit="picture") as bar:
        for name, detections in shown.items():
            keep = detections.scores >= threshold
            labels = [label for label, kept in zip(detections.labels, keep, strict=True) if kept]
            captions = [
                f"{label} {s:.2f}" for label, s in zip(labels, detections.scores[keep], strict=True)
            ]
            picture = decode((folder / name).read_bytes())
            path = target / Path(name).with_suffix(".jpg")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(encode(draw_boxes(picture, detections.boxes[keep], MACHINE, captions)))
            bar.update()
