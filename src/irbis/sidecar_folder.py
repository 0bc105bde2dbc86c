"""A saved folder read without Spark: Spark's Parquet and text, through pyarrow's file systems."""

from __future__ import annotations

import re
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow import fs

from irbis.errors import DataError

__all__ = ["SavedFolder"]

_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")
# Hadoop's names of what Arrow calls s3.
_S3 = re.compile(r"s3[an]:")
_ERRORS = (pa.ArrowException, OSError, ValueError, KeyError)


class SavedFolder:
    """A folder that Spark wrote.

    Parameters
    ----------
    path : str or Path
        A local path, or a URI of a file system that pyarrow has: file://, s3:// (s3a:// too),
        gs://, hdfs://.

    Raises
    ------
    DataError
        If there is no such folder.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = str(path).rstrip("/")
        try:
            if _URI.match(self.path):
                self.files, self.root = fs.FileSystem.from_uri(_S3.sub("s3:", self.path))
            else:
                self.files = fs.LocalFileSystem()
                self.root = Path(self.path).expanduser().absolute().as_posix()
            there = self.has()
        except _ERRORS as error:
            raise DataError(
                f"{self.path}: {error}",
                expected="a path that pyarrow reaches",
                do="copy the folder to one, or to a local disk",
            ) from None
        if not there:
            raise DataError(f"nothing at {self.path}", expected="the folder of a saved model")

    def has(self, *parts: str) -> bool:
        """Whether there is a folder below."""
        found = self.files.get_file_info("/".join([self.root, *parts]))
        return bool(found.type == fs.FileType.Directory)

    def content(self, folder: str, key: str, value: str | None = None) -> dict[str, bytes]:
        """Contents of the files in a folder of Parquet, whose rows are (key, part, content).

        Parameters
        ----------
        folder : str
            Below this one.
        key : str
            Name of the column that tells files apart.
        value : str, optional
            Of the one file that is wanted.

        Raises
        ------
        DataError
            If it is not there or can't be read.
        """
        try:
            wanted = None if value is None else [(key, "=", value)]
            found = [
                pq.read_table(name, filesystem=self.files, filters=wanted)
                for name in self._names(folder, ".parquet")
            ]
            rows = pa.concat_tables(found).sort_by([(key, "ascending"), ("part", "ascending")])
            kept: dict[str, list[bytes]] = {}
            for row in rows.to_pylist():
                kept.setdefault(row[key], []).append(row["content"])
        except _ERRORS as error:
            raise DataError(
                f"{self.path}/{folder}: {error}",
                expected="a folder of Parquet as it was saved",
                do="save the model again, or copy it again from where it is whole",
            ) from None
        return {name: b"".join(parts) for name, parts in kept.items()}

    def line(self, folder: str) -> bytes:
        """Return the one line of a folder of text; empty if it can't be read."""
        try:
            names = self._names(folder, "")
            return b"".join(self.files.open_input_stream(n).read() for n in names).strip()
        except _ERRORS:
            return b""

    def _names(self, folder: str, ending: str) -> list[str]:
        listed = self.files.get_file_info(fs.FileSelector(f"{self.root}/{folder}"))
        names = [i for i in listed if i.type == fs.FileType.File and i.base_name[0] not in "._"]
        return sorted(i.path for i in names if i.base_name.endswith(ending))
