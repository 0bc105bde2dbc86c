"""CoLocalizer: what do the pictures of one thing have in common, and where is it in each?"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import pyarrow as pa
from pyspark.ml import Estimator
from pyspark.ml.util import MLReadable, MLWritable
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from irbis.converters import flag, names, number, optional
from irbis.detect.box_params import MakesBoxes
from irbis.detect.classifier_weights import ReadsClassifier, long_sides
from irbis.detect.co_localizer_model import SIZES, CoLocalizerModel
from irbis.detect.components import choose, component, heat_look
from irbis.detect.feature_maps import MapSource
from irbis.detect.gramian import SUMS, Sums, SumsFunction, merged
from irbis.errors import DataError
from irbis.image.input import ReadsPictures, picture_field
from irbis.params import ParamField, param
from irbis.persistence import StageReader, StageWriter
from irbis.shipping import files_in, ship
from irbis.spark_schema import arrow_schema, quoted, spark_schema
from irbis.stage import HasErrors

__all__ = ["CoLocalizer"]


class CoLocalizer(
    ReadsPictures, ReadsClassifier, MakesBoxes, HasErrors, Estimator, MLReadable[Any], MLWritable
):
    """Learn what pictures of one thing have in common (DDT: X.-S. Wei et al., Pattern Recogn. 2019).

    The first principal component of a layer's features, over all places of all pictures, parts
    the thing they share from what surrounds it. A classifier says which of its two ends is the
    thing, and how far to trust it: a component whose heat correlates too little with the
    classifier's is left out. Needs no box, one forward a picture and size, and on Spark one
    aggregation: of each partition only sums travel, whatever the number of pictures.

    Parameters
    ----------
    model, mapLayer, coefficients, intercept
        Network and classifier; :meth:`setClassifier` takes them from a fitted pipeline.
    layers : list of str, default ["block10", "block15"]
        Layers of the network, or any tensors of its graph that are maps, the deepest last. The
        defaults are EfficientNetLite0's at strides 16 and 32.
    withClassifier : bool, default True
        Whether the classifier's own heat is one of those whose mean is taken.
    sizes : list of int, pixels, default [448, 640], range 32 to 4096
        Long sides at which a picture is looked at, its aspect kept. Small things need large ones.
    minLogit : float or None, default None
        Pictures count whose mean logit over the sizes is above; None: all. At other sizes than the
        classifier learned at its logits are shifted: look before you set it.
    minCorrelation : float, default 0.05, range 0 to 1
        A layer whose components are below at every size is left out; if all are, the deepest stays.
    inputCol, outputCol, heatCol, maxObjects, minShare, minDip, label, errors, errorCol
        Of the model: see :class:`irbis.CamLocalizer`.
    rule : str, default "std"
        A name in :data:`irbis.detect.rules.RULES`.
    fraction : float or None, default None
        The rule's number; None: its own (0.1 standard deviations).

    Raises
    ------
    DataError
        If no picture counts.

    Examples
    --------
    >>> CoLocalizer(sizes=[320], label="leopard").getLayers()
    ['block10', 'block15']
    """

    sizes: ParamField[list[int]] = long_sides(SIZES)
    layers: ParamField[list[str]] = param(
        "layers whose first component is taken, the deepest last",
        names,
        default=["block10", "block15"],
    )
    withClassifier: ParamField[bool] = param(
        "the classifier's heat is one of those fused", flag, default=True
    )
    minLogit: ParamField[float | None] = param(
        "pictures count above this logit; None: all", optional(float), default=None
    )
    minCorrelation: ParamField[float] = param(
        "least correlation with the classifier's heat", number(0, 1), default=0.05
    )

    def _fit(self, dataset: DataFrame | pa.Table) -> CoLocalizerModel:
        function = self._function()
        source = self.value("inputCol")
        if isinstance(dataset, pa.Table):
            picture_field(dataset.schema, source, reader="CoLocalizer")
            partial = function(dataset.select([source]).to_batches())
            return self._model(list(merged(partial)), function)
        picture_field(arrow_schema(dataset.schema), source, reader="CoLocalizer")
        ship(dataset.sparkSession, files_in(function))
        column = F.col(quoted(source))
        schema = spark_schema(SUMS)
        sums = dataset.select(column.alias(source)).mapInArrow(function, schema)
        # In an order of their own: sums of floats depend on it.
        whole = sums.repartition(1).sortWithinPartitions("size", "tensor", "sums")
        table = whole.mapInArrow(merged, schema).toArrow()
        return self._model(table.to_batches(), function)

    def _function(self) -> SumsFunction:
        schema = self.getModel()
        layers = self.value("layers")
        return SumsFunction(
            source=self.value("inputCol"),
            network=MapSource.of(schema),
            layers=tuple(schema.tensor(name) for name in layers),
            judge=self.judges(),
            least=self.value("minLogit"),
        )

    def _model(self, batches: list[pa.RecordBatch], function: SumsFunction) -> CoLocalizerModel:
        rows = [row for batch in batches for row in batch.to_pylist()]
        totals = {(r["size"], r["tensor"]): Sums.unpack(r["sums"]) for r in rows if r["sums"]}
        empty = [r for r in rows if not r["sums"]]
        first = next((r for r in rows if r["sums"]), None)
        counts = {
            "pictures": first["pictures"] if first else 0,
            **{
                name: sum(r[name] for r in ([first] if first else []) + empty)
                for name in ("left_out", "failed")
            },
        }
        if not totals:
            raise DataError(
                f"no picture to learn from: {counts}",
                expected="pictures that the classifier takes for the target",
                do="look at its answers, or set minLogit=None",
            )
        found = [component(size, tensor, sums) for (size, tensor), sums in totals.items()]
        kept = choose(found, function.layers, self.value("minCorrelation"))
        looks = [c.look for c in kept]
        if self.value("withClassifier"):
            deepest = function.layers[-1]
            looks += [heat_look(j, totals[j.size, deepest]) for j in function.judge]
        shared = {
            p.name: v for p, v in self._paramMap.items() if CoLocalizerModel().hasParam(p.name)
        }
        return CoLocalizerModel(
            **shared,
            looks=[asdict(look) for look in looks],
            report=[c.row(used=c in kept) for c in found],
            counts=counts,
        )

    def write(self) -> StageWriter:
        """Writer; see :class:`irbis.persistence.StageWriter`."""
        return StageWriter(self)

    @classmethod
    def read(cls) -> StageReader:
        """Reader; see :class:`irbis.persistence.StageReader`."""
        return StageReader(cls)
