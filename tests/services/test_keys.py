"""Keys and tokens: nowhere but on the wire. Not in logs, plans, saved pipelines, errors or prints."""

import contextlib
import io
import json
import logging
import pickle
from pathlib import Path

import pyarrow as pa
import pytest
from pyspark import cloudpickle

import irbis
from irbis import AnalyzeImage, PipelineModel, ReadImage, TextSentiment
from irbis.errors import ParamError
from irbis.services.hidden import Hidden
from irbis.sidecar_parts import describe
from irbis.testing import Reply

SECRET = "s3cr3t-k3y-0f-a-service"
TABLE = pa.table({"text": ["http://x/1", "http://x/2"]})


def stages(service, **params):
    quick = {"backoff": 0.0, "maxAttempts": 2, "timeout": 0.2, "deadline": 0.4, **params}
    url = service.url
    return [
        TextSentiment(url=url, subscriptionKey=SECRET, **quick),
        AnalyzeImage(url=url, AADToken=SECRET, imageUrlCol="text", **quick),
        ReadImage(url=url, subscriptionKey=SECRET, imageUrlCol="text", **quick),
    ]


PATHS = ["/language/:analyze-text", "/vision/v3.2/analyze", "/vision/v3.2/read/analyze"]


def telltale(seen):
    """Repeat every header and the whole body, as a badly made gateway does."""
    told = json.dumps(dict(seen.headers))
    return Reply(401, body={"error": {"code": told, "message": told}})


def test_errors_logs_and_prints_are_clean(service, caplog):
    caplog.set_level(logging.DEBUG)
    replies = [
        Reply(how=how, body=b"x" * 50) for how in ("plain", "hang", "cut", "close", "garbage")
    ]
    replies += [telltale, Reply(202), Reply(404, body=SECRET[:3])]
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        for reply in replies:
            for path, made in zip(PATHS, stages(service), strict=True):
                service.script(path, reply)
                out = made.transform(TABLE.slice(0, 1))
                assert out["output_error"].null_count == 0
                print(out["output_error"].to_pylist())
                with pytest.raises(irbis.IrbisError) as caught:
                    made.setParams(errors="raise").transform(TABLE.slice(0, 1))
                print(repr(caught.value), caught.value)
                print(made, made.explainParams(), made.extractParamMap(), repr(made._paramMap))
                print(
                    repr(made.make_stream_function()), made.getSubscriptionKey(), made.getAADToken()
                )
    assert SECRET not in caplog.text
    assert SECRET not in said.getvalue()
    assert "***" in said.getvalue()
    assert len(said.getvalue()) > 10_000


def test_wrong_values_are_not_repeated():
    for wrong in (5, b"s3cr3t-k3y-0f-a-service", SECRET + "\n", [SECRET]):
        for name in ("subscriptionKey", "AADToken"):
            with pytest.raises(ParamError) as caught:
                TextSentiment(**{name: wrong})
            assert SECRET not in str(caught.value)


def test_a_hidden_string():
    key = Hidden(SECRET)
    shown = [
        str(key),
        repr(key),
        f"{key}",
        f"{key!r:>50}",
        str.format("{}", key),
        repr([key]),
        repr({"a": key}),
    ]
    assert all(SECRET not in text for text in shown)
    again = pickle.loads(cloudpickle.dumps(key))
    assert (type(again), again.reveal(), Hidden(key).reveal()) == (Hidden, SECRET, SECRET)
    assert not key.lost


def test_plans_and_saved_pipelines_are_clean(service, spark, tmp_path, capfd):
    made = PipelineModel(stages(service)[:1])
    frame = spark.createDataFrame([("a",)], "text string")
    made.transform(frame).explain("extended")
    assert "mapinarrow" in (plan := capfd.readouterr().out).lower()
    assert SECRET not in plan
    path = str(tmp_path / "model")
    PipelineModel(stages(service)[:2]).save(path)
    saved = b"".join(p.read_bytes() for p in Path(path).rglob("*") if p.is_file())
    assert SECRET.encode() not in saved
    assert SECRET not in json.dumps(describe(PipelineModel(stages(service)))[0])
    stage = PipelineModel.load(path).stages[0]
    for loaded in (stage, *irbis.load(path).stages):
        with pytest.raises(ParamError, match="not saved"):
            loaded.transform(TABLE)
    service.script(PATHS[0], telltale)
    again = stage.setSubscriptionKey("another-key")
    service.clear()
    again.transform(TABLE)
    assert service.requests[0].headers["ocp-apim-subscription-key"] == "another-key"


def test_a_key_from_the_environment_survives_saving(service, monkeypatch):
    monkeypatch.setenv("IRBIS_TEST_SERVICE_KEY", SECRET)
    name = {"Ocp-Apim-Subscription-Key": "IRBIS_TEST_SERVICE_KEY"}
    service.clear()
    service.script(PATHS[0], telltale)
    made = TextSentiment(url=service.url, headersFromEnv=name)
    error = made.transform(TABLE)["output_error"][0].as_py()
    assert service.requests[0].headers["ocp-apim-subscription-key"] == SECRET
    assert SECRET not in error["message"]
    assert made.saved_params()["headersFromEnv"] == name


def test_a_key_in_a_column_stays_in_its_column(service):
    service.script(PATHS[0], telltale)
    table = TABLE.append_column("key", pa.array([SECRET, SECRET]))
    out = TextSentiment(url=service.url, subscriptionKeyCol="key").transform(table)
    assert SECRET not in str(out.drop_columns(["key"]).to_pylist())
