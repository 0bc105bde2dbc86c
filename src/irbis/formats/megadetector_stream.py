"""MegaDetector's batch file written picture by picture: memory of one, whatever their number."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TextIO

from irbis.formats.megadetector import (
    MegaImage,
    check_entry,
    entry_of,
    megadetector_document,
    validate,
)

__all__ = ["MegaDetectorFile"]


class MegaDetectorFile:
    """A file of format 1.6 that grows; it takes its name when the block ends well.

    Parameters
    ----------
    path : str or Path
    labels : sequence of str
        Categories, numbered from "1".
    info : mapping, optional
        Fields of "info".

    Raises
    ------
    DataError
        From `write`, for what the format can't hold.

    Examples
    --------
    >>> import numpy as np, tempfile
    >>> path = Path(tempfile.mkdtemp()) / "found.json"
    >>> boxes = np.array([[0, 0, 5, 5]], np.float32)
    >>> with MegaDetectorFile(path, ["cat"]) as file:
    ...     file.write(MegaImage("a.jpg", 10, 10, boxes, ["cat"], [0.5]))
    >>> json.loads(path.read_text())["images"][0]["detections"][0]["bbox"]
    [0.0, 0.0, 0.5, 0.5]
    """

    def __init__(
        self, path: str | Path, labels: Sequence[str], info: Mapping[str, Any] | None = None
    ) -> None:
        self.path = Path(path)
        self._half = self.path.with_name(f"{self.path.name}.half")
        self._empty = megadetector_document([], labels, info)
        validate(self._empty)
        self._categories = self._empty["detection_categories"]
        self._numbers = {label: number for number, label in self._categories.items()}
        self._file: TextIO | None = None
        self._count = 0

    def __enter__(self) -> Self:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._file = self._half.open("w", encoding="utf-8")
        # The list of pictures is the document's last field, and is left open.
        self._file.write(json.dumps(self._empty, indent=1).removesuffix("]\n}"))
        return self

    def write(self, image: MegaImage) -> None:
        """Add a picture."""
        assert self._file is not None
        entry = entry_of(image, self._numbers)
        check_entry(entry, f"images[{self._count}]", self._categories)
        self._file.write(",\n  " if self._count else "\n  ")
        self._file.write(json.dumps(entry))
        self._count += 1

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._file is not None
        if kind is None:
            self._file.write("\n ]\n}")
        self._file.close()
        if kind is None:
            self._half.replace(self.path)
        else:
            self._half.unlink()
