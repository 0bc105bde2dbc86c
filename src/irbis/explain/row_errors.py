"""Rows that can't be explained: each becomes an error row, the others their explanation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pyarrow as pa

from irbis.errors import RowError
from irbis.schema import put, to_error

__all__ = ["ExplanationError", "explained"]


class ExplanationError(ValueError):
    """What is wrong with one row; becomes its error.

    Parameters
    ----------
    kind : {"null", "words", "model", "score"}
        Nothing to explain; a text of too many words; the model raised; its answers do not do.
    message : str
        For people.
    """

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind

    def __reduce__(self) -> tuple[type[ExplanationError], tuple[str, str]]:
        # The default reduce would call it with the message alone.
        return type(self), (self.kind, str(self))


def explained(
    batch: pa.RecordBatch,
    explain: Callable[[int], dict[str, Any]],
    field: pa.Field,
    error: str | None,
) -> pa.RecordBatch:
    """Explain each row of a batch.

    Parameters
    ----------
    batch : pa.RecordBatch
    explain : callable
        Number of a row to its explanation; raises ExplanationError.
    field : pa.Field
        Column of explanations.
    error : str or None
        Column of errors; None raises the first.

    Raises
    ------
    RowError
        At the first bad row, if there is no column for it.
    """
    rows: list[dict[str, Any] | None] = []
    errors: list[tuple[str, str] | None] = []
    for row in range(batch.num_rows):
        try:
            rows.append(explain(row))
            errors.append(None)
        except ExplanationError as found:
            if error is None:
                raise RowError(f"row {row}: {found}", do="set errors='column'") from None
            rows.append(None)
            errors.append((found.kind, str(found)))
    batch = put(batch, field.name, pa.array(rows, type=field.type))
    return batch if error is None else put(batch, error, to_error(errors))
