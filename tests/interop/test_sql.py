"""Stages and models by name in SQL, on classic Spark and on Connect."""

import logging

import pyarrow as pa
import pytest

import irbis
from irbis import (
    HTTPTransformer,
    ImageSetAugmenter,
    PerceptualHash,
    PipelineModel,
    ReadFiles,
    UnrollImage,
)
from irbis.errors import DataError, MissingExtraError, ParamError, SchemaError
from irbis.samples import PETS
from irbis.schema import VECTOR
from irbis.sql import register as door
from irbis.sql.catalogue import CATALOGUE
from irbis.sql.functions import ScalarFunction, TableFunction


@pytest.fixture(scope="module")
def pictures(spark):
    paths = sorted((PETS / "cats").iterdir())[:2]
    rows = [(str(p), bytearray(p.read_bytes())) for p in paths] + [("none", bytearray(b"x"))]
    frame = spark.createDataFrame(rows, "path string, image binary").coalesce(1)
    frame.createOrReplaceTempView("sql_pictures")
    return frame


def test_functions_and_table_functions(spark, pictures):
    small = UnrollImage(width=2, height=2, outputCol="pixels")
    said = irbis.register(spark, pixels=small, fingerprint=PerceptualHash())
    assert said["pixels"].startswith("pixels(image binary) returns struct<pixels:array<double>,")
    rows = spark.sql(
        "SELECT path, pixels(image).pixels AS p, said.* FROM "
        "(SELECT *, fingerprint(image) AS said FROM sql_pictures)"
    ).toArrow()
    wanted = PipelineModel(stages=[small, PerceptualHash()]).transform(
        pa.table({"image": [bytes(r.image) for r in pictures.select("image").collect()]})
    )
    assert rows["p"].to_pylist() == [v and v["values"] for v in wanted["pixels"].to_pylist()]
    assert rows["hash"].to_pylist() == wanted["hash"].to_pylist()
    assert [e and e["kind"] for e in rows["hash_error"].to_pylist()] == [None, None, "decode"]

    variants = ImageSetAugmenter()
    said = irbis.register(spark, variants=variants, schema="path string, image binary")
    assert said["variants"].startswith("variants(TABLE(path string, image binary)) returns table<")
    table = spark.sql(
        "SELECT * FROM variants(TABLE(SELECT image, path, 1 AS other FROM sql_pictures))"
    ).toArrow()
    given = pa.table({"path": [r.path for r in pictures.collect()],
                      "image": [bytes(r.image) for r in pictures.collect()]})  # fmt: skip
    wanted = variants.transform(given)
    assert table.column_names == wanted.column_names
    assert table["path"].to_pylist() == wanted["path"].to_pylist()


def test_a_name_is_replaced_and_a_session_has_its_own(spark, pictures):
    irbis.register(spark, mine=UnrollImage(width=1, height=1, outputCol="v"))
    irbis.register(spark, mine=UnrollImage(width=2, height=1, outputCol="v"))
    assert spark.sql("SELECT size(mine(image).v) AS n FROM sql_pictures LIMIT 1").first().n == 6
    other = spark.newSession()
    with pytest.raises(Exception, match="mine"):
        other.sql("SELECT mine(CAST('a' AS BINARY))").collect()


@pytest.mark.one_engine("connect")
def test_another_client_of_the_same_session_calls_it(spark, pictures):
    from pyspark.sql.connect.session import SparkSession

    irbis.register(spark, shared=UnrollImage(width=1, height=1, outputCol="v"))
    # The same user by default, and the port that conftest.py makes the default.
    other = SparkSession(f"sc://localhost/;session_id={spark.client._session_id}")
    assert other.sql("SELECT size(shared(image).v) AS n FROM sql_pictures LIMIT 1").first().n == 3


