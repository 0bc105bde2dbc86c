"""ServiceStage: values and columns, credentials, retirement, batches, refusals."""

import datetime as dt
import json
import warnings
from dataclasses import dataclass, replace

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from irbis import (
    NER,
    AnalyzeImage,
    DetectFace,
    EntityLinking,
    GenerateThumbnails,
    KeyPhraseExtractor,
    RecognizeDomainSpecificContent,
    TagImage,
    TextSentiment,
    VerifyFaces,
)
from irbis.errors import ParamError, RowError, SchemaError
from irbis.http.failure import KINDS
from irbis.http.request import HTTPRequest
from irbis.services.answers import SERVICE_KINDS, reported
from irbis.services.operation import Operation, at_path
from irbis.services.retirement import API, RetirementWarning
from irbis.testing import Reply

PATH = "/language/:analyze-text"


def phrases(seen):
    """Answer with each text's words."""
    documents = json.loads(seen.body)["analysisInput"]["documents"]
    found = [{"id": d["id"], "keyPhrases": d["text"].split(), "warnings": []} for d in documents]
    return Reply(body={"results": {"documents": found, "errors": [], "modelVersion": "1"}})


@pytest.fixture
def asked(service):
    """The service, with nothing asked yet."""
    service.clear()
    service.script(PATH, phrases)
    return service


def stage(service, **params):
    return KeyPhraseExtractor(url=service.url, backoff=0.0, **params)


def texts(number):
    return pa.table({"text": [f"text {i}" for i in range(number)]})


def test_rows_go_together_as_the_service_takes_them(asked):
    out = stage(asked).transform(texts(23))
    assert asked.count() == 3
    assert [v["keyPhrases"][1] for v in out["output"].to_pylist()] == [str(i) for i in range(23)]
    asked.clear()
    stage(asked, batchSize=4).transform(texts(8))
    assert asked.count() == 2
    with pytest.raises(ParamError, match="at most 5"):
        NER(url=asked.url, batchSize=6).transform(texts(1))


def test_a_null_takes_no_place_and_costs_no_request(asked):
    out = stage(asked, batchSize=2).transform(pa.table({"text": ["a", None, "b", None]}))
    assert asked.count() == 1
    assert [e and e["kind"] for e in out["output_error"].to_pylist()] == [
        None,
        "null",
        None,
        "null",
    ]
    asked.clear()
    stage(asked).transform(pa.table({"text": pa.nulls(5, pa.string())}))
    assert asked.count() == 0


def test_values_from_columns_or_the_same_for_all(asked):
    table = pa.table({"said": ["a", "b", "c"], "tongue": ["en", None, "de"]})
    stage(asked, textCol="said", languageCol="tongue").transform(table)
    documents = json.loads(asked.requests[0].body)["analysisInput"]["documents"]
    assert [d.get("language") for d in documents] == ["en", None, "de"]
    asked.clear()
    out = stage(asked, text="always the same", language="fr").transform(table)
    documents = json.loads(asked.requests[0].body)["analysisInput"]["documents"]
    assert {(d["text"], d["language"]) for d in documents} == {("always the same", "fr")}
    assert out.column_names == ["said", "tongue", "output", "output_error"]


def test_each_row_may_have_its_own_service_and_key(asked):
    other = asked.script("/other" + PATH, phrases).removesuffix(PATH)
    table = pa.table(
        {
            "text": ["a", "b", "c", "d", "e"],
            "where": [asked.url, asked.url, other, other, None],
            "key": ["k1", "k1", "k1", "k2", "k2"],
        }
    )
    asking = KeyPhraseExtractor(urlCol="where", subscriptionKeyCol="key")
    out = asking.transform(table)
    seen = sorted(
        (s.path, s.headers["ocp-apim-subscription-key"], s.body.count(b'"id"'))
        for s in asked.requests
    )
    assert seen == [(PATH, "k1", 2), ("/other" + PATH, "k1", 1), ("/other" + PATH, "k2", 1)]
    assert out["output_error"].to_pylist()[4]["message"] == "url is null"


def test_a_token_in_place_of_a_key(asked):
    stage(asked, AADToken="t0ken").transform(texts(1))
    headers = asked.requests[0].headers
    assert headers["authorization"] == "Bearer t0ken"
    assert "ocp-apim-subscription-key" not in headers
    asked.clear()
    table = pa.table({"text": ["a"], "token": ["from a column"]})
    stage(asked, AADTokenCol="token").transform(table)
    assert asked.requests[0].headers["authorization"] == "Bearer from a column"


@pytest.mark.parametrize(
    ("params", "said"),
    [
        ({"subscriptionKey": "a", "AADToken": "b"}, "subscriptionKey and AADToken"),
        ({"subscriptionKey": "a", "subscriptionKeyCol": "b"}, "subscriptionKey and"),
        ({"location": "westeurope"}, "url and location"),
        ({"text": "a", "textCol": "text"}, "text and textCol"),
    ],
)
def test_two_ways_to_say_it_are_one_too_many(params, said, asked):
    with pytest.raises(ParamError, match=said):
        stage(asked, **params).transform(texts(1))


