"""Steps, and the columns that go in and out of them, on stages that are nothing else."""

from dataclasses import dataclass, field

import pyarrow as pa
import pytest

from irbis import adapters, planning
from irbis.planning import Chain, Foreign, Fusable, Relation, Relational, Run, flatten, plan

SCHEMA = pa.schema([(name, pa.int64()) for name in "abc"])


@dataclass(frozen=True)
class Step:
    """Reads columns, writes columns; its function adds a number to every value of what it wrote."""

    reads: str = "a"
    makes: str = "x"
    rows: str = "one"

    def input_columns(self):
        return list(self.reads)

    def output_fields(self, schema):
        return [pa.field(name, pa.int64()) for name in self.makes]

    def output_schema(self, schema):
        for made in self.output_fields(schema):
            at = schema.get_field_index(made.name)
            schema = schema.append(made) if at < 0 else schema.set(at, made)
        return schema

    def make_function(self):
        return lambda batch: [*batch, self.makes]


@dataclass(frozen=True)
class Ahead(Step):
    def make_stream_function(self):
        return lambda batches: ([*b, f"ahead {self.makes}"] for b in batches)


@dataclass(frozen=True)
class Drops(Step):
    """Lets columns go: what is needed before it, it says itself."""

    def needs_before(self, later):
        return ["kept"] if later is None else [*later, "kept"]


@dataclass(frozen=True)
class All(Step):
    reads_all: bool = True


@dataclass(frozen=True)
class Together:
    """A relation."""

    def needed_columns(self):
        return ["a"]

    def aggregate_table(self, table):
        return table

    def aggregate_spark(self, frame):
        return frame


class SparkModel:
    """What only Spark can run, unless an adapter is found for it."""

    def __init__(self, name="m"):
        self.name = name


@dataclass(frozen=True)
class Adapted(Step):
    attributes: str = ""
    stays_in_jvm: bool = False


@dataclass
class Wrapper:
    stages: list = field(default_factory=list)


@dataclass
class Best:
    bestModel: object


def kinds(steps):
    return [type(step) for step in steps]


@pytest.fixture
def adapted(monkeypatch):
    """Makes models that an adapter is found for."""
    known = {}

    def make(kind=Adapted, **params):
        model = SparkModel()
        known[id(model)] = kind(**params)
        return model

    monkeypatch.setattr(adapters, "find", lambda model: known.get(id(model)))
    return make


def test_what_is_what():
    assert isinstance(Step(), Fusable)
    assert not isinstance(SparkModel(), Fusable)
    assert isinstance(Together(), Relational)
    assert not isinstance(Step(), Relational)


def test_runs_end_where_something_else_begins():
    first, second, model = Step(), Step(makes="y"), SparkModel()
    steps = plan([first, second, Together(), first, model, second], jvm=True)
    assert kinds(steps) == [Run, Relation, Run, Foreign, Run]
    assert steps[0].stages == (first, second)
    assert steps[1].stage == Together()
    assert steps[3].transformer is model
    assert plan([], jvm=True) == []
    assert plan([model], jvm=True) == [Foreign(model)]


@pytest.mark.parametrize("name", ["on_driver", "takes_frame"])
def test_a_stage_that_takes_the_frame_is_a_step_of_its_own_where_there_is_one(name):
    class Driver(Step):
        pass

    setattr(Driver, name, True)
    stages = [Step(), Driver(), Step(makes="y")]
    assert kinds(plan(stages, jvm=True)) == [Run, Foreign, Run]
    assert kinds(plan(stages, jvm=False)) == [Run]
    setattr(Driver, name, False)
    assert kinds(plan(stages, jvm=True)) == [Run]


def test_nested_pipelines_and_the_best_of_a_search_are_opened():
    a, b, c = Step(), Step(makes="y"), SparkModel()
    assert flatten([a, Wrapper([b, Best(Wrapper([a, c]))]), Best(b)]) == [a, b, a, c, b]
    assert flatten([]) == []
    odd = Wrapper(None)
    assert flatten([odd]) == [odd]


