"""Which pictures of a table belong together: the numbers behind GroupSequences."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from irbis.model.keys import group_rows

__all__ = ["MARK", "sequence_names", "starts"]

#: Between a camera and the second in which its sequence begins.
MARK = "@"


def starts(
    member: npt.NDArray[np.int64], times: npt.NDArray[np.int64], gap: int
) -> npt.NDArray[np.int64]:
    """Time of the first row of each row's sequence.

    Parameters
    ----------
    member : ndarray of int64, shape (n,)
        Number of each row's camera.
    times : ndarray of int64, shape (n,)
    gap : int
        In the unit of `times`: rows of a camera further apart begin a new sequence.

    Examples
    --------
    >>> starts(np.array([0, 0, 1, 0]), np.array([5, 0, 7, 30]), 10).tolist()
    [0, 0, 7, 30]
    """
    order = np.lexsort((times, member))
    sorted_times, sorted_members = times[order], member[order]
    begins = np.ones(len(order), dtype=bool)
    begins[1:] = (np.diff(sorted_members) != 0) | (np.diff(sorted_times) > gap)
    first = np.maximum.accumulate(np.where(begins, np.arange(len(order)), 0))
    found = np.empty_like(times)
    found[order] = sorted_times[first]
    return found


def sequence_names(keys: Sequence[pa.Array], times: pa.Array, gap: int) -> pa.Array:
    """Name each row's sequence; null where the time is.

    Parameters
    ----------
    keys : sequence of pa.Array
        What tells cameras apart: strings and whole numbers.
    times : pa.Array of timestamp("us")
    gap : int, microseconds
    """
    known = np.asarray(times.is_valid())
    names = np.full(len(times), None, dtype=object)
    if known.any():
        kept = [key.filter(pa.array(known)) for key in keys]
        micros = np.asarray(times.filter(pa.array(known)).cast(pa.int64()), dtype=np.int64)
        member, _ = group_rows(kept)
        seconds = starts(member, micros, gap) // 1_000_000
        texts = zip(*(key.cast(pa.string()).fill_null("").to_pylist() for key in kept), strict=True)
        names[known] = [
            f"{'/'.join(text)}{MARK}{second}" for text, second in zip(texts, seconds, strict=True)
        ]
    return pa.array(names.tolist(), pa.string())
