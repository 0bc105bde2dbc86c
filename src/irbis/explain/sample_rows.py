"""For a model that only Spark can run: perturbed pictures as rows, and rows of answers back to one.

Rows are made a few at a time, so a batch never holds more pictures than the scorer of a network.
Beside each goes the number of its picture and of its sample; the first sample of a picture carries
the picture's own row along, so that nothing has to be joined afterwards.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from irbis.errors import RowError
from irbis.explain.explanation import EXPLANATION
from irbis.explain.perturbation import LimeFunction, given_labels
from irbis.explain.shown import SHORT_SIDE
from irbis.image.codec import PictureError, pictures
from irbis.image.superpixel import METHODS
from irbis.image.superpixel_map import SUPERPIXELS, Superpixels
from irbis.schema import ERROR, column, put, to_error

__all__ = ["ANSWERS", "HELD", "NUMBER", "SAMPLE", "FitSamples", "MakeSamples"]

NUMBER, SAMPLE, HELD, ANSWERS = "irbis_number", "irbis_sample", "irbis_held", "irbis_answers"


@dataclass(frozen=True)
class MakeSamples:
    """Turns batches of pictures into batches of perturbed pictures.

    Parameters
    ----------
    lime : LimeFunction
        Whose network is a Shown.
    names : tuple of str
        The frame's columns. Behind them a batch has the picture's number.
    """

    lime: LimeFunction
    names: tuple[str, ...]

    def __call__(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Make rows of NUMBER, SAMPLE, HELD and a picture."""
        given = self.lime.segmentation not in METHODS
        for batch in batches:
            numbers = batch.column(len(self.names))
            own = batch.select(range(len(self.names))).rename_columns(list(self.names))
            for row, picture in enumerate(pictures(column(own, self.lime.source))):
                labels = own.column(self.lime.segmentation)[row] if given else None
                yield from self._of(own.slice(row, 1), numbers[row].as_py(), picture, labels)

    def _of(
        self, row: pa.RecordBatch, number: int, picture: Any, labels: Any
    ) -> Iterator[pa.RecordBatch]:
        lime = self.lime
        try:
            if isinstance(picture, PictureError):
                raise picture
            masked = lime.masked(picture, None if labels is None else given_labels(labels.as_py()))
        except PictureError as error:
            if lime.error is None:
                raise RowError(f"a picture: {error}", do="set errors='column'") from None
            # The model sees something all the same: what it makes of a null is its own affair.
            blank = np.zeros((1, 3, SHORT_SIDE, SHORT_SIDE), np.uint8)
            held = _pack(row, None, (error.kind, str(error)))
            yield self._rows(number, 0, held, blank)
            return
        height, width = picture.shape[:2]
        held = _pack(row, Superpixels(height, width, masked.segments), None)
        at = 0
        for part in masked.perturbed(lime.design(masked.count)):
            yield self._rows(number, at, held if at == 0 else None, part)
            at += len(part)

    def _rows(self, number: int, at: int, held: bytes | None, part: Any) -> pa.RecordBatch:
        n = len(part)
        return pa.RecordBatch.from_arrays(
            [
                pa.array([number] * n, pa.int64()),
                pa.array(np.arange(at, at + n), pa.int32()),
                pa.array([held] + [None] * (n - 1), pa.binary()),
                self.lime.network.column(part),
            ],
            names=[NUMBER, SAMPLE, HELD, self.lime.source],
        )


@dataclass(frozen=True)
class FitSamples:
    """Turns the answers for one picture into the picture's row with its explanation."""

    lime: LimeFunction
    names: tuple[str, ...]

    def __call__(self, answers: pa.Table) -> pa.RecordBatch:
        """Fit rows of SAMPLE, HELD and ANSWERS, in any order."""
        lime, answers = self.lime, answers.sort_by(SAMPLE)
        held = [h for h in answers.column(HELD).to_pylist() if h is not None]
        if not held:
            raise RowError(
                f"a model that drops rows, or the columns {NUMBER}, {SAMPLE}, {HELD}",
                expected="a model that answers every row and lets other columns pass",
            )
        row, superpixels, error = _unpack(held[0])
        found = None
        try:
            if superpixels is not None:
                found = self._explained(superpixels, answers)
        except PictureError as problem:
            if lime.error is None:
                raise RowError(f"a picture: {problem}", do="set errors='column'") from None
            error = (problem.kind, str(problem))
        row = row.rename_columns(list(self.names))
        row = put(row, lime.target, pa.array([found], EXPLANATION))
        return row if lime.error is None else put(row, lime.error, to_error([error]))

    def _explained(self, superpixels: Superpixels, answers: pa.Table) -> dict[str, Any]:
        lime = self.lime
        kept = lime.design(superpixels.count)
        samples = answers.column(SAMPLE).to_numpy()
        if not np.array_equal(samples, np.arange(len(kept))):
            raise PictureError("score", f"{len(samples)} answers for {len(kept)} samples")
        rows = answers.column(ANSWERS).to_pylist()
        scores = np.array([r or [None] * len(lime.classes) for r in rows], dtype=np.float64)
        if not np.isfinite(scores).all():
            raise PictureError(
                "score",
                f"{lime.scored} is null, no number, or has not the classes {list(lime.classes)}",
            )
        fit = lime.fit(kept, lime.on_scale(scores))
        size = (superpixels.height, superpixels.width)
        return lime.explanation(size, superpixels.segments, scores, fit).to_row()


def _pack(
    row: pa.RecordBatch, superpixels: Superpixels | None, error: tuple[str, str] | None
) -> bytes:
    cut = None if superpixels is None else superpixels.to_row()
    held = pa.RecordBatch.from_arrays(
        [*row.columns, pa.array([cut], SUPERPIXELS), to_error([error])],
        schema=pa.schema([*row.schema, ("superpixels", SUPERPIXELS), ("error", ERROR)]),
    )
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, held.schema) as writer:
        writer.write_batch(held)
    return bytes(sink.getvalue())


def _unpack(held: bytes) -> tuple[pa.RecordBatch, Superpixels | None, tuple[str, str] | None]:
    with pa.ipc.open_stream(held) as reader:
        batch = reader.read_next_batch()
    count = batch.num_columns - 2
    cut, error = batch.column(count)[0].as_py(), batch.column(count + 1)[0].as_py()
    return (
        batch.select(range(count)),
        None if cut is None else Superpixels.from_row(cut),
        None if error is None else (error["kind"], error["message"]),
    )