def test_adapters_fuse_behind_a_stage_and_everywhere_without_spark(adapted):
    model = adapted(makes="m")
    assert kinds(plan([model], jvm=True)) == [Foreign]
    assert kinds(plan([model], jvm=False)) == [Run]
    (run,) = plan([Step(), model], jvm=True)
    assert run.stages == (Step(), Adapted(makes="m"))
    assert kinds(plan([SparkModel(), model], jvm=False)) == [Foreign, Run]
    plain = adapted(Step)  # says nothing of the JVM, nor of metadata
    assert kinds(plan([Step(), plain, SparkModel()], jvm=True)) == [Run, Foreign]
    stays = adapted(stays_in_jvm=True)
    assert kinds(plan([Step(), stays], jvm=True)) == [Run, Foreign]
    assert kinds(plan([Step(), stays], jvm=False)) == [Run]


@pytest.mark.parametrize("attributes", ["labels", "names"])
def test_metadata_that_somebody_may_read_stays(adapted, attributes):
    writes, silent, known = adapted(attributes=attributes), adapted(), adapted()
    assert kinds(plan([Step(), writes], jvm=True)) == [Run]
    assert kinds(plan([Step(), writes, SparkModel()], jvm=True)) == [Run, Foreign, Foreign]
    assert kinds(plan([Step(), writes, SparkModel()], jvm=False)) == [Run, Foreign]
    # Ours and what has an adapter do not read it, nor does a relation.
    assert kinds(plan([Step(), writes, Step(), known, Together()], jvm=True)) == [Run, Relation]
    assert kinds(plan([Step(), silent, SparkModel()], jvm=True)) == [Run, Foreign]


def test_while_an_estimator_is_fitted_categories_stay(adapted):
    names, labels = adapted(reads="a", attributes="names"), adapted(attributes="labels")
    assert kinds(plan([Step(), labels], jvm=True, nominal=[])) == [Run, Foreign]
    assert kinds(plan([Step(), names], jvm=True, nominal=[])) == [Run]
    assert kinds(plan([Step(), names], jvm=True, nominal=["b"])) == [Run]
    assert kinds(plan([Step(), names], jvm=True, nominal=["a"])) == [Run, Foreign]
    # Behind a transformer of Spark's nobody knows what is a category.
    assert kinds(plan([SparkModel(), Step(), names], jvm=True, nominal=[]))[-1] is Foreign
    assert kinds(plan([Together(), Step(), names], jvm=True, nominal=[]))[-1] is Run


def test_reads_writes_and_the_schema():
    run = Run((Step("ab", "x"), Step("xc", "ya"), Step("ay", "x"), Step("d", "")))
    assert run.reads(SCHEMA) == ["a", "b", "c"]
    assert run.writes(SCHEMA) == ["x", "y", "a"]
    assert run.output_schema(SCHEMA).names == ["a", "b", "c", "x", "y"]
    assert Run((Step("a", "x"), All())).reads(SCHEMA) == ["a", "b", "c"]


def test_what_a_run_needs_of_what_is_read_later():
    run = Run((Step("a", "x"), Step("xa", "y")))
    assert run.needs(["z", "a"]) == ["z", "a", "x"]
    assert run.needs(None) is None
    assert Run((Step("b"), All())).needs(["z"]) is None
    assert Run((Step("b"), Drops())).needs(None) == ["kept", "b"]
    assert Run((Drops(), Step("b"))).needs(["z"]) == ["z", "b", "kept"]


def test_rows_are_kept_if_every_stage_keeps_them():
    assert Run((Step(), Step())).keeps_rows
    assert not Run((Step(), Step(rows="many"))).keeps_rows
    assert not Run((Step(rows="many"), Step())).keeps_rows


def test_functions_are_applied_in_order():
    run = Run((Step(makes="x"), Step(makes="y")))
    assert isinstance(run.function(), Chain)
    assert run.function()([]) == ["x", "y"]
    assert not run.looks_ahead
    assert list(run.stream_function()(iter([[], ["b"]]))) == [["x", "y"], ["b", "x", "y"]]
    mixed = Run((Step(makes="x"), Ahead(makes="y"), Step(makes="z")))
    assert mixed.looks_ahead
    assert list(mixed.stream_function()(iter([["b"]]))) == [["b", "x", "ahead y", "z"]]


def test_reads_all_is_said_by_the_stage():
    assert planning.reads_all(All())
    assert not planning.reads_all(All(reads_all=False))
    assert planning.reads_all(Step()) is False
