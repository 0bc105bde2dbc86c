"""A folder of pictures with captions, searchable by words.

The index is SQLite's FTS5, out of Python's own standard library: BM25 ranking and stemming, nothing
to install, and for a folder the speed does not matter.
"""

from __future__ import annotations

import csv
import hashlib
import json
import re
import sqlite3
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from irbis.errors import DataError
from irbis.image.decoding import upright_size
from irbis.image.header import recognise
from irbis.image.picture import PictureError

__all__ = ["FIELDS", "ImageIndex", "IndexedImage"]

#: Columns of metadata.csv and metadata.jsonl that are known, beside file_name.
FIELDS = ("title", "text", "creator", "license", "license_url", "attribution", "landing_page")
_SUFFIXES = {".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp", ".tif", ".tiff"}


@dataclass(frozen=True)
class IndexedImage:
    """A picture of the folder."""

    id: str
    path: Path
    form: str
    width: int
    height: int
    size: int
    metadata: dict[str, str]


class ImageIndex:
    """All pictures below a folder.

    Captions come from ``metadata.csv`` or ``metadata.jsonl`` beside the pictures, as Hugging Face's
    ImageFolder has them: ``file_name`` and any of :data:`FIELDS`. The names of file and folders are
    searched too, so that a folder without captions can be searched as well.

    Parameters
    ----------
    folder : str or Path

    Raises
    ------
    DataError
        If it is no folder, or holds no picture that can be read.
    """

    def __init__(self, folder: str | Path) -> None:
        root = Path(folder).expanduser().resolve()
        if not root.is_dir():
            raise DataError(str(folder), expected="a folder of pictures")
        self.images: dict[str, IndexedImage] = {}
        self._lock = threading.Lock()
        self._table = sqlite3.connect(":memory:", check_same_thread=False)
        self._table.execute(
            "CREATE VIRTUAL TABLE captions USING fts5(id UNINDEXED, title, words, "
            "tokenize='porter unicode61 remove_diacritics 2')"
        )
        for image in _images(root):
            self.images[image.id] = image
            title = image.metadata.get("title", "")
            place = " ".join(image.path.relative_to(root).with_suffix("").parts)
            words = " ".join([image.metadata.get("text", ""), re.sub(r"[\W_]+", " ", place)])
            self._table.execute("INSERT INTO captions VALUES (?, ?, ?)", (image.id, title, words))
        if not self.images:
            raise DataError(f"no picture in {folder}", expected="files that irbis can read")

    def search(self, query: str) -> list[IndexedImage]:
        """Pictures of all words of a query, or if there are none of some; the best first.

        Examples
        --------
        >>> from irbis.samples import PETS
        >>> found = ImageIndex(PETS).search("Siamese cats")
        >>> len(found), found[0].path.name.startswith("Siamese")
        (6, True)
        """
        words = [f'"{word}"' for word in re.findall(r"\w+", query)]
        if not words:
            return []
        for joined in (" AND ".join(words), " OR ".join(words)):
            found = self._match(joined)
            if found:
                return found
        return []

    def _match(self, expression: str) -> list[IndexedImage]:
        asked = (
            "SELECT id FROM captions WHERE captions MATCH ? ORDER BY bm25(captions, 0, 4, 1), rowid"
        )
        with self._lock:
            rows = self._table.execute(asked, (expression,)).fetchall()
        return [self.images[id_] for (id_,) in rows]


def _images(root: Path) -> Iterator[IndexedImage]:
    captions: dict[Path, dict[str, str]] = {}
    for path in sorted(root.rglob("metadata.*")):
        captions |= _metadata(path)
    for path in sorted(root.rglob("*")):
        if path.suffix.lower() not in _SUFFIXES or not path.is_file():
            continue
        data = path.read_bytes()
        try:
            form = recognise(data)
            width, height = upright_size(data)
        except PictureError:
            continue  # no search engine shows a broken file
        name = hashlib.sha1(str(path.relative_to(root)).encode(), usedforsecurity=False).hexdigest()
        found = captions.get(path, {})
        yield IndexedImage(name.upper(), path, form, width, height, len(data), found)


def _metadata(path: Path) -> dict[Path, dict[str, str]]:
    rows: list[dict[str, Any]]
    if path.suffix == ".csv":
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
    elif path.suffix == ".jsonl":
        lines = path.read_text(encoding="utf-8").splitlines()
        rows = [json.loads(line) for line in lines if line.strip()]
    else:
        return {}
    if any("file_name" not in row for row in rows):
        raise DataError(str(path), expected="a column file_name")
    return {
        path.parent / row["file_name"]: {n: str(row[n]) for n in FIELDS if row.get(n)}
        for row in rows
    }
