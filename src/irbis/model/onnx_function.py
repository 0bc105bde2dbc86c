"""Rows through any ONNX graph: the function behind OnnxModel."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from irbis.errors import RowError
from irbis.files import FileRef
from irbis.lookahead import ordered
from irbis.model.onnx_blocks import (
    Block,
    from_block,
    join_blocks,
    same_bytes,
    shaped,
    slices,
    to_block,
)
from irbis.model.onnx_columns import OnnxRowError, from_rows, ragged_vectors, to_rows
from irbis.model.onnx_ports import Ports, ports
from irbis.model.onnx_session import Engine, session, task_threads
from irbis.schema import ERROR, column, put, to_error

__all__ = ["OnnxFunction"]

Inputs = dict[str, Any]  # of a row or of several, by name of input
Answer = dict[str, Any] | OnnxRowError  # of a row, by name of output


@dataclass(frozen=True)
class OnnxFunction:
    """Feeds columns to inputs, and puts outputs into columns."""

    file: FileRef
    feeds: tuple[tuple[str, str], ...]  # input, column
    fetches: tuple[tuple[str, str], ...]  # output, column
    softmax: tuple[tuple[str, str], ...]  # column made above, column
    argmax: tuple[tuple[str, str], ...]
    error: str | None
    engine: Engine

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Run a batch."""
        known = ports(self.file)
        made = self._whole(batch, known)
        return self._by_rows(batch, known) if made is None else made

    def _whole(self, batch: pa.RecordBatch, known: Ports) -> pa.RecordBatch | None:
        """All rows as one array, cut as `_by_rows` cuts them; None where anything is out of line."""
        blocks = {n: to_block(column(batch, c), known.inputs[n]) for n, c in self.feeds}
        good = {n: b for n, b in blocks.items() if b is not None}
        if len(good) < len(blocks) or not good:
            return None
        made = self._run_blocks(good, batch.num_rows, known)
        if made is None:
            return None
        for output, name in self.fetches:
            batch = put(batch, name, from_block(made[name], known.outputs[output]))
        for source, name in self.softmax:
            batch = put(batch, name, ragged_vectors([_softmax(r) for r in made[source]]))
        for source, name in self.argmax:
            best = np.argmax(made[source].reshape(batch.num_rows, -1), axis=1)
            batch = put(batch, name, pa.array(best.astype(np.float64)))
        return batch if self.error is None else put(batch, self.error, pa.nulls(len(batch), ERROR))

    def _run_blocks(
        self, blocks: dict[str, Block], count: int, known: Ports
    ) -> dict[str, Block] | None:
        workers, threads, size = self._plan(known)
        try:
            parts = list(
                ordered(lambda p: self._run(p, threads, known), slices(blocks, size), workers)
            )
        except Exception:  # which row it was is found out row by row
            return None
        made: dict[str, Block] = {}
        for (output, name), held in zip(self.fetches, zip(*parts, strict=True), strict=True):
            block = join_blocks(held, known.outputs[output])
            if block is None or len(block) != count:
                return None
            made[name] = block
        return made

    def on_numbers(self, columns: Mapping[str, Block], name: str) -> Block | None:
        """What a call makes of columns whose rows have one shape: the numbers of one of its columns.

        Serving asks this first: Arrow's part of a call costs a request alone more than a small
        network. None wherever a call would do anything else with them.

        Parameters
        ----------
        columns : mapping of str to ndarray
            A row each along the first axis.
        name : str
        """
        known = ports(self.file)
        output = next((o for o, n in self.fetches if n == name), None)
        if output is None or not self.feeds or any(c not in columns for _, c in self.feeds):
            return None
        count = len(next(iter(columns.values())))
        try:
            good = {n: shaped(columns[c], known.inputs[n]) for n, c in self.feeds}
        except OnnxRowError:
            return None
        made = self._run_blocks(good, count, known)
        return made[name] if made and same_bytes(made[name], known.outputs[output]) else None

    def _by_rows(self, batch: pa.RecordBatch, known: Ports) -> pa.RecordBatch:
        answers = list(self._answers(self._inputs(batch, known), known))
        if self.error is None:
            for row, answer in enumerate(answers):
                if isinstance(answer, OnnxRowError):
                    raise RowError(f"row {row}: {answer}", do="set errors='column' to keep going")
        made = {
            name: [None if isinstance(a, OnnxRowError) else a[output] for a in answers]
            for output, name in self.fetches
        }
        for output, name in self.fetches:
            batch = put(batch, name, from_rows(made[name], known.outputs[output]))
        for source, name in self.softmax:
            batch = put(batch, name, ragged_vectors([_softmax(r) for r in made[source]]))
        for source, name in self.argmax:
            best = [None if r is None else float(np.argmax(r)) for r in made[source]]
            batch = put(batch, name, pa.array(best, pa.float64()))
        if self.error is None:
            return batch
        problems = [(a.kind, str(a)) if isinstance(a, OnnxRowError) else None for a in answers]
        return put(batch, self.error, to_error(problems))

    def _inputs(self, batch: pa.RecordBatch, known: Ports) -> list[Inputs | OnnxRowError]:
        columns = {n: to_rows(column(batch, c), known.inputs[n]) for n, c in self.feeds}
        rows: list[Inputs | OnnxRowError] = []
        for values in zip(*columns.values(), strict=True):
            problem = next((v for v in values if isinstance(v, OnnxRowError)), None)
            rows.append(problem or dict(zip(columns, values, strict=True)))
        return rows

    def _plan(self, known: Ports) -> tuple[int, int, int]:
        """Forwards at a time, threads of each, and rows of each."""
        threads = task_threads(self.engine.threads)
        size = 1 if any(p.batch == 1 for p in known.inputs.values()) else self.engine.batch
        # A row alone is one core's work: the same bits on any number of cores.
        return (threads, 1, size) if self.engine.batch == 1 else (1, threads, size)

    def _answers(self, rows: list[Inputs | OnnxRowError], known: Ports) -> Iterator[Answer]:
        workers, threads, size = self._plan(known)
        for part in ordered(
            lambda p: self._forward(p, threads, known), _alike(rows, size), workers
        ):
            yield from part

    def _run(self, inputs: Inputs, threads: int, known: Ports) -> list[Any]:
        wanted = [output for output, _ in self.fetches]
        cut = wanted if len(wanted) == 1 < len(known.outputs) else None
        run = session(self.file, cut, threads or 1, self.engine.providers)
        held: list[Any] = run.run(wanted, inputs)
        count = len(next(iter(inputs.values())))
        for output, value in zip(wanted, held, strict=True):
            if len(value) != count:
                raise OnnxRowError("shape", f"output {output!r} has not one value a row")
        return held

    def _forward(
        self, rows: list[Inputs | OnnxRowError], threads: int, known: Ports
    ) -> list[Answer]:
        if isinstance(rows[0], OnnxRowError):
            return [rows[0]]
        stacked = {n: np.concatenate([r[n] for r in rows]) for n in rows[0]}  # type: ignore[index]
        wanted = [output for output, _ in self.fetches]
        try:
            held = self._run(stacked, threads, known)
            for output, value in zip(wanted, held, strict=True):
                if known.outputs[output].key is None and len(value):
                    from_rows([value[0]], known.outputs[output])  # all have its rank
        except OnnxRowError as problem:
            return [problem] * len(rows)
        except Exception as error:  # ONNX Runtime's classes are generated; what they say is data
            if len(rows) > 1:
                return [a for row in rows for a in self._forward([row], threads, known)]
            return [OnnxRowError("model", str(error).splitlines()[0][:300])]
        return [dict(zip(wanted, values, strict=True)) for values in zip(*held, strict=True)]


def _alike(rows: list[Inputs | OnnxRowError], size: int) -> Iterator[list[Inputs | OnnxRowError]]:
    """Cut into parts of at most `size` neighbours of one shape; a problem is a part of its own."""
    part: list[Inputs | OnnxRowError] = []
    last: Any = None
    for row in rows:
        shape = None if isinstance(row, OnnxRowError) else [v.shape for v in row.values()]
        if part and (shape is None or shape != last or len(part) == size):
            yield part
            part = []
        part.append(row)
        last = shape
    if part:
        yield part


def _softmax(row: Any) -> Any:
    if row is None:
        return None
    exps = np.exp(np.asarray(row, dtype=np.float64) - np.max(row, initial=-np.inf))
    return exps / exps.sum()
