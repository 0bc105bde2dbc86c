"""The stage of fusion.py: all bits of a binary column turned over."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from irbis import ParamField, Stage, param
from irbis.converters import text
from irbis.schema import column, field_of, put


@dataclass(frozen=True)
class TurnFunction:
    source: str
    target: str

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        rows = column(batch, self.source)
        turned = [np.invert(np.frombuffer(r.as_buffer(), np.uint8)).tobytes() for r in rows]
        return put(batch, self.target, pa.array(turned, pa.binary()))


class Turn(Stage):
    inputCol: ParamField[str] = param("bytes", text, default="data")
    outputCol: ParamField[str] = param("bytes turned over", text, default="turned")

    def input_columns(self) -> list[str]:
        return [self.getInputCol()]

    def output_fields(self, schema: pa.Schema) -> list[pa.Field]:
        field_of(schema, self.getInputCol(), reader="Turn")
        return [pa.field(self.getOutputCol(), pa.binary())]

    def make_function(self) -> TurnFunction:
        return TurnFunction(self.getInputCol(), self.getOutputCol())
