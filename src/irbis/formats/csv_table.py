"""CSV as data packages have it: UTF-8, a header, numbers in full, true and false, no value empty."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from irbis.errors import DataError

__all__ = ["read_table", "write_table"]


def write_table(path: Path, columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> None:
    """Write rows; what they lack stays empty.

    Raises
    ------
    DataError
        For a field that the table does not have.
    """
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, restval="")
        writer.writeheader()
        for row in rows:
            if unknown := set(row) - set(columns):
                raise DataError(f"fields {sorted(unknown)} in {path.name}", expected="its columns")
            writer.writerow({k: _text(v) for k, v in row.items()})


def _text(value: Any) -> Any:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else value


def read_table(path: Path, needed: Iterable[str] = ()) -> list[dict[str, str]]:
    """Read rows; values stay text.

    Raises
    ------
    DataError
        If there is no such file, or it lacks a column that is needed.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            if missing := set(needed) - set(reader.fieldnames or ()):
                raise DataError(f"{path} without {sorted(missing)}", expected="a table with them")
            return list(reader)
    except OSError as error:
        raise DataError(f"{path}: {error.strerror}", expected="a CSV table") from None
