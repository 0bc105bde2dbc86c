"""The function behind ``http_udf``: rows of arrays in, structs of response and error out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import pyarrow as pa

from irbis.http.call import call
from irbis.http.engine import prepare
from irbis.http.failure import Failure, failures_to_column
from irbis.http.messages import write_responses
from irbis.http.ordered import in_order
from irbis.http.parsing import as_request, guarded, python_values
from irbis.http.request import HTTPRequest
from irbis.http.settings import Settings

__all__ = ["RowCalls"]


@dataclass(frozen=True)
class RowCalls:
    """Calls for each row of an iterator of tuples of arrays."""

    function: Callable[..., Any]
    settings: Settings

    def __call__(self, batches: Iterator[tuple[pa.Array, ...]]) -> Iterator[pa.Array]:
        """Make the calls; yields one array a batch."""
        prepare(self.settings)
        parts = ((None, self._requests(arrays)) for arrays in batches)
        found = in_order(
            parts,
            partial(call, settings=self.settings),
            concurrency=self.settings.concurrency,
            window=4 * self.settings.concurrency,
        )
        for _, answers in found:
            columns = [
                write_responses([a.response for a in answers]),
                failures_to_column([a.failure for a in answers]),
            ]
            yield pa.StructArray.from_arrays(columns, names=["response", "error"])

    def _requests(self, arrays: Sequence[pa.Array]) -> list[HTTPRequest | Failure]:
        rows = zip(*(python_values(a) for a in arrays), strict=True)
        return [guarded(self._make, row) for row in rows]

    def _make(self, row: tuple[Any, ...]) -> HTTPRequest | None:
        made = self.function(*row)
        return None if made is None else as_request(made)
