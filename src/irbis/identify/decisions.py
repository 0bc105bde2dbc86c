"""What a person decided on a MatchReview page."""

from __future__ import annotations

import csv
from pathlib import Path

from irbis.errors import DataError

__all__ = ["confirmed"]


def confirmed(path: str | Path) -> dict[str, str]:
    r"""Read a file of decisions: query to the individual it was confirmed to be.

    Raises
    ------
    DataError
        If it is not such a file, or one query is said to be two individuals.

    Examples
    --------
    >>> import tempfile
    >>> file = tempfile.NamedTemporaryFile("w+", suffix=".csv")
    >>> _ = file.write("query,individual,decision\na.jpg,Asha,same\nb.jpg,Asha,different\n")
    >>> file.flush()
    >>> confirmed(file.name)
    {'a.jpg': 'Asha'}
    """
    try:
        with Path(path).open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"{path}: {error}", expected="a CSV of decisions") from None
    out: dict[str, str] = {}
    for row in rows:
        if not {"query", "individual", "decision"} <= set(row):
            raise DataError(
                f"{path} with columns {list(row)}", expected="query, individual and decision"
            )
        if row["decision"] != "same":
            continue
        if out.setdefault(row["query"], row["individual"]) != row["individual"]:
            raise DataError(
                f"{row['query']} is {out[row['query']]} and {row['individual']} in {path}",
                expected="one individual for each query",
                do="take one of the two decisions back",
            )
    return out
