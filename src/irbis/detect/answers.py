"""What a classifier said of the held-out pictures, and how often it was right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from irbis.detect.catalog import Catalog

__all__ = ["Answers", "area_under_roc"]


@dataclass(frozen=True)
class Answers:
    """What a classifier said of the held-out pictures.

    Parameters
    ----------
    paths : list of str
    labels : ndarray of float64, shape (n,)
    scores : ndarray of float64, shape (n,)
        Probability of the target.
    """

    paths: list[str]
    labels: npt.NDArray[np.float64]
    scores: npt.NDArray[np.float64]

    @classmethod
    def of(cls, catalog: Catalog, table: pa.Table) -> Answers:
        """Read a table of sha256 and score; pictures without a score are left out."""
        score = dict(zip(table["sha256"].to_pylist(), table["score"].to_pylist(), strict=True))
        rows = [row for row in catalog.select(held_out=True) if row["sha256"] in score]
        return cls(
            [row["path"] for row in rows],
            np.array([row["label"] for row in rows]),
            np.array([score[row["sha256"]] for row in rows]),
        )

    @property
    def confusion(self) -> list[list[int]]:
        """[[other as other, other as target], [target as other, target as target]]."""
        said = self.scores > 0.5
        return [
            [int(((self.labels == truth) & (said == answer)).sum()) for answer in (False, True)]
            for truth in (0.0, 1.0)
        ]

    @property
    def accuracy(self) -> float:
        """Share that is right."""
        return float(((self.scores > 0.5) == (self.labels == 1.0)).mean())

    @property
    def auc(self) -> float:
        """Area under the ROC curve."""
        return area_under_roc(self.labels, self.scores)


def area_under_roc(labels: Sequence[float] | Any, scores: Sequence[float] | Any) -> float:
    """Chance that a target scores above another; ties count half. NaN without both classes.

    Examples
    --------
    >>> area_under_roc([0, 0, 1, 1], [0.1, 0.4, 0.4, 0.9])
    0.875
    """
    labels, scores = np.asarray(labels), np.asarray(scores)
    _, inverse, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[inverse]
    positive = labels == 1
    n, m = int(positive.sum()), int((~positive).sum())
    if not n or not m:
        return float("nan")
    return float((ranks[positive].sum() - n * (n + 1) / 2) / (n * m))
