"""Spark ML's IDFModel on Arrow batches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa

from irbis.adapters.adapter import Adapter, Matrix, check_vector
from irbis.adapters.sparse import Entries, entries, is_sparse, sparse_vectors
from irbis.schema import VECTOR, column, put
from irbis.vectors import to_matrix, to_vectors

__all__ = ["IDFAdapter"]


@dataclass(frozen=True)
class IDFAdapter(Adapter):
    """Multiplies counts by how rare a word is; sparse vectors stay sparse.

    Null, and null for a vector of another length, where Spark fails the job.
    """

    source: str
    target: str
    idf: Matrix  # (features,)

    #: Its vectors would leave Python dense: with Spark at hand it stays there.
    stays_in_jvm: ClassVar[bool] = True

    @classmethod
    def of(cls, model: Any) -> IDFAdapter:
        """Read a fitted pyspark.ml.feature.IDFModel."""
        idf = np.asarray(model.idf.toArray(), dtype=np.float64)
        return cls(model.getInputCol(), model.getOutputCol(), idf)

    def input_columns(self) -> list[str]:
        """The counts."""
        return [self.source]

    def output_columns(self) -> list[str]:
        """The products."""
        return [self.target]

    def output_fields(self, schema: pa.Schema) -> list[pa.Field]:
        """A vector."""
        check_vector(schema, self.source, "IDFModel")
        return [pa.field(self.target, VECTOR)]

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Weigh a batch."""
        vectors = column(batch, self.source)
        sparse = is_sparse(vectors)
        with np.errstate(invalid="ignore", over="ignore"):
            if not sparse.any():
                x, valid = to_matrix(vectors, len(self.idf))
                return put(batch, self.target, to_vectors(x * self.idf, valid))
            x, valid = to_matrix(vectors.filter(pa.array(~sparse)), len(self.idf))
            dense = to_vectors(x * self.idf, valid)
            found = entries(vectors.filter(pa.array(sparse)), len(self.idf))
            value = found.value * self.idf[found.index]
        weighed = sparse_vectors(
            Entries(found.index, value, found.lengths, found.valid), len(self.idf)
        )
        # Sparse ones stand behind the dense ones; each row takes its own.
        at = np.where(sparse, len(dense) + np.cumsum(sparse) - 1, np.cumsum(~sparse) - 1)
        both = pa.concat_arrays([dense, weighed])
        return put(batch, self.target, both.take(pa.array(at)))
