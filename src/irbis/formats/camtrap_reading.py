"""Reading a Camtrap DP package: ours, or anybody's of version 1.0."""

from __future__ import annotations

import json
from pathlib import Path

from irbis.errors import DataError
from irbis.formats.camtrap_rows import picture
from irbis.formats.camtrap_tables import MISSING, TABLES
from irbis.formats.csv_table import read_table
from irbis.formats.trap import TrapPicture

__all__ = ["read_camtrap_dp"]


def read_camtrap_dp(folder: str | Path) -> list[TrapPicture]:
    """Read the pictures and what was observed in each.

    Observations of whole events belong to no picture and are left out, and so are observations
    that a picture is blank: it has no detections then.

    Raises
    ------
    DataError
        If it is no such package.
    """
    root = Path(folder)
    try:
        document = json.loads((root / "datapackage.json").read_text(encoding="utf-8"))
        paths = {r["name"]: root / str(r["path"]) for r in document["resources"]}
        media, observed = _rows(paths, "media"), _rows(paths, "observations")
        by_picture: dict[str, list[dict[str, str]]] = {row["mediaID"]: [] for row in media}
        for row in observed:
            if row.get("mediaID"):
                by_picture[row["mediaID"]].append(row)
        return [picture(row, by_picture[row["mediaID"]]) for row in media]
    except OSError as error:
        raise DataError(f"{folder}: {error.strerror}", expected="a data package") from None
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise DataError(
            f"{folder}, which lacks or garbles {error}",
            expected="Camtrap DP 1.0: datapackage.json, media and observations",
        ) from None


def _rows(paths: dict[str, Path], table: str) -> list[dict[str, str]]:
    # 1.0 has no missing values but the empty one: there a deployment may be named NA.
    optional = {name for name, (_, rules) in TABLES[table].items() if "required" not in rules}
    return [
        {k: "" if k in optional and v in MISSING else v for k, v in row.items()}
        for row in read_table(paths[table])
    ]
