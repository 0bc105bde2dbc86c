"""Lists of numbers in, a list of numbers out: without Arrow between, where a network offers it."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Mapping, Sequence
from itertools import chain
from typing import Any, Protocol, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from irbis.schema import BatchFunction
from irbis.serving.request_parser import JsonParser, RequestParser

__all__ = ["Numbers", "numbers_of"]

Block: TypeAlias = npt.NDArray[Any]
#: Values of requests to the reply column's, or None: then all of it goes through Arrow.
Numbers: TypeAlias = Callable[[Sequence[Any]], list[Any] | None]
_CODES = {pa.float32(): "f", pa.float64(): "d"}
_DTYPES = {
    t: np.dtype(t.to_pandas_dtype())
    for t in (*_CODES, pa.int8(), pa.int16(), pa.int32(), pa.int64())
}


class _Direct(Protocol):
    def on_numbers(self, columns: Mapping[str, Block], name: str) -> Block | None: ...


def numbers_of(
    parser: RequestParser, functions: Sequence[BatchFunction], column: str, type_: pa.DataType
) -> Numbers | None:
    """Make the function, of a pipeline that is one network fed from JSON; None for any other.

    Parameters
    ----------
    parser : RequestParser
    functions : sequence
        Of the pipeline.
    column, type_ : str, pa.DataType
        What is replied with.
    """
    flat = [f for step in functions for f in getattr(step, "functions", (step,))]
    if not isinstance(parser, JsonParser) or len(flat) != 1 or not hasattr(flat[0], "on_numbers"):
        return None
    codes = {f.name: code for f in parser.fields if (code := _code(f.type)) is not None}
    inner = _DTYPES.get(type_.value_type) if pa.types.is_list(type_) else None
    if not codes or inner is None:
        return None
    direct: _Direct = flat[0]

    def answer(values: Sequence[Any]) -> list[Any] | None:
        try:
            columns = {name: _rows([v[name] for v in values], code) for name, code in codes.items()}
        except (TypeError, ValueError):  # nulls, or lists of unequal length
            return None
        made = direct.on_numbers(columns, column)
        if made is None or made.ndim != 2 or made.dtype != inner:
            return None
        listed: list[Any] = made.tolist()
        return listed

    return answer


def _code(type_: pa.DataType) -> str | None:
    return _CODES.get(type_.value_type) if pa.types.is_list(type_) else None


def _rows(values: Sequence[Any], code: str) -> Block:
    flat = values[0] if len(values) == 1 else chain.from_iterable(values)
    made = np.frombuffer(array(code, flat), code)
    if len(set(map(len, values))) != 1:
        raise ValueError
    return made.reshape(len(values), -1)
