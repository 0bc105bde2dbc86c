"""FlattenBatch: mini-batches back into rows."""

from __future__ import annotations

import pyarrow as pa

from irbis.converters import names, optional, text
from irbis.http.flattening import Flatten, flat_schema
from irbis.params import ParamField, param
from irbis.schema import StreamFunction, field_of
from irbis.stage import HasErrors, StreamStage

__all__ = ["FlattenBatch"]


class FlattenBatch(HasErrors, StreamStage):
    """Open rows of lists: the inverse of the mini-batch transformers, to the letter.

    All lists of a row are opened in lockstep, one level deep; order, nulls and types are those of
    the rows that went into the batch. What else there is in the row becomes:

    - a column that is no list (the response of a service, its error): repeated in each row;
    - a null list beside others (a service that failed): null in each row;
    - empty lists, and nothing longer: no rows, as a batch of no rows;
    - null in every list: one row, so that its other columns are not lost;
    - lists of unequal length: as many rows as the longest has, the others filled with nulls, and
      in each of these rows an error of kind "lengths".

    Parameters
    ----------
    cols : list of str, default None
        Lists to open; the others are repeated, as what is no list. None: every column of lists.
    errors, errorCol
        See :class:`irbis.stage.HasErrors`, but no column is added unless errorCol names one. None:
        the error goes into the last error column that is no list, which is that of the stage
        between, such as SimpleHTTPTransformer (what it says already stays); where there is none,
        lists of unequal length raise RowError.

    Examples
    --------
    >>> FlattenBatch().transform(pa.table({"id": [[1, 2], [3]], "all": ["x", "y"]})).to_pydict()
    {'id': [1, 2, 3], 'all': ['x', 'x', 'y']}
    >>> uneven = pa.table({"a": [[1, 2]], "b": [["x"]]})
    >>> FlattenBatch(errorCol="wrong").transform(uneven)["wrong"][0].as_py()["message"]
    'lists of unequal length: a 2, b 1'
    """

    rows = "many"
    reads_all = True

    cols: ParamField[list[str] | None] = param(
        "lists to open; None: every column of lists", optional(names), default=None
    )
    errorCol: ParamField[str | None] = param(
        "column of struct(kind, message, status, attempts), null in good rows; None: the last such "
        "column that is there, or else to raise",
        optional(text),
        default=None,
    )

    def error_column(self) -> str | None:
        """Name of errorCol, if it is set."""
        name: str | None = self.value("errorCol")
        return name

    def input_columns(self) -> list[str]:
        """Lists that are named; it reads the other columns, too."""
        return self.value("cols") or []

    def output_fields(self, schema: pa.Schema) -> list[pa.Field]:
        """Every column, its elements where it is opened; and errors."""
        for name in schema.names:
            field_of(schema, name, reader="FlattenBatch")
        cols, raises = self.value("cols"), self.value("errors") == "raise"
        return list(flat_schema(schema, cols, self.error_column(), raises=raises))

    def make_stream_function(self) -> StreamFunction:
        """See :class:`irbis.http.flattening.Flatten`."""
        cols = self.value("cols")
        return Flatten(
            None if cols is None else tuple(cols),
            self.error_column(),
            raises=self.value("errors") == "raise",
        )
