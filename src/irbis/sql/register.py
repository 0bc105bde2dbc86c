"""``irbis.register(spark)``: stages and fitted models as functions of a session's SQL."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyspark.sql import SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import StructType

from irbis import adapters
from irbis.errors import EngineError, IrbisError, MissingExtraError, ParamError
from irbis.http import ddl
from irbis.loading import load
from irbis.planning import Run, flatten, plan
from irbis.shipping import files_in, ship
from irbis.spark_schema import arrow_schema, spark_schema
from irbis.sql.catalogue import CATALOGUE
from irbis.sql.functions import ScalarFunction, TableFunction, plain_field

__all__ = ["register"]

log = logging.getLogger("irbis")


def register(
    spark: SparkSession, *, schema: str | StructType | None = None, **models: Any
) -> dict[str, str]:
    """Make stages and fitted models callable by name from SQL, in this session.

    A function belongs to the session it was registered in, classic or Connect: every language that
    talks to that session can call it, another session can't. Registering a name again replaces it.

    Parameters
    ----------
    spark : SparkSession
    schema : str or StructType, optional
        Columns that the models read, as ``"image binary"``: the arguments of the function, in this
        order. Default: found out for a model that needs one column, of bytes or text.
    **models : stage, fitted pipeline, LoadedModel, or the path of a saved one
        Name of the function -> what it runs. Without any: ``irbis_features``, ``irbis_pixels``,
        ``irbis_hash``, ``irbis_exif``, ``irbis_superpixels`` (of pictures), ``irbis_read`` (of a
        path). ``irbis_features`` is left out, with a warning, where the extra ``train`` is missing.

    Returns
    -------
    dict of str to str
        Name -> what it takes and returns, in Spark's spelling.

    Notes
    -----
    A model that keeps its rows is a function of columns, and returns a struct of all columns that
    it writes, error columns too: ``SELECT pet(image).prediction``. Vectors are ``array<double>``,
    as arguments too. A model that changes the number of rows is a table function:
    ``SELECT * FROM variants(TABLE(SELECT path, image FROM pictures))``; it returns the columns of
    `schema` and those that the model writes. A stage that calls out is registered as one that is
    not deterministic, so that Spark does not call twice.

    Raises
    ------
    ParamError
        If a model has a part that only Spark can run or that needs all rows at once, or reads
        several columns and `schema` does not say which.
    SchemaError
        If a model can't run on `schema`.
    EngineError
        On Spark 4.0, which has no such functions.

    Examples
    --------
    In a session (docs/sql.md runs more of it):

    >>> irbis.register(spark, tiny=irbis.PerceptualHash())["tiny"]  # doctest: +SKIP
    'tiny(image binary) returns struct<hash:string,hash_error:struct<...>>'
    >>> spark.sql("SELECT tiny(image).hash FROM pictures")  # doctest: +SKIP

    What is wrong is said before Spark is asked:

    >>> import irbis
    >>> irbis.register(None, tiny=irbis.PipelineModel(stages=[]))
    Traceback (most recent call last):
    irbis.errors.ParamError: got no stage in tiny; expected a stage or a fitted pipeline
    """
    if not hasattr(F, "arrow_udtf"):
        raise EngineError(
            "a Spark without Arrow functions", expected="Spark 4.1 or newer", do="use transform()"
        )
    if models:
        declared = None if schema is None else _declared(schema)
        return {n: _register(spark, n, _opened(m), declared) for n, m in models.items()}
    if schema is not None:
        raise ParamError("a schema and no model", expected="NAME=MODEL")
    said = {}
    for name, (columns, make) in CATALOGUE.items():
        try:
            stage = make()
        except MissingExtraError as error:
            log.warning("%s is not registered: %s", name, error)
            continue
        said[name] = _register(spark, name, stage, _declared(columns))
    return said


def _opened(model: Any) -> Any:
    return load(model) if isinstance(model, (str, Path)) else model


def _declared(schema: str | StructType) -> pa.Schema:
    if isinstance(schema, StructType):
        return arrow_schema(schema)
    try:
        found = ddl.parse(schema)
    except ValueError as error:
        raise ParamError(f"schema={schema!r}: {error}", expected="'image binary, ...'") from None
    if not pa.types.is_struct(found):
        raise ParamError(f"schema={schema!r}", expected="columns, such as 'image binary'")
    return pa.schema(list(found.fields))


def _register(spark: SparkSession, name: str, model: Any, declared: pa.Schema | None) -> str:
    run = _run_of(name, model)
    schema = declared if declared is not None else _guess(name, run)
    result = run.output_schema(schema)
    if run.keeps_rows:
        return _scalar(spark, name, run, schema, result)
    return _table(spark, name, run, schema, result)


def _run_of(name: str, model: Any) -> Run:
    steps = plan(flatten([model]), jvm=False)
    if len(steps) == 1 and isinstance(steps[0], Run):
        return steps[0]
    for step in steps:
        if not isinstance(step, Run):
            part = getattr(step, "transformer", None) or getattr(step, "stage", None)
            raise ParamError(
                f"{type(part).__name__} in {name}",
                expected=f"stages of irbis that work row by row, or one of "
                f"{', '.join(adapters.names())}",
                do="call transform() on a DataFrame and make a view of the result",
            )
    raise ParamError(f"no stage in {name}", expected="a stage or a fitted pipeline")


def _guess(name: str, run: Run) -> pa.Schema:
    """One column, of bytes or text, that the run can't do without."""
    made: set[str] = set()
    outside: dict[str, None] = {}
    for stage in run.stages:
        outside.update((c, None) for c in stage.input_columns() if c not in made)
        made.update(adapters.written_columns(stage))
    tried = []
    for column in outside:
        for type_ in (pa.binary(), pa.string()):
            schema = pa.schema([pa.field(column, type_)])
            try:
                run.output_schema(schema)
            except IrbisError as error:
                tried.append(str(error))
            else:
                return schema
    raise ParamError(
        f"{name}, which reads {', '.join(outside) or 'no column'} ({'; '.join(tried[:1])})",
        expected="to be told the columns and their types",
        do=f"register(spark, {name}=..., schema='column type, ...')",
    )


