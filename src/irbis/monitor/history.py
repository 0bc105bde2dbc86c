"""What a page has shown so far: a file a micro-batch, in a folder beside the query's checkpoint.

A batch that is run again after a crash has the same number and so the same file: nothing is counted
twice, and nothing is lost that Spark itself does not lose.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from irbis.errors import DataError

__all__ = ["MANY", "History"]

#: Documents that lie side by side before they become one.
MANY = 500


class History:
    """A folder of numbered documents.

    Parameters
    ----------
    folder : str or Path
        Made if it is not there.

    Examples
    --------
    >>> import tempfile
    >>> history = History(tempfile.mkdtemp())
    >>> history.add(0, {"pictures": 3}), history.add(0, {"pictures": 4})
    (True, False)
    >>> history.since(-1)
    [(0, {'pictures': 3})]
    """

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise DataError(
                f"{folder}: {error.strerror}", expected="a folder to write to"
            ) from None

    def add(self, number: int, document: dict[str, Any]) -> bool:
        """Write a document, whole or not at all; False if it is there already."""
        if self.has(number):
            return False
        self._write(self._path(number), document)
        return True

    def has(self, number: int) -> bool:
        """Whether a document is there, alone or among those that became one."""
        return self._path(number).exists() or number <= self._together()

    def since(self, number: int) -> list[tuple[int, dict[str, Any]]]:
        """Return the documents after a number, in order."""
        found = []
        for path in sorted(self.folder.glob("batch-*.json")):
            at = int(path.stem.removeprefix("batch-"))
            if at > number:
                found.append((at, json.loads(path.read_text(encoding="utf-8"))))
        return found

    def snapshot(self) -> tuple[int, dict[str, Any] | None]:
        """Return the state that older documents became, and the number of the last of them."""
        try:
            kept = json.loads((self.folder / "together.json").read_text(encoding="utf-8"))
        except FileNotFoundError:
            return -1, None
        return int(kept["last"]), kept["state"]

    def gather(self, last: int, state: dict[str, Any]) -> None:
        """Put a state in place of the documents it was made of, the last of them by its number."""
        self._write(self.folder / "together.json", {"last": last, "state": state})
        for path in self.folder.glob("batch-*.json"):
            if path <= self._path(last):
                path.unlink()

    def _together(self) -> int:
        return self.snapshot()[0]

    def _path(self, number: int) -> Path:
        return self.folder / f"batch-{number:012d}.json"

    def _write(self, path: Path, document: dict[str, Any]) -> None:
        unfinished = path.with_suffix(f".{os.getpid()}.unfinished")
        with unfinished.open("w", encoding="utf-8") as file:
            json.dump(document, file)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
