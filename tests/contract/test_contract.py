"""The one check over every exported stage."""

import inspect
import json

import pytest
from explain_cases import EXPLAINERS
from hypothesis import given, settings
from hypothesis import strategies as st
from pyspark.ml import Transformer
from stages import cases

import irbis
from irbis.pipeline import PipelineModel
from irbis.services.stage import ServiceStage
from irbis.stage import Stage, Traits
from irbis.testing import check_local, check_spark, check_stage, check_streaming, to_spark


def exported():
    found = {}
    for name in irbis.__all__:
        value = getattr(irbis, name)
        if inspect.isclass(value) and issubclass(value, Transformer) and hasattr(value, "traits"):
            found[name] = value
    found.pop("Stage")
    found.pop("StreamStage")
    return found


STAGES = sorted(exported())
# Service stages differ in their Params, and in what they ask and how they read it: that runs in one
# function on a batch (services/function.py), and all of it is checked without Spark. On Spark one
# stands for all there, and all of them run once, in one pipeline.
SERVICES = sorted(name for name, stage in exported().items() if issubclass(stage, ServiceStage))
# HotSpotterModel's files travel and are saved as Detector's are; tests/identify runs it on Spark.
# Localizers run the function of CamLocalizer, or that of ImageLIME and BoxesFromWeights.
LOCALIZERS = {"CoLocalizerModel", "LimeLocalizer"}
ELSEWHERE = {*SERVICES, *EXPLAINERS, *LOCALIZERS, "HotSpotterModel"} - {"TextSentiment"}
ON_SPARK = [n for n in STAGES if n not in ELSEWHERE]
# A stream differs between the engines in how it is asked for, whatever the stage: one of each kind.
ON_CONNECT = {
    "EnsembleByKey",
    "FixedMiniBatchTransformer",
    "HTTPTransformer",
    "ImageSetAugmenter",
    "UnrollImage",
}
# The same of batches: rows one by one, streams, relations, files that travel, vectors, what calls out.
KINDS = {
    *ON_CONNECT,
    "Detector",
    "DropNearDuplicates",
    "FlattenBatch",
    "GroupSequences",
    "ImageFeaturizer",
    "ImageLIME",
    "OnnxModel",
    "PartitionConsolidator",
    "ReadFiles",
    "SelectColumns",
    "TextSentiment",
}
BATCHED = [
    name if name in KINDS else pytest.param(name, marks=pytest.mark.one_engine("classic", "sail"))
    for name in ON_SPARK
]
STREAMED = [
    name if name in ON_CONNECT else pytest.param(name, marks=pytest.mark.one_engine("classic"))
    for name in ON_SPARK
]


@pytest.fixture(scope="session")
def all_cases(network, detector, service, tmp_path_factory):
    return cases(network, detector, service, tmp_path_factory.mktemp("models"))


def test_every_exported_stage_is_checked(all_cases):
    assert sorted(all_cases) == STAGES


def test_exemptions_are_these_and_no_others():
    lacking = {
        name: (stage.traits.split_invariant, stage.traits.pure, stage.traits.tolerance)
        for name, stage in exported().items()
        if stage.traits != Traits()
    }
    assert lacking == {
        "BingImageSearch": (True, False, 0.0),  # calls out
        "DropNearDuplicates": (False, True, 0.0),  # a row against all others
        "DynamicMiniBatchTransformer": (False, False, 0.0),  # what has arrived
        "EnsembleByKey": (False, True, 1e-9),
        "FixedMiniBatchTransformer": (True, True, 0.0),  # regroups
        "GroupSequences": (False, True, 0.0),  # a row and its neighbours
        "HTTPTransformer": (True, False, 0.0),  # calls out
        "ImageDownloader": (True, False, 0.0),  # calls out
        "ImageSearch": (True, False, 0.0),  # calls out
        "SimpleHTTPTransformer": (True, False, 0.0),  # calls out
        "TimeIntervalMiniBatchTransformer": (False, False, 0.0),  # what has arrived
        **dict.fromkeys(SERVICES, (True, False, 0.0)),  # call out
    }
    regrouping = {name for name, stage in exported().items() if stage.traits.regroups}
    assert regrouping == {name for name in lacking if name.endswith("MiniBatchTransformer")}
    assert all(exported()[name].traits.why for name in lacking)


@pytest.mark.parametrize("name", STAGES)
def test_local_property(name, all_cases):
    stage, strategy, rich, examples = all_cases[name]
    check_stage(stage, rich)

    @settings(max_examples=examples)
    @given(st.data())
    def check(data):
        check_local(stage, data.draw(strategy))

    check()


@pytest.mark.parametrize("name", BATCHED)
def test_spark(name, all_cases, spark):
    stage, _, rich, _ = all_cases[name]
    check_spark(stage, rich, spark)


@pytest.mark.parametrize("name", STREAMED)
def test_streaming(name, all_cases, spark):
    stage, _, rich, _ = all_cases[name]
    check_streaming(stage, rich, spark)


@pytest.mark.parametrize("name", SERVICES)
def test_what_is_saved_of_a_service_makes_it_again(name, all_cases):
    stage = all_cases[name][0]
    written = json.loads(json.dumps(stage.saved_params()))
    assert written  # what was set for these cases
    assert type(stage)(**written).saved_params() == stage.saved_params()


def test_services_in_one_pipeline(all_cases, spark):
    table = all_cases["TextSentiment"][2]
    alike = [name for name in SERVICES if all_cases[name][2] is table]  # Azure's
    stages = [all_cases[name][0].copy().setOutputCol(name) for name in alike]
    assert len(stages) == 19
    model = PipelineModel(stages)
    rows = model.transform(to_spark(spark, table)).orderBy("id").collect()
    assert [row.asDict(recursive=True) for row in rows] == model.transform(table).to_pylist()


class Impure(Stage):
    """A stage that breaks promises, to see that the check notices."""

    broken = "schema"

    def input_columns(self):
        return ["x"]

    def output_fields(self, schema):
        import pyarrow as pa

        return [pa.field("y", pa.int64())]

    def make_function(self):
        return Broken(self.broken)


class Broken:
    def __init__(self, how):
        self.how, self.calls = how, 0

    def __call__(self, batch):
        import pyarrow as pa

        from irbis.schema import put

        Broken.count = getattr(Broken, "count", 0) + 1
        n = batch.num_rows
        values = {
            "schema": pa.array([1.0] * n, pa.float64()),
            "split": pa.array([n] * n, pa.int64()),
            "repeat": pa.array([Broken.count] * n, pa.int64()),
        }[self.how]
        return put(batch, "y", values)


@pytest.mark.parametrize("how", ["schema", "split", "repeat"])
def test_the_check_notices(how):
    import pyarrow as pa

    stage = Impure()
    stage.broken = how
    with pytest.raises((AssertionError, pa.ArrowInvalid, ValueError)):
        check_local(stage, pa.table({"x": [1, 2, 3]}))