def _scalar(spark: SparkSession, name: str, run: Run, schema: pa.Schema, result: pa.Schema) -> str:
    function = run.function()
    ship(spark, files_in(function))
    writes = tuple(result.field(c) for c in run.writes(schema))
    if not writes:
        raise ParamError(f"{name}, which writes no column", expected="one that does")
    call = ScalarFunction(name, function, tuple(schema), writes)
    returns = spark_schema(pa.schema([plain_field(f) for f in writes]))

    def fused(*columns: pa.Array) -> pa.Array:  # Spark asks for a function by its type
        return call(*columns)

    udf = F.arrow_udf(fused, returnType=returns)
    if run.looks_ahead:  # it calls out: Spark must not evaluate it twice
        udf = udf.asNondeterministic()
    spark.udf.register(name, udf)
    return f"{name}({_columns(schema)}) returns {returns.simpleString()}"


def _table(spark: SparkSession, name: str, run: Run, schema: pa.Schema, result: pa.Schema) -> str:
    function = run.stream_function()
    ship(spark, files_in(function))
    call = TableFunction(name, function, tuple(schema), tuple(result))
    returns = spark_schema(pa.schema([plain_field(f) for f in result]))

    class Multiply:
        def eval(self, batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
            yield from call(batch)

    spark.udtf.register(name, F.arrow_udtf(Multiply, returnType=returns))
    return f"{name}(TABLE({_columns(schema)})) returns {_table_text(returns)}"


def _columns(schema: pa.Schema) -> str:
    fields = spark_schema(pa.schema([plain_field(f) for f in schema])).fields
    return ", ".join(f"{f.name} {f.dataType.simpleString()}" for f in fields)


def _table_text(returns: StructType) -> str:
    return "table<" + str(returns.simpleString()).removeprefix("struct<")
