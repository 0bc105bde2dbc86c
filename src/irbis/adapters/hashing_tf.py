"""Spark ML's HashingTF on Arrow batches."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, ClassVar

import pyarrow as pa

from irbis.adapters.adapter import Adapter
from irbis.adapters.sparse import counted
from irbis.adapters.word_lists import check_words
from irbis.schema import VECTOR, column, put

__all__ = ["HashingTFAdapter", "murmur3"]

_SEED = 42
_MASK = 0xFFFFFFFF


@dataclass(frozen=True)
class HashingTFAdapter(Adapter):
    """Counts words in places that their hash names; a null among them counts as Spark counts it.

    A null list gives a null vector, where Spark fails the job. Vectors are sparse, as in Spark.
    """

    source: str
    target: str
    size: int
    binary: bool

    #: Its vectors would leave Python dense: with Spark at hand it stays there.
    stays_in_jvm: ClassVar[bool] = True

    @classmethod
    def of(cls, model: Any) -> HashingTFAdapter:
        """Read a pyspark.ml.feature.HashingTF."""
        return cls(
            model.getInputCol(), model.getOutputCol(), model.getNumFeatures(), model.getBinary()
        )

    def input_columns(self) -> list[str]:
        """The words."""
        return [self.source]

    def output_columns(self) -> list[str]:
        """The vectors."""
        return [self.target]

    def output_fields(self, schema: pa.Schema) -> list[pa.Field]:
        """A vector."""
        check_words(schema, self.source, "HashingTF")
        return [pa.field(self.target, VECTOR)]

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Count the words of a batch."""
        rows: list[dict[int, float] | None] = []
        for words in column(batch, self.source).to_pylist():
            if words is None:
                rows.append(None)
                continue
            found: dict[int, float] = {}
            for word in words:
                at = _index(word, self.size)
                found[at] = 1.0 if self.binary else found.get(at, 0.0) + 1.0
            rows.append(found)
        return put(batch, self.target, counted(rows, self.size))


@lru_cache(maxsize=1 << 16)
def _index(word: str | None, size: int) -> int:
    # Spark's hash is a signed number, and its modulo never negative: as Python's.
    return (_SEED if word is None else murmur3(word.encode(), _SEED)) % size


def murmur3(data: bytes, seed: int) -> int:
    """MurmurHash3 (x86, 32 bits; Appleby, 2011), signed as the JVM has it.

    Examples
    --------
    >>> murmur3(b"", 0), murmur3(b"hello", 42)
    (0, -488910111)
    """
    h, whole = seed, len(data) & ~3
    for at in range(0, whole, 4):
        h ^= _mixed(int.from_bytes(data[at : at + 4], "little"))
        h = _turned(h)
    if whole < len(data):
        h ^= _mixed(int.from_bytes(data[whole:], "little"))
    h ^= len(data)
    h = (h ^ h >> 16) * 0x85EBCA6B & _MASK
    h = (h ^ h >> 13) * 0xC2B2AE35 & _MASK
    h ^= h >> 16
    return h - (1 << 32) if h >> 31 else h


def _mixed(k: int) -> int:
    k = k * 0xCC9E2D51 & _MASK
    k = (k << 15 | k >> 17) & _MASK
    return k * 0x1B873593 & _MASK


def _turned(h: int) -> int:
    h = (h << 13 | h >> 19) & _MASK
    return (h * 5 + 0xE6546B64) & _MASK
