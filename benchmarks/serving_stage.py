"""The stages that benchmarks/serving.py serves; Spark's workers import them from here."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from irbis import Stage


class ShoutFunction:
    def __call__(self, batch):
        loud = pc.utf8_upper(batch.column("value"))
        return batch.append_column(pa.field("loud", pa.string()), loud)


class Shout(Stage):
    def input_columns(self):
        return ["value"]

    def output_fields(self, _schema):
        return [pa.field("loud", pa.string())]

    def make_function(self):
        return ShoutFunction()


def stages(work):
    if work == "trivial":
        return [Shout()]
    from serving_servers import network

    from irbis import OnnxModel

    return [
        OnnxModel(
            model=network(), feedDict={"x": "x"}, fetchDict={"p": "p"}, batchSize=64, threads=1
        )
    ]