def test_files_are_read_by_path_and_a_wrong_type_says_what_to_do(spark, pictures):
    irbis.register(spark, read=ReadFiles(outputCol="content"))
    sql = "SELECT length(read(path).content) AS n, read(path).content_error.kind AS k"
    rows = spark.sql(f"{sql} FROM sql_pictures").collect()
    assert [r.k for r in rows] == [None, None, "missing"]
    irbis.register(spark, pixels=UnrollImage(width=1, height=1))
    with pytest.raises(Exception, match="for image of pixels; expected binary"):
        spark.sql("SELECT pixels(array(1)) FROM sql_pictures").collect()


@pytest.mark.one_engine("classic")
def test_the_catalogue(spark, pictures, network):
    said = irbis.register(spark)
    assert list(said) == list(CATALOGUE)
    row = spark.sql(
        "SELECT irbis_features(irbis_read(path).content).features AS f, irbis_hash(image).hash AS h "
        "FROM sql_pictures LIMIT 1"
    ).first()
    assert len(row.f) == 1280
    assert len(row.h) == 16


@pytest.mark.one_engine("classic")
def test_what_cannot_be_a_function_is_refused_at_once(spark):
    from pyspark.ml.feature import SQLTransformer

    foreign = PipelineModel(stages=[SQLTransformer(statement="SELECT * FROM __THIS__")])
    with pytest.raises(ParamError, match="SQLTransformer in f"):
        irbis.register(spark, f=foreign)
    with pytest.raises(ParamError, match="EnsembleByKey in f"):
        irbis.register(spark, f=irbis.EnsembleByKey(keys=["a"], cols=["b"]))
    with pytest.raises(ParamError, match="no stage in f"):
        irbis.register(spark, f=PipelineModel(stages=[]))
    with pytest.raises(ParamError, match="schema='column type"):
        irbis.register(spark, f=HTTPTransformer())
    with pytest.raises(SchemaError):
        irbis.register(spark, f=UnrollImage(), schema="image double")
    with pytest.raises(ParamError, match="expected NAME=MODEL"):
        irbis.register(spark, schema="image binary")
    with pytest.raises(ParamError, match="schema='what'"):
        irbis.register(spark, f=UnrollImage(), schema="what")


@pytest.mark.one_engine("classic")
def test_without_a_network_the_others_are_registered(spark, monkeypatch, caplog):
    def missing():
        raise MissingExtraError("no torch", expected="it", do="install it")

    monkeypatch.setitem(door.CATALOGUE, "irbis_features", ("image binary", missing))
    with caplog.at_level(logging.WARNING, "irbis"):
        said = irbis.register(spark)
    assert "irbis_features" not in said
    assert "irbis_hash" in said
    assert "irbis_features is not registered" in caplog.text


class Echo:
    def __call__(self, batch):
        return batch


class EchoAll:
    def __call__(self, batches):
        yield from batches


def test_lists_become_vectors_and_numbers_are_cast():
    fields = (pa.field("v", VECTOR), pa.field("n", pa.float64()))
    call = ScalarFunction("f", Echo(), fields, fields)
    made = call(pa.array([[1, 2], None]), pa.chunked_array([pa.array([1, 2])]))
    assert made.to_pylist() == [{"v": [1.0, 2.0], "n": 1.0}, {"v": None, "n": 2.0}]
    with pytest.raises(SchemaError, match="1 arguments of f"):
        call(pa.array([[1, 2]]))
    with pytest.raises(DataError, match="string for n of f"):
        call(pa.array([[1]]), pa.array(["one"]))


def test_a_table_function_takes_its_columns_by_name():
    fields = (pa.field("a", pa.int64()),)
    call = TableFunction("f", EchoAll(), fields, fields)
    batch = pa.record_batch({"b": [1], "a": [2]})
    assert [b.to_pydict() for b in call(batch)] == [{"a": [2]}]
    with pytest.raises(SchemaError, match="a table of b in f"):
        list(call(pa.record_batch({"b": [1]})))
