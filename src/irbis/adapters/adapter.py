"""What adapters have in common: the shape of one, and arithmetic that gives the same bits always."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from irbis.errors import SchemaError
from irbis.schema import VECTOR, BatchFunction, column, field_of, put, put_field
from irbis.vectors import is_vector_like, to_matrix, to_vectors

__all__ = ["Adapter", "Flags", "Matrix", "VectorAdapter", "check_vector", "weighted_sums"]

Matrix = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


class Adapter(ABC):
    """A fitted model as a function on a batch; subclasses are frozen dataclasses.

    Fields hold text, numbers, booleans, None, numpy arrays and tuples of these: a saved pipeline
    carries them, and :func:`irbis.load` makes the adapter again without Spark.
    """

    #: What Spark writes into the metadata of the output column, where other stages read it: names
    #: of features, or the labels of a category. It gets lost in Python, so the planner asks.
    attributes: ClassVar[Literal["", "names", "labels"]] = ""

    @property
    def rows(self) -> Literal["one", "many"]:
        """Whether each row in gives one row out."""
        return "one"

    @abstractmethod
    def input_columns(self) -> list[str]:
        """Names of all columns it reads."""

    @abstractmethod
    def output_columns(self) -> list[str]:
        """Names of all columns it adds or replaces."""

    @abstractmethod
    def output_fields(self, schema: pa.Schema) -> list[pa.Field]:
        """Fields it adds or replaces; raises SchemaError for input it can't read."""

    @abstractmethod
    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Run on a batch."""

    def output_schema(self, schema: pa.Schema) -> pa.Schema:
        """`schema` with the fields it adds or replaces."""
        for field in self.output_fields(schema):
            schema = put_field(schema, field)
        return schema

    def make_function(self) -> BatchFunction:
        """An adapter is itself its function."""
        return self


@dataclass(frozen=True)
class VectorAdapter(Adapter):
    """A vector of one length to a vector; null for a null and for a vector of another length.

    Spark fails the job on such rows. Vectors come out dense.
    """

    source: str
    target: str

    @property
    @abstractmethod
    def size(self) -> int:
        """Length of the vectors it reads."""

    @abstractmethod
    def apply(self, x: Matrix) -> Matrix:
        """Transform the rows of a matrix, which must not be changed."""

    def input_columns(self) -> list[str]:
        """The vectors."""
        return [self.source]

    def output_columns(self) -> list[str]:
        """The new vectors."""
        return [self.target]

    def output_fields(self, schema: pa.Schema) -> list[pa.Field]:
        """A vector."""
        check_vector(schema, self.source, type(self).__name__)
        return [pa.field(self.target, VECTOR)]

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Transform a batch."""
        x, valid = to_matrix(column(batch, self.source), self.size)
        return put(batch, self.target, to_vectors(self.apply(x), valid))


def check_vector(schema: pa.Schema, name: str, reader: str) -> None:
    """Check that a column holds vectors.

    Raises
    ------
    SchemaError
        If it is missing or holds something else.
    """
    found = field_of(schema, name, reader=reader)
    if not is_vector_like(found.type):
        raise SchemaError(f"{name}: {found.type}", expected="a vector or a list of numbers")


def weighted_sums(x: Matrix, weights: Matrix) -> Matrix:
    """Weighted sums of each row, one column for each row of `weights`.

    Row by row, not a matrix product: BLAS rounds by the number of rows, and a batch cut elsewhere
    must give the same bits.
    """
    if not len(weights):
        return np.zeros((len(x), 0))
    with np.errstate(invalid="ignore", over="ignore"):
        return np.stack([(x * w).sum(axis=1) for w in weights], axis=1)
