"""Results of steps on disk, found again by what they were made of, never half of one."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from irbis.errors import DataError

__all__ = ["Store", "digest"]

_MANIFEST = "step.json"
_SHOWN = 16  # characters of a key in a folder's name


def digest(**made_of: Any) -> str:
    """Key of a result: sha256 over what it was made of, as JSON.

    Examples
    --------
    >>> digest(a=1, b=[2]) == digest(b=[2], a=1)
    True
    """
    text = json.dumps(made_of, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


class Store:
    """A folder with one folder a step: ``NAME-KEY``, written elsewhere and renamed when it is whole.

    Parameters
    ----------
    root : Path
    fresh : bool, default False
        Find nothing that was there before, and replace it.
    """

    def __init__(self, root: Path, *, fresh: bool = False) -> None:
        self.root = root.resolve()
        self.fresh = fresh
        self._made: set[str] = set()

    def find(self, step: str, key: str) -> Path | None:
        """Folder of a finished step, or None."""
        folder = self._folder(step, key)
        if self.fresh and folder.name not in self._made:
            return None
        try:
            manifest = json.loads((folder / _MANIFEST).read_text(encoding="utf-8"))
            whole = manifest["key"] == key and manifest["files"] == _sizes(folder)
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return folder if whole else None

    @contextmanager
    def making(self, step: str, key: str, *, goes_on: bool = False) -> Iterator[Path]:
        """Give a folder to write into; it becomes the step's when the block ends well.

        Parameters
        ----------
        goes_on : bool, default False
            Keep what a run that died has left there: the step knows what of it is whole.
        """
        folder = self._folder(step, key)
        work = folder.with_name(f"{folder.name}.unfinished")
        if not goes_on or self.fresh:
            shutil.rmtree(work, ignore_errors=True)
        work.mkdir(parents=True, exist_ok=True)
        yield work
        manifest = {"step": step, "key": key, "files": _sizes(work)}
        with (work / _MANIFEST).open("w", encoding="utf-8") as file:
            json.dump(manifest, file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        shutil.rmtree(folder, ignore_errors=True)
        work.rename(folder)
        self._made.add(folder.name)
        for other in self._all(step):
            if other != folder:
                shutil.rmtree(other, ignore_errors=True)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep other runs out of the folder while the block lasts.

        Raises
        ------
        DataError
            If another run is in there.
        """
        try:
            import fcntl
        except ImportError:  # Windows: nothing keeps two runs apart
            yield
            return
        self.root.mkdir(parents=True, exist_ok=True)
        # The system lets go of the lock when the process ends, however it ends.
        with (self.root / ".lock").open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise DataError(
                    f"another run in {self.root.parent}",
                    expected="one run a folder",
                    do="wait for it, or name another folder with --out",
                ) from None
            except OSError:  # a file system without locks
                pass
            yield

    def _folder(self, step: str, key: str) -> Path:
        return self.root / f"{step.replace(' ', '-')}-{key[:_SHOWN]}"

    def _all(self, step: str) -> list[Path]:
        name = re.compile(
            rf"{re.escape(step.replace(' ', '-'))}-[0-9a-f]{{{_SHOWN}}}(\.unfinished)?"
        )
        return [path for path in self.root.iterdir() if name.fullmatch(path.name)]


def _sizes(folder: Path) -> dict[str, int]:
    files = (p for p in sorted(folder.rglob("*")) if p.is_file() and p.name != _MANIFEST)
    return {p.relative_to(folder).as_posix(): p.stat().st_size for p in files}
