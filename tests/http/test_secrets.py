"""Header values, passwords and keys in addresses: nowhere but on the wire."""

import contextlib
import io
import json
import logging
import pickle
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyspark import cloudpickle

import irbis
from irbis import (
    HTTPRequest,
    HTTPTransformer,
    JSONInputParser,
    PipelineModel,
    SimpleHTTPTransformer,
)
from irbis.errors import ParamError
from irbis.http.input_parsers import CustomInputParser
from irbis.http.messages import write_requests
from irbis.http.output_parsers import StringOutputParser
from irbis.http.secrets import is_redacted, origin, redact_url
from irbis.sidecar_parts import describe
from irbis.testing import BEHAVIOURS, Reply

SECRET = "s3cr3t-t0ken"
TABLE = pa.table({"input": [1, 2]})


def stage(service, path="/secrets", **params):
    url = service.url.replace("http://", f"http://user:{SECRET}pw@") + f"{path}?code={SECRET}q"
    headers = {"Authorization": f"Bearer {SECRET}", "X-Key": SECRET}
    return SimpleHTTPTransformer(
        url=url, headers=headers, outputParser=StringOutputParser(), **params
    ).setParams(backoff=0.0, maxAttempts=2, timeout=0.4, deadline=0.8, maxResponseBytes=10_000)


def test_errors_and_logs_and_prints_are_clean(service, caplog):
    caplog.set_level(logging.DEBUG)
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        for how in BEHAVIOURS:
            made = stage(service, f"/secrets/{how}")
            service.script(f"/secrets/{how}", Reply(how=how, body=b"x" * 50))
            out = made.transform(TABLE)
            print(out["output_error"].to_pylist(), made, repr(made.make_stream_function()))
            with contextlib.suppress(Exception) as _:
                try:
                    made.setParams(errors="raise", errorCol=None).transform(TABLE)
                except Exception as error:
                    print(repr(error), error)
                    raise
    assert SECRET not in caplog.text
    assert SECRET not in said.getvalue()
    assert len(said.getvalue()) > 1000


def test_a_service_that_repeats_what_it_was_sent(service):
    def telltale(seen):
        return Reply(401, f"not {seen.headers['authorization']} nor {seen.headers['x-key']}")

    service.script("/telltale", telltale)
    error = stage(service, "/telltale").transform(TABLE)["output_error"][0].as_py()
    assert error["message"] == "401 Unauthorized: not *** nor ***"


def test_wrong_params_do_not_repeat_values():
    for wrong in (
        {"headers": {"Authorization": SECRET, "X": 5}},
        {"headers": SECRET},
        {"headers": {"X": SECRET + "\n"}},
        {"headersFromEnv": {SECRET: 5}},
        {"url": f"ftp://user:{SECRET}@host/?a={SECRET}"},
    ):
        with pytest.raises(ParamError) as caught:
            SimpleHTTPTransformer(**wrong)
        assert SECRET not in str(caught.value)
    assert SECRET not in repr(HTTPRequest("GET", f"http://x/{SECRET}", (("A", SECRET),)))


def test_headers_do_not_show_in_params(service):
    made = stage(service)
    assert SECRET not in str(made.getHeaders())
    assert "***" in str(made.getHeaders())
    assert made.getHeaders()["X-Key"] == SECRET
    explained = made.explainParams() + made.explainParam(made.url)
    assert SECRET not in explained
    assert "/secrets?code=***" in explained
    assert "url" in SimpleHTTPTransformer().explainParams()


def test_plans_and_saved_pipelines_are_clean(service, spark, tmp_path, monkeypatch, capfd):
    monkeypatch.setenv("IRBIS_TEST_KEY", SECRET)
    made = stage(service).setHeadersFromEnv({"X-Env": "IRBIS_TEST_KEY"})
    parser = JSONInputParser(inputCol="input", url=made.getUrl(), headers={"A": SECRET})
    frame = spark.createDataFrame([(1,)], "input int")
    out = PipelineModel([made, parser]).transform(frame)
    out.explain("extended")
    assert "mapinarrow" in (plan := capfd.readouterr().out).lower()
    assert SECRET not in plan
    PipelineModel([made, parser]).save(str(tmp_path / "model"))
    saved = b"".join(p.read_bytes() for p in Path(tmp_path).rglob("*") if p.is_file())
    assert SECRET.encode() not in saved
    # The sidecar lies compressed in Parquet.
    assert SECRET not in json.dumps(describe(PipelineModel([made, parser]))[0])
    with pytest.raises(ParamError, match="not saved"):
        irbis.load(str(tmp_path / "model")).transform(TABLE)
    assert b"X-Key" in saved
    loaded = PipelineModel.load(str(tmp_path / "model"))
    with pytest.raises(ParamError, match="setHeaders"):
        loaded.stages[0].setUrl(service.url).transform(TABLE)
    with pytest.raises(ParamError, match="setUrl"):
        PipelineModel.load(str(tmp_path / "model")).stages[0].transform(TABLE)
    again = loaded.stages[0].setUrl(service.url + "/again").setHeaders({"X-Key": "new"})
    assert again.transform(TABLE)["output_error"].null_count == 2
    headers = [s.headers for s in service.requests if s.path == "/again"][-1]
    assert (headers["x-key"], headers["x-env"]) == ("new", SECRET)


def test_requests_built_from_columns_hide_their_headers(spark, capfd):
    import pyspark.sql.functions as F

    from irbis.http.columns import to_http_request

    if not hasattr(F, "arrow_udf"):
        pytest.skip("Spark 4.1")
    frame = spark.range(1).withColumn(
        "request", to_http_request("http://x/", headers={"A": SECRET})
    )
    HTTPTransformer().transform(frame).explain("extended")
    assert SECRET not in capfd.readouterr().out


def test_a_key_from_the_environment_must_be_there(monkeypatch):
    monkeypatch.delenv("IRBIS_NO_SUCH", raising=False)
    made = HTTPTransformer(headersFromEnv={"A": "IRBIS_NO_SUCH"})
    with pytest.raises(ParamError, match="IRBIS_NO_SUCH"):
        made.transform(pa.table({"request": write_requests([])}))


def test_functions_are_saved_by_name_or_not_at_all(tmp_path):
    made = CustomInputParser(udf=json.dumps)
    assert made.saved_params()["udf"] == "json:dumps"
    assert CustomInputParser(udf="json:dumps").getUDF() is json.dumps
    with pytest.raises(ParamError, match="no other process"):
        CustomInputParser(udf=lambda x: x).saved_params()
    copied = pickle.loads(cloudpickle.dumps(CustomInputParser(udf=lambda x: x).copy()))
    assert copied.getUDF()(5) == 5


@given(st.text(max_size=40))
def test_redacting_never_raises(text):
    for url in (text, "http://" + text):
        redact_url(url)
        origin(url)


def test_redacting_twice_is_redacting_once():
    for url in ("http://u:p@h/?a=b&c", "http://h/?nothing", "http://h/p"):
        once = redact_url(url)
        assert redact_url(once) == once
        assert is_redacted(once) == (url != "http://h/p")
