"""The base classes, by the smallest stages there can be."""

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from irbis.converters import text
from irbis.errors import ParamError
from irbis.params import ParamField, param
from irbis.persistence import StageReader, StageWriter
from irbis.schema import ERROR, put
from irbis.stage import HasErrors, Stage, StreamStage, Traits

TABLE = pa.table({"text": ["quiet", None]})


def shout(batch):
    return put(batch, "loud", pc.utf8_upper(batch.column("text")))


def shout_in_halves(batches):
    for batch in batches:
        half = batch.num_rows // 2
        yield shout(batch.slice(0, half))
        yield shout(batch.slice(half))


class _Loud(HasErrors):
    outputCol: ParamField[str] = param("shouted text", text, default="loud")

    def input_columns(self):
        return ["text"]

    def output_fields(self, schema):
        return [pa.field(self.getOutputCol(), pa.string())]


class Shout(_Loud, Stage):
    def make_function(self):
        return shout


class ShoutAhead(_Loud, StreamStage):
    def make_stream_function(self):
        return shout_in_halves


def test_a_stage_promises_everything_unless_it_says_otherwise():
    assert Shout.traits == Traits(True, True, 0.0, (), False, "")
    assert (Shout.rows, Shout.reads_all, Shout().files()) == ("one", False, [])


@pytest.mark.parametrize("stage", [Shout(), ShoutAhead()])
def test_every_way_to_call_it(stage):
    expected = {"text": ["quiet", None], "loud": ["QUIET", None]}
    for run in (stage.transform, stage, stage._transform):
        assert run(TABLE).to_pydict() == expected
    (batch,) = TABLE.to_batches()
    assert stage.make_function()(batch).to_pydict() == expected
    assert stage.make_function()(batch.slice(0, 0)).num_rows == 0


def test_params_of_one_call_are_gone_after_it():
    class Louder(Shout):
        def make_function(self):
            name = self.getOutputCol()
            return lambda batch: put(batch, name, pc.utf8_upper(batch.column("text")))

    stage = Louder()
    out = stage.transform(TABLE, {stage.getParam("outputCol"): "other"})
    assert out.column_names == ["text", "other"]
    assert stage.transform(TABLE).column_names == ["text", "loud"]


def test_its_schema_replaces_and_adds():
    schema = pa.schema([("loud", pa.int64()), ("text", pa.string())])
    assert Shout().output_schema(schema).names == ["loud", "text"]
    assert Shout().output_schema(schema).field("loud").type == pa.string()


def test_its_writer_and_reader():
    stage = Shout()
    assert isinstance(stage.write(), StageWriter)
    assert isinstance(Shout.read(), StageReader)


def test_where_errors_go():
    stage = Shout()
    assert (stage.getErrors(), stage.error_column()) == ("column", "loud_error")
    assert stage.error_fields() == [pa.field("loud_error", ERROR)]
    assert stage.copy().setOutputCol("x").error_column() == "x_error"
    assert stage.copy().setErrorCol("wrong").error_column() == "wrong"
    assert stage.copy().setErrorCol("{outputCol}_{outputCol}").error_column() == "loud_loud"
    raising = Shout(errors="raise")
    assert (raising.error_column(), raising.error_fields()) == (None, [])
    assert Shout(errors="raise", errorCol=None).error_fields() == []
    with pytest.raises(ParamError, match="errors='column'.*errors to go somewhere"):
        Shout(errorCol=None).error_column()
    with pytest.raises(ParamError, match="'column', 'raise'"):
        Shout(errors="ignore")


def test_the_main_output_may_be_another_column():
    class Two(Shout):
        def main_output(self):
            return "second"

    assert Two().error_column() == "second_error"