def test_what_is_wrong_is_said_before_anything_is_asked(asked):
    with pytest.raises(ParamError, match="without an address"):
        KeyPhraseExtractor().transform(texts(1))
    with pytest.raises(ParamError, match="without a key"):
        KeyPhraseExtractor(location="westeurope").transform(texts(1))
    with pytest.raises(ParamError, match="without a key"):
        KeyPhraseExtractor(url="https://x.cognitiveservices.azure.com").transform(texts(1))
    with pytest.raises(SchemaError, match="expected strings"):
        stage(asked).transform(pa.table({"text": [1]}))
    with pytest.raises(SchemaError, match="binary"):
        AnalyzeImage(url=asked.url, imageBytesCol="text").transform(texts(1))
    with pytest.raises(ParamError, match="outputCol"):
        stage(asked, outputCol="text").transform(texts(1))
    with pytest.raises(ParamError, match="region"):
        KeyPhraseExtractor(location="https://evil.example/")
    with pytest.raises(ParamError, match="imageUrl, or imageBytes"):
        AnalyzeImage(url=asked.url).transform(texts(1))
    with pytest.raises(ParamError, match="width and height"):
        GenerateThumbnails(url=asked.url, imageUrlCol="text", width=5).transform(texts(1))
    with pytest.raises(ParamError, match="faceId1 and faceId2, or faceId and personId"):
        VerifyFaces(url=asked.url, faceId1Col="text").transform(texts(1))
    with pytest.raises(ParamError, match="visualFeatures"):
        AnalyzeImage(visualFeatures=["Smell"])
    assert asked.count() == 0


def test_a_location_is_an_address():
    made = KeyPhraseExtractor(location="westeurope", subscriptionKey="k")
    assert made.address() == "https://westeurope.api.cognitive.microsoft.com"


def test_url_is_endpoint_or_whole_address(asked):
    for url in (asked.url, asked.url + "/", asked.url + PATH):
        KeyPhraseExtractor(url=url).transform(texts(1))
    assert [s.path for s in asked.requests] == [PATH] * 3
    assert at_path("http://gateway.example/azure?code=1", "/face") == (
        "http://gateway.example/azure/face?code=1"
    )


REFUSALS = {401: "unauthorized", 403: "forbidden", 404: "gone", 410: "gone", 429: "throttled"}


@pytest.mark.parametrize(("status", "kind"), REFUSALS.items())
def test_refusals_say_what_they_mean(status, kind, asked):
    body = {"error": {"code": str(status), "message": "No."}}
    asked.script(PATH, Reply(status, body=body))
    url = asked.url
    out = EntityLinking(url=url, maxAttempts=2, backoff=0.0).transform(texts(2))
    for error in out["output_error"].to_pylist():
        assert (error["kind"], error["status"]) == (kind, status)
        assert error["message"].startswith(f"{status} ")
        assert error["message"].endswith(f"{status}: No.")
        assert error["attempts"] == (2 if status == 429 else 1)
        assert ("2028-09-01" in error["message"]) == (kind == "gone")
    assert out["output"].null_count == 2
    with pytest.raises(RowError, match=kind):
        EntityLinking(url=url, errors="raise", maxAttempts=1).transform(texts(1))


def test_a_service_that_is_busy_is_asked_again(asked):
    asked.script(PATH, Reply(503), Reply(429, headers={"Retry-After": "0"}), phrases)
    out = stage(asked).transform(texts(1))
    assert out["output_error"].null_count == 1
    assert asked.count() == 3


def test_what_is_not_there_is_asked_for_once(asked):
    asked.script(PATH, Reply(501))
    error = stage(asked).transform(texts(1))["output_error"][0].as_py()
    assert (error["status"], error["attempts"]) == (501, 1)


def test_the_last_body_counts_when_an_answer_is_no_answer(asked):
    odd = [b"no JSON", b"[]", b"{}", b'{"results": []}', b'{"results": {"documents": [5]}}']
    for body in odd:
        asked.script(PATH, Reply(body=body))
        error = stage(asked).transform(texts(1))["output_error"][0].as_py()
        assert error["kind"] == "parse", body
    left_out = {"results": {"documents": [], "errors": [], "modelVersion": "1"}}
    asked.script(PATH, Reply(body=left_out))
    error = stage(asked).transform(texts(1))["output_error"][0].as_py()
    assert (error["kind"], error["message"]) == (
        "service",
        "the service left the row out of its answer",
    )


def test_kinds_are_new():
    assert SERVICE_KINDS.keys().isdisjoint(KINDS)


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text()),
    lambda inner: st.one_of(
        st.lists(inner),
        st.dictionaries(
            st.sampled_from(["error", "errors", "innererror", "code", "message"]), inner
        ),
    ),
)


@given(JSON)
def test_whatever_a_refusal_holds_it_is_read(document):
    assert isinstance(reported(json.dumps(document).encode()), str)


