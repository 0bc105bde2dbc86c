"""From the column of a model's answers to numbers, or to what is wrong with them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from irbis.image.codec import PictureError
from irbis.vectors import is_vector_like, to_matrix

__all__ = ["all_answers", "answers_for", "is_answer"]

Answers = npt.NDArray[np.float64]


def is_answer(type_: pa.DataType) -> bool:
    """Whether a column of the type can be explained: a vector over classes, or a number."""
    return is_vector_like(type_) or bool(pa.types.is_floating(type_))


def all_answers(scored: pa.Array, name: str) -> Answers:
    """Read a column of vectors or numbers.

    Raises
    ------
    PictureError
        Of kind "score", for a row without an answer, or of another length.

    Examples
    --------
    >>> all_answers(pa.array([[0.5, 0.5], [1.0, 0.0]]), "p").tolist()
    [[0.5, 0.5], [1.0, 0.0]]
    >>> all_answers(pa.array([0.5]), "p").tolist()
    [[0.5]]
    """
    if pa.types.is_floating(scored.type):
        answers = np.asarray(scored.cast(pa.float64()), dtype=np.float64)[:, None]
        valid = np.asarray(scored.is_valid(), dtype=bool)
    else:
        answers, valid = to_matrix(scored)
    if not valid.all():
        raise PictureError("score", f"{name} is null for {int((~valid).sum())} of {len(scored)}")
    return answers


def answers_for(answers: Answers, name: str, classes: Sequence[int]) -> Answers:
    """Pick the classes to explain.

    Raises
    ------
    PictureError
        Of kind "score", if there is no such class, or an answer is no number.
    """
    if max(classes) >= answers.shape[1]:
        raise PictureError(
            "score", f"{name} has {answers.shape[1]} classes, asked for {list(classes)}"
        )
    found = answers[:, list(classes)]
    if not np.isfinite(found).all():
        raise PictureError("score", f"{name} has NaN or infinity")
    return np.asarray(found)
