"""Finding values among labels: Spark compares them as strings, numbers as it would print them."""

from __future__ import annotations

import re

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

__all__ = ["indexes_of"]

# How the JVM prints a double. Other spellings of a number are no number's label.
_JAVA_NUMBER = re.compile(r"-?(0|[1-9]\d*)\.(0|\d*[1-9])(E-?[1-9]\d*)?|NaN|-?Infinity")


def indexes_of(values: pa.Array, labels: tuple[str, ...]) -> pa.Array:
    """Index of each value's label, null where there is none.

    Parameters
    ----------
    values : pa.Array
        Strings, integers, floating-point numbers or decimals.
    labels : tuple of str

    Examples
    --------
    >>> indexes_of(pa.array([2.0, 0.5, None]), ("0.5", "2", "2.0")).to_pylist()
    [2, 0, None]
    """
    if pa.types.is_floating(values.type):
        dtype = np.dtype(values.type.to_pandas_dtype())
        known = [label if _JAVA_NUMBER.fullmatch(label) else None for label in labels]
        numbers = np.array([0 if k is None else _parse(k) for k in known], dtype=dtype)
        keys = pa.array(_bits(numbers), mask=np.array([k is None for k in known], dtype=bool))
        bits = _bits(np.asarray(values.fill_null(0).to_numpy(zero_copy_only=False)))
        found = pc.index_in(pa.array(bits), value_set=keys)
        return pc.if_else(values.is_valid(), found, pa.scalar(None, pa.int32()))
    if pa.types.is_decimal(values.type):
        values = pa.array([None if v is None else format(v, "f") for v in values.to_pylist()])
    return pc.index_in(
        values.cast(pa.string()), value_set=pa.array(labels, pa.string()), skip_nulls=True
    )


def _parse(label: str) -> float:
    return float(label.replace("Infinity", "inf"))


def _bits(numbers: npt.NDArray[np.floating]) -> npt.NDArray[np.int64]:
    # By bits: 0.0 and -0.0 are two labels, and every NaN is the same one.
    canonical = np.where(np.isnan(numbers), np.array(np.nan, numbers.dtype), numbers)
    return canonical.view(f"i{numbers.dtype.itemsize}").astype(np.int64)
