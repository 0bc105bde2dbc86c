"""A user's adapter, in a module of the user's."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from irbis.adapters import Adapter
from irbis.schema import column, field_of, put


@dataclass(frozen=True)
class BucketizerAdapter(Adapter):
    source: str
    target: str
    splits: np.ndarray

    @classmethod
    def of(cls, model):
        if model.getHandleInvalid() != "error":
            return None
        return cls(model.getInputCol(), model.getOutputCol(), np.array(model.getSplits()))

    def input_columns(self):
        return [self.source]

    def output_columns(self):
        return [self.target]

    def output_fields(self, schema):
        field_of(schema, self.source, reader="Bucketizer")
        return [pa.field(self.target, pa.float64())]

    def __call__(self, batch):
        values = column(batch, self.source)
        at = np.searchsorted(self.splits, values.to_numpy(zero_copy_only=False), side="right") - 1
        at = np.minimum(at, len(self.splits) - 2).astype(float)
        return put(batch, self.target, pa.array(at, mask=np.asarray(values.is_null())))