def test_a_refusal_without_bottom(asked):
    asked.script(PATH, Reply(400, body=b'{"innererror":' * 400 + b"{}" + b"}" * 400))
    out = stage(asked).transform(texts(1))
    assert out["output_error"][0].as_py()["kind"] == "status"


@dataclass(frozen=True)
class Broken(Operation):
    """An operation whose author made a mistake."""

    def request(self, url, rows):
        return HTTPRequest("GET", url)

    async def call(self, request, settings):
        raise KeyError("mistake")


class Mistaken(KeyPhraseExtractor):
    """A stage with a mistake in it."""

    def operation(self):
        return Broken(type=self.answer_type())


def test_a_mistake_is_an_error_row_and_holds_up_nothing(asked):
    out = Mistaken(url=asked.url).transform(texts(3))
    assert [e["kind"] for e in out["output_error"].to_pylist()] == ["internal"] * 3


@pytest.mark.parametrize(
    "body", [b"", b"\xff", b"[]", b"5", b'{"error": 5}', b'{"error": {}}', b'{"code": [1]}']
)
def test_a_body_that_reports_nothing(body):
    assert reported(body) == ""


TODAY = dt.date(2026, 11, 25)


def test_an_end_is_told_a_year_before_and_is_an_error_after_it():
    api = API("Old", "1", successor="New", hosts=(".vendor.example",))
    url = "https://me.vendor.example"

    def check(days, **more):
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            end = TODAY + dt.timedelta(days=days)
            replace(api, retires=end).check(more.pop("url", url), today=TODAY, **more)
        return [str(w.message) for w in said if w.category is RetirementWarning]

    assert check(366) == []
    assert check(365) == ["Old version 1 retires on 2027-11-25; successor: New"]
    assert len(check(0)) == 1
    with pytest.raises(ParamError, match=r"retired on 2026-11-24.*New.*setAllowRetired"):
        check(-1)
    assert len(check(-1, allowed=True)) == 1
    assert check(-1, url="http://127.0.0.1:8000") == []  # a stand-in goes on
    assert len(check(5, url=None)) == 1  # who knows


class Old(TextSentiment):
    """A stage whose service has ended."""

    api = replace(TextSentiment.api, retires=dt.date(2020, 1, 1), successor="New")


def test_a_stage_asks_nothing_of_a_retired_service():
    here = {"url": "https://x.cognitiveservices.azure.com", "subscriptionKey": "k"}
    with pytest.raises(ParamError, match="retired on 2020-01-01"):
        Old(**here).transform(texts(1))
    with pytest.warns(RetirementWarning, match="2020-01-01; successor: New"):
        Old(**here, allowRetired=True).transform(texts(1).slice(0, 0))


def test_a_picture_is_an_address_or_bytes(asked):
    table = pa.table(
        {"url": ["http://x/1", None, None, "http://x/2"], "bytes": [None, b"p", None, b"q"]}
    )
    table = table.set_column(1, "bytes", table["bytes"].cast(pa.binary()))
    asked.script("/face/v1.2/detect", Reply(body=[]))
    made = DetectFace(url=asked.url, imageUrlCol="url", imageBytesCol="bytes")
    out = made.transform(table)
    assert [e and e["kind"] for e in out["output_error"].to_pylist()] == [
        None,
        None,
        "null",
        "request",
    ]
    kinds = {s.headers["content-type"] for s in asked.requests}
    assert kinds == {"application/json", "application/octet-stream"}


def test_a_row_with_two_kinds_of_group_is_an_error(asked):
    table = pa.table({"face": ["a", "a"], "small": [None, "s"]})
    asked.script("/face/v1.2/verify", Reply(body={"isIdentical": True, "confidence": 1}))
    made = VerifyFaces(
        url=asked.url,
        faceIdCol="face",
        personId="p",
        largePersonGroupId="l",
        personGroupIdCol="small",
    )
    out = made.transform(table)
    assert [e and e["kind"] for e in out["output_error"].to_pylist()] == [None, "request"]


def test_a_value_in_a_path_stays_one_part_of_it(asked):
    table = pa.table({"url": ["http://x/1"], "model": ["../../face/v1.2/verify?x="]})
    made = RecognizeDomainSpecificContent(url=asked.url, imageUrlCol="url", modelCol="model")
    made.transform(table)
    assert (
        asked.requests[0].path
        == "/vision/v3.2/models/..%2F..%2Fface%2Fv1.2%2Fverify%3Fx%3D/analyze"
    )


def test_a_picture_for_all_rows_is_saved_as_text():
    made = TagImage(imageBytes=b"\xff\xd8")
    saved = json.loads(json.dumps(made.saved_params()))
    assert TagImage(**saved).getImageBytes() == b"\xff\xd8"
    with pytest.raises(ParamError, match="bytes"):
        TagImage(imageBytes=5)


def test_workers_or_driver(asked, spark):
    frame = spark.createDataFrame([("one two",), (None,)], "text string")
    for where in ("workers", "driver"):
        rows = stage(asked, execution=where).transform(frame).collect()
        assert rows[0].output.keyPhrases == ["one", "two"]
        assert rows[1].output_error.kind == "null"
