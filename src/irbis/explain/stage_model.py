"""Stages that read pictures from a column, where ImageLIME else has a network."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from irbis.explain.answer_column import all_answers
from irbis.explain.shown import Shown
from irbis.planning import Chain
from irbis.schema import column

__all__ = ["StageModel"]


@dataclass(frozen=True)
class StageModel(Shown):
    """Shows pictures to stages in a column, 16 rows at most, and reads their answers from another.

    Parameters
    ----------
    chain : Chain
        The stages' functions.
    source : str
        Column of pictures that the first of them reads.
    target : str
        Column of the answers.
    """

    chain: Chain
    source: str
    target: str

    def forward(self, tensors: npt.NDArray[np.uint8]) -> npt.NDArray[np.float64]:
        """Answers, shape (n, classes)."""
        shown = pa.RecordBatch.from_arrays([self.column(tensors)], names=[self.source])
        return all_answers(column(self.chain(shown), self.target), self.target)
