"""SelectColumns and DropColumns: what leaves a pipeline, and so what comes back from Python at all."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence

import pyarrow as pa

from irbis.converters import names
from irbis.errors import SchemaError
from irbis.params import ParamField, param
from irbis.schema import field_of
from irbis.selecting import DropFunction, SelectFunction
from irbis.stage import Stage

__all__ = ["DropColumns", "SelectColumns"]


class _Selects(Stage):
    """Columns pass or go; nobody looks into them."""

    cols: ParamField[list[str]] = param("names of columns", names)

    def input_columns(self) -> list[str]:
        """No column's values are read."""
        return []

    def output_fields(self, schema: pa.Schema) -> list[pa.Field]:  # noqa: ARG002 - the contract's
        """None are made."""
        return []

    def output_schema(self, schema: pa.Schema) -> pa.Schema:
        """Keep the fields of the columns that stay."""
        for name in self.value("cols"):
            field_of(schema, name, reader=type(self).__name__)
        left = self.selects(schema.names)
        if not left:
            raise SchemaError(
                f"{type(self).__name__} drops each of {schema.names}",
                expected="a column to be left",
            )
        return pa.schema([schema.field(name) for name in left])

    @abstractmethod
    def selects(self, given: Sequence[str]) -> list[str]:
        """Return the columns that stay of those given, in the order of the result."""

    @abstractmethod
    def needs_before(self, later: list[str] | None) -> list[str] | None:
        """Return the columns that must be there if those `later` are read after it; None is all."""


class SelectColumns(_Selects):
    """Keep these columns, in this order, and no others.

    At the end of a pipeline it spares work: columns between that nobody will read stay where they
    were made, in the Python worker, and do not travel back to Spark. ``select`` on the result can't
    do that, for the stages have run by then.

    Parameters
    ----------
    cols : list of str
        Names, none twice.

    Raises
    ------
    SchemaError
        If there is no such column, or more than one by a name.

    Examples
    --------
    >>> import pyarrow as pa
    >>> SelectColumns(cols=["b"]).transform(pa.table({"a": [1], "b": [2]})).column_names
    ['b']
    """

    def selects(self, given: Sequence[str]) -> list[str]:
        """Return the Param's columns."""
        return [name for name in self.value("cols") if name in given]

    def needs_before(self, later: list[str] | None) -> list[str] | None:  # noqa: ARG002 - the others go
        """Return the Param's columns."""
        return list(self.value("cols"))

    def make_function(self) -> SelectFunction:
        """See :class:`irbis.selecting.SelectFunction`."""
        return SelectFunction(tuple(self.value("cols")))


class DropColumns(_Selects):
    """Drop these columns and keep all others; see :class:`SelectColumns` for what that spares.

    Parameters
    ----------
    cols : list of str
        Names, none twice.

    Raises
    ------
    SchemaError
        If there is no such column, more than one by a name, or none would be left.

    Examples
    --------
    >>> import pyarrow as pa
    >>> DropColumns(cols=["b"]).transform(pa.table({"a": [1], "b": [2]})).column_names
    ['a']
    """

    def selects(self, given: Sequence[str]) -> list[str]:
        """Return all but the Param's columns."""
        dropped = set(self.value("cols"))
        return [name for name in given if name not in dropped]

    def needs_before(self, later: list[str] | None) -> list[str] | None:
        """Return what is read later, and the Param's columns: they must be there to be dropped."""
        return None if later is None else list(dict.fromkeys([*later, *self.value("cols")]))

    def make_function(self) -> DropFunction:
        """See :class:`irbis.selecting.DropFunction`."""
        return DropFunction(tuple(self.value("cols")))
