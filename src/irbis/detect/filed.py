"""Pseudo boxes that are not looked for: another program's, from its file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from irbis.detect.box_file import BoxFile
from irbis.detect.catalog import Catalog
from irbis.detect.pseudo import box_row
from irbis.errors import DataError
from irbis.image.decoding import upright_size

__all__ = ["MIN_SCORE", "filed"]

#: Boxes below are left out: MegaDetector's usual threshold.
MIN_SCORE = 0.2
# Encoded pictures that are in the driver's memory at once.
_READ = 32


def filed(catalog: Catalog, boxes: BoxFile, held_out: bool) -> Iterator[dict[str, Any]]:
    """Rows of :data:`irbis.detect.pseudo.BOXES` for the target's pictures of a side.

    A picture that the file does not know has no row: it teaches nothing.

    Raises
    ------
    DataError
        If the file knows none of the pictures that teach.
    """
    paths = {row["sha256"]: row["path"] for row in catalog.select(1.0, held_out)}
    known = {sha: path for sha, path in paths.items() if boxes.find(path) is not None}
    if not known and not held_out:
        raise DataError(
            f"a file of boxes that knows none of {len(paths)} pictures",
            expected="names that end like the pictures' paths",
            do="see which names stand in the file",
        )
    order = sorted(known)
    for start in range(0, len(order), _READ):
        some = {sha: known[sha] for sha in order[start : start + _READ]}
        content = catalog.read(list(some.values()))
        for sha, path in some.items():
            found = boxes.find(path)
            if found is None:
                continue
            width, height = upright_size(content[path])
            sure = found.at_least(MIN_SCORE)
            corners = sure.pixels(width, height).tolist()
            names = ("xmin", "ymin", "xmax", "ymax")
            rows = [
                {**dict(zip(names, box, strict=True)), "score": score}
                for box, score in zip(corners, sure.scores.tolist(), strict=True)
            ]
            yield box_row(sha, width, height, rows, None)
