"""Rows around a row, as LIME for tables draws them: numbers from a normal, categories as frequent."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from irbis.explain.background import Background

__all__ = ["TABLE_SAMPLERS", "drawn", "row_kernel", "uniforms"]

Matrix = npt.NDArray[np.float64]
TABLE_SAMPLERS = ("antithetic", "independent")
_EDGE = 1e-12  # the normal's tails end at 7 deviations


def uniforms(columns: int, samples: int, sampler: str, seed: int) -> Matrix:
    """Draw numbers in (0, 1), shape (n, columns), from which :func:`drawn` makes values.

    Parameters
    ----------
    columns, samples : int
    sampler : {"antithetic", "independent"}
        "antithetic": the second half mirrors the first, u and 1 - u; rounded up to an even number.
    seed : int

    Examples
    --------
    >>> both = uniforms(3, 4, "antithetic", 0)
    >>> both.shape, (both[:2] + both[2:]).round(9).tolist()
    ((4, 3), [[1.0, 1.0, 1.0], [1.0, 1.0, 1.0]])
    """
    rng = np.random.default_rng(seed)
    if sampler == "independent":
        u = rng.random((samples, columns))
    else:
        half = rng.random(((samples + 1) // 2, columns))
        u = np.concatenate([half, 1.0 - half])
    return np.clip(u, _EDGE, 1.0 - _EDGE)


def drawn(
    known: Background, value: Any, u: Matrix, type_: pa.DataType, *, around_row: bool = False
) -> tuple[Matrix, pa.Array]:
    """Draw one column of the rows around a row.

    Parameters
    ----------
    known : Background
        Of the column.
    value : object
        The row's own; None for null and NaN.
    u : ndarray of float64, shape (n,)
        Uniform numbers.
    type_ : pa.DataType
        Of the column.
    around_row : bool, default False
        Numbers are drawn around the row's own, not around the mean.

    Returns
    -------
    feature : ndarray of float64, shape (n + 1,)
        What the surrogate sees: a number in deviations from the mean; of a category 1 where it is
        the row's, else 0. The first is the row itself.
    values : pa.Array
        What the model sees.

    Notes
    -----
    A value that the background would never give (an unseen category, a missing or infinite number,
    a number in a column that is constant) is kept in half of the rows and drawn in the others; its
    feature is then 1 where it is kept.

    Examples
    --------
    >>> feature, values = drawn(Background("x", 10.0, 2.0), 12.0, np.array([0.5]), pa.float64())
    >>> feature.tolist(), values.to_pylist()
    ([1.0, 0.0], [12.0, 10.0])
    """
    if known.values is not None:
        return _category(known, value, u, type_)
    finite = value is not None and math.isfinite(value)
    if finite and known.std == 0 and value == known.mean:
        return np.zeros(len(u) + 1), pa.array([value] * (len(u) + 1), type=type_)
    if finite and known.std > 0:
        numbers = _numbers(known, u, type_, centre=float(value) if around_row else known.mean)
        numbers = np.concatenate([[float(value)], numbers])
        feature = (numbers - known.mean) / known.std
        if pa.types.is_integer(type_):
            # The row's own keeps all its digits.
            return feature, pa.array([value, *numbers[1:].astype(np.int64).tolist()], type=type_)
        return feature, pa.array(numbers).cast(type_)
    keep = u < 0.5
    numbers = _numbers(known, np.clip(2.0 * u - 1.0, _EDGE, None), type_, centre=known.mean)
    others = numbers.astype(np.int64) if pa.types.is_integer(type_) else numbers
    return _kept_or(value, keep, others.tolist(), type_)


def _numbers(known: Background, u: Matrix, type_: pa.DataType, centre: float) -> Matrix:
    from scipy.special import ndtri

    numbers = centre + known.std * ndtri(u)
    if pa.types.is_integer(type_):
        limits = np.iinfo(type_.to_pandas_dtype())
        low, high = max(limits.min, -(2**62)), min(limits.max, 2**62)
        return np.asarray(np.clip(np.rint(numbers), low, high))
    if pa.types.is_float32(type_):
        return np.asarray(numbers.astype(np.float32), dtype=np.float64)
    return np.asarray(numbers)


def _category(
    known: Background, value: Any, u: Matrix, type_: pa.DataType
) -> tuple[Matrix, pa.Array]:
    assert known.values is not None
    shares = np.cumsum(known.counts) / max(sum(known.counts), 1)
    seen = value in known.values
    at = u if seen else np.clip(2.0 * u - 1.0, _EDGE, None)
    last = len(known.values) - 1
    index = np.minimum(np.searchsorted(shares, at, side="right"), last).tolist()
    others = [known.values[i] for i in index] if last >= 0 else [value] * len(u)
    if not seen:
        return _kept_or(value, u < 0.5, others, type_)
    same = np.array([True, *(other == value for other in others)])
    return same.astype(np.float64), pa.array([value, *others], type=type_)


def _kept_or(
    value: Any, keep: npt.NDArray[np.bool_], others: list[Any], type_: pa.DataType
) -> tuple[Matrix, pa.Array]:
    mixed = [value if k else other for k, other in zip(keep, others, strict=True)]
    return np.concatenate([[1.0], keep]), pa.array([value, *mixed], type=type_)


def row_kernel(features: Matrix, width: float) -> Matrix:
    """Weigh rows by their distance from the first (Ribeiro et al., KDD 2016).

    ``sqrt(exp(-d**2 / w**2))`` with d the Euclidean distance of the features and w = width *
    sqrt(columns).
    """
    distance2 = ((features - features[0]) ** 2).sum(axis=1)
    return np.asarray(np.sqrt(np.exp(-distance2 / (width**2 * features.shape[1]))))
