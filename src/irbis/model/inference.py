"""A column of pictures through a network: decoding ahead while the network runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pyarrow as pa

from irbis.errors import RowError
from irbis.image.codec import PictureError
from irbis.lookahead import chunked, ordered
from irbis.model.onnx_session import Engine, Tensor, task_threads

__all__ = ["Row", "run_pictures"]

#: What became of a row: the network's answer, or why there is none.
Row = Tensor | PictureError


def run_pictures(
    values: pa.Array,
    prepare: Callable[[pa.Array], Tensor],
    forward: Callable[[Tensor], Tensor],
    engine: Engine,
    *,
    raising: bool,
) -> Iterator[Row]:
    """Prepare and run every picture of a column.

    With one row a forward (``engine.batch == 1``) every core takes a picture through all of it. With
    more, the cores prepare the next rows while the network runs on the last ones.

    Parameters
    ----------
    values : pa.Array
        Pictures.
    prepare : callable
        Network input of a column of one picture, shape (3, height, width); raises PictureError.
    forward : callable
        (n, 3, height, width) to (n, features).
    engine : Engine
    raising : bool
        Raise RowError at the first bad row.

    Yields
    ------
    ndarray of float32, shape (features,), or PictureError; one a row, in order
    """
    threads = task_threads(engine.threads)

    def guarded(row: int, work: Callable[[pa.Array], Tensor]) -> Row:
        try:
            return work(values.slice(row, 1))
        except PictureError as error:
            if raising:
                raise RowError(f"row {row}: {error}", do="set errors='column'") from None
            return error

    if engine.batch == 1:
        yield from ordered(
            lambda row: guarded(row, lambda one: forward(prepare(one)[None])[0]),
            range(len(values)),
            threads,
        )
        return
    ready = ordered(
        lambda row: guarded(row, prepare), range(len(values)), threads, ahead=2 * engine.batch
    )
    for part in chunked(ready, engine.batch):
        inputs = [row for row in part if not isinstance(row, PictureError)]
        answers = iter(forward(np.stack(inputs))) if inputs else iter(())
        for row in part:
            yield row if isinstance(row, PictureError) else next(answers)
