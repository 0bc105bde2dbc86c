"""Files that travel with a stage (models, indexes), known by their content."""

from __future__ import annotations

import hashlib
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile

from irbis.errors import DataError

__all__ = ["FileRef", "cache_dir", "keep", "sha256_of"]


def cache_dir() -> Path:
    """Where irbis keeps what it downloaded or converted: $IRBIS_HOME, else ~/.cache/irbis."""
    home = os.environ.get("IRBIS_HOME")
    base = Path(os.environ.get("XDG_CACHE_HOME", "~/.cache")).expanduser() / "irbis"
    return Path(home).expanduser() if home else base


def sha256_of(path: str | Path) -> str:
    """Hex digest of a file's content."""
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def keep(content: bytes) -> FileRef:
    """Put bytes into the cache under their own hash; writing is atomic, so readers never see half.

    Examples
    --------
    >>> keep(b"abc").locate().read_bytes()
    b'abc'
    """
    digest = hashlib.sha256(content).hexdigest()
    path = cache_dir() / "files" / digest
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile(dir=path.parent, delete=False) as file:
            file.write(content)
        Path(file.name).replace(path)
    return FileRef(str(path), digest)


@dataclass(frozen=True)
class FileRef:
    """A file by path and content.

    Parameters
    ----------
    path : str
        Where the driver found it.
    sha256 : str
        Hex digest of the content: the file's identity.
    """

    path: str
    sha256: str

    def locate(self) -> Path:
        """Path of the file in this process.

        Raises
        ------
        DataError
            If it is neither where the driver had it nor in this machine's cache.
        """
        places = [Path(self.path), cache_dir() / "files" / self.sha256]
        places += _sent_by_spark(self.sha256)
        for candidate in places:
            if candidate.is_file() and sha256_of(candidate) == self.sha256:
                return candidate
        raise DataError(
            f"no file {self.path} with sha256 {self.sha256[:12]}... here",
            expected="it at that path, in the cache, or among the files Spark sent to this worker",
            do="load the model again, on a machine that has it",
        )


def _sent_by_spark(name: str) -> list[Path]:
    """Where Spark may have put a file in a worker; nothing is imported that is not there."""
    files = getattr(sys.modules.get("pyspark"), "SparkFiles", None)
    if files is None or not getattr(files, "_is_running_on_worker", False):
        return []
    root = Path(files.getRootDirectory())
    # On Connect every session has a folder in it, and a streaming arrow_udf is told the folder
    # above instead of its own (Spark 4.3): by its content the file is known wherever it lies.
    return [root / name, *root.glob(f"*/{name}"), *root.parent.glob(f"*/{name}")]
