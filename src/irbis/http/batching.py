"""Rows into mini-batches: for services that take many values in one request."""

from __future__ import annotations

import pyarrow as pa

from irbis.converters import flag, optional, whole
from irbis.errors import SchemaError
from irbis.http.batchers import ArrivedBatches, FixedBatches
from irbis.http.lists import listed
from irbis.params import UNSET, ParamField, param
from irbis.schema import StreamFunction, field_of
from irbis.stage import StreamStage, Traits

__all__ = [
    "DynamicMiniBatchTransformer",
    "FixedMiniBatchTransformer",
    "MiniBatcher",
    "TimeIntervalMiniBatchTransformer",
]

_ARRIVED = Traits(
    split_invariant=False,
    pure=False,
    regroups=True,
    why="a list holds the rows that had arrived: how the input is cut, and time, decide",
)


class MiniBatcher(StreamStage):
    """Base of the mini-batch transformers: every column becomes a list, in the order of the rows."""

    rows = "many"
    reads_all = True

    def input_columns(self) -> list[str]:
        """None by name: it reads whatever is there."""
        return []

    def output_fields(self, schema: pa.Schema) -> list[pa.Field]:
        """A list of each column.

        Raises
        ------
        SchemaError
            If there is no column, or two have one name.
        """
        if not schema.names:
            raise SchemaError("no columns", expected="rows to put into lists")
        for name in schema.names:
            field_of(schema, name, reader=type(self).__name__)
        return list(listed(schema))


class FixedMiniBatchTransformer(MiniBatcher):
    """Put rows into lists of a fixed length; the last list of a partition may be shorter.

    Every column of type T becomes an array of T under its name, nulls included; a VectorUDT becomes
    an array of vectors. A list never crosses a partition, and a table in a local call is one. How
    the rows of a partition are cut into Arrow batches does not matter.

    Parameters
    ----------
    batchSize : int, rows
        Length of a list, from 1 on. Must be set. The values of one list together can't take more
        than 2 GiB a column.
    buffered : bool, default False
        Whether a thread reads further rows while a list is worked on. The lists are the same.
    maxBufferSize : int, lists, default 8
        How many lists' rows may wait if it is buffered, from 1 on; never more than about 64 MiB.

    Examples
    --------
    >>> table = pa.table({"id": [1, 2, 3], "text": ["a", None, "c"]})
    >>> FixedMiniBatchTransformer().setBatchSize(2).transform(table).to_pydict()
    {'id': [[1, 2], [3]], 'text': [['a', None], ['c']]}
    """

    traits = Traits(regroups=True, why="the rows of a partition make its lists")

    batchSize: ParamField[int] = param("rows of a list", whole(1), default=UNSET)
    buffered: ParamField[bool] = param(
        "read further rows while a list is worked on", flag, default=False
    )
    maxBufferSize: ParamField[int] = param(
        "lists whose rows may wait if buffered", whole(1), default=8
    )

    def make_stream_function(self) -> StreamFunction:
        """See :class:`irbis.http.batchers.FixedBatches`."""
        ahead = self.value("maxBufferSize") if self.value("buffered") else None
        return FixedBatches(self.value("batchSize"), ahead)


class DynamicMiniBatchTransformer(MiniBatcher):
    """Put the rows that are there into a list: the slower the stages behind, the longer the lists.

    A thread reads rows while a list is worked on, up to `maxBatchSize` rows or about 64 MiB; the
    next list takes all that has arrived meanwhile, at least one row. Rows arrive as whole Arrow
    batches. Columns become arrays as in :class:`FixedMiniBatchTransformer`.

    Parameters
    ----------
    maxBatchSize : int, rows, default None
        Longest list, from 1 on; None: no bound but the 64 MiB.

    Examples
    --------
    >>> table = pa.table({"id": [1, 2, 3]})
    >>> DynamicMiniBatchTransformer(maxBatchSize=2).transform(table).to_pydict()
    {'id': [[1, 2], [3]]}
    """

    traits = _ARRIVED

    maxBatchSize: ParamField[int | None] = param(
        "rows of a list at most; None: no bound", optional(whole(1)), default=None
    )

    def make_stream_function(self) -> StreamFunction:
        """See :class:`irbis.http.batchers.ArrivedBatches`."""
        return ArrivedBatches(self.value("maxBatchSize"))


class TimeIntervalMiniBatchTransformer(MiniBatcher):
    """Put the rows that arrive within some time into a list.

    The clock starts when the first row of a list arrives, and closes the list even if no further
    row comes. A list is closed earlier at `maxBatchSize` rows or about 64 MiB, and at the end.
    Columns become arrays as in :class:`FixedMiniBatchTransformer`.

    Parameters
    ----------
    millisToWait : int, milliseconds
        Time that the first row of a list waits for others, from 0 on. Must be set.
    maxBatchSize : int, rows, default None
        Longest list, from 1 on; None: no bound but the 64 MiB.

    Examples
    --------
    >>> table = pa.table({"id": [1, 2, 3]})
    >>> TimeIntervalMiniBatchTransformer(millisToWait=50).transform(table).to_pydict()
    {'id': [[1, 2, 3]]}
    """

    traits = _ARRIVED

    millisToWait: ParamField[int] = param(
        "milliseconds that the first row of a list waits for others", whole(0), default=UNSET
    )
    maxBatchSize: ParamField[int | None] = param(
        "rows of a list at most; None: no bound", optional(whole(1)), default=None
    )

    def make_stream_function(self) -> StreamFunction:
        """See :class:`irbis.http.batchers.ArrivedBatches`."""
        return ArrivedBatches(self.value("maxBatchSize"), self.value("millisToWait") / 1000)
