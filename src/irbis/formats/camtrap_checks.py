"""What Camtrap DP asks of values, checked before anything is written."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from numbers import Integral, Real
from typing import Any

from irbis.errors import DataError
from irbis.formats.camtrap_tables import MISSING, PROJECT, TABLES, fields_of

__all__ = ["check_project", "check_rows"]


def check_rows(table: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Refuse what a table may not hold.

    Raises
    ------
    DataError
        For the first value that is of another type, out of its range or list, lacking or twice.

    Examples
    --------
    >>> check_rows("deployments", [{"deploymentID": "NA"}])
    Traceback (most recent call last):
    irbis.errors.DataError: got deploymentID 'NA' in deployments; expected another value: the format reads this one as missing
    """
    for field in fields_of(TABLES[table]):
        name = field["name"]
        values = [row.get(name) for row in rows]
        _check(name, values, field, table)
        if field.get("constraints", {}).get("unique"):
            seen: set[Any] = set()
            for value in values:
                if value in seen:
                    raise DataError(f"{name} {value!r} twice in {table}", expected="each once")
                seen.add(value)


def check_project(project: Mapping[str, Any]) -> None:
    """Refuse what a package's "project" may not hold; fields that have no rule pass.

    Raises
    ------
    DataError
        As for rows.
    """
    for field in fields_of(PROJECT):
        name = field["name"]
        value = project.get(name)
        if field["type"] != "array":
            _check(name, [value], field, "project")
        elif not isinstance(value, list) or not value or len(set(value)) < len(value):
            raise DataError(f"{name} {value!r} in project", expected="a list of different values")
        else:
            _check(name, value, field | {"type": "string"}, "project")


def _check(name: str, values: Iterable[Any], field: Mapping[str, Any], where: str) -> None:
    for value in values:
        if said := _fault(value, field):
            raise DataError(f"{name} {value!r} in {where}", expected=said)


def _fault(value: Any, field: Mapping[str, Any]) -> str | None:
    rules: Mapping[str, Any] = field.get("constraints", {})
    if value is None or value == "":
        return "a value" if "required" in rules else None
    if str(value) in MISSING:
        return "another value: the format reads this one as missing"
    if not _fits(value, field["type"]):
        return f"a value of type {field['type']}"
    return _limits(value, field["type"], rules)


def _limits(value: Any, type_: str, rules: Mapping[str, Any]) -> str | None:
    low, high = rules.get("minimum", -math.inf), rules.get("maximum", math.inf)
    if value not in rules.get("enum", [value]):
        return f"one of {', '.join(rules['enum'])}"
    if "pattern" in rules and not re.match(rules["pattern"], str(value)):
        return f"one that matches {rules['pattern']}"
    if type_ in ("number", "integer") and not low <= value <= high:
        return f"a value from {low} to {high}"
    return None


def _fits(value: Any, type_: str) -> bool:
    match type_:
        case "boolean":
            return isinstance(value, bool)
        case "integer":
            return isinstance(value, Integral) and not isinstance(value, bool)
        case "number":
            return isinstance(value, Real) and not isinstance(value, bool) and math.isfinite(value)
        case "datetime":
            return _is_time(str(value))
    return True  # text can be made of anything


def _is_time(value: str) -> bool:
    try:
        datetime.strptime(value, "%Y-%m-%dT%H:%M:%S%z")
    except ValueError:
        return False
    return True
