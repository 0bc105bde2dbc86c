"""202 and an Operation-Location: asked for until it is done, within the deadline, at one's own door."""

import pyarrow as pa
import pytest

from irbis import ReadImage
from irbis.testing import Reply, fake_service

PATH = "/vision/v3.2/read/analyze"
DONE = {"status": "succeeded", "analyzeResult": {"version": "v3.2", "readResults": []}}
TABLE = pa.table({"url": ["http://x/1.jpg"]})


def stage(service, **params):
    quick = {"initialPollingDelay": 0.0, "pollingDelay": 0.0, "backoff": 0.0, **params}
    return ReadImage(url=service.url, imageUrlCol="url", subscriptionKey="s3cret", **quick)


def accept(service, *replies, path="/result"):
    service.clear()
    where = service.script(path, *replies)
    service.script(PATH, Reply(202, headers={"Operation-Location": where}))


def row(out):
    return out["output"][0].as_py(), out["output_error"][0].as_py()


def test_it_is_asked_for_until_it_is_done(service):
    accept(
        service,
        Reply(body={"status": "notStarted"}),
        Reply(body={"status": "running"}),
        Reply(body=DONE),
    )
    value, error = row(stage(service).transform(TABLE))
    assert error is None
    assert value["status"] == "succeeded"
    assert [(s.method, s.path) for s in service.requests] == [("POST", PATH)] + [
        ("GET", "/result")
    ] * 3
    asking = service.requests[-1].headers
    assert asking["ocp-apim-subscription-key"] == "s3cret"
    assert "content-type" not in asking


def test_faults_on_the_way_are_faced_as_ever(service):
    accept(service, Reply(503), Reply(429, headers={"Retry-After": "0"}), Reply(body=DONE))
    assert row(stage(service).transform(TABLE))[1] is None
    accept(service, Reply(500))
    error = row(stage(service, maxAttempts=2).transform(TABLE))[1]
    assert (error["kind"], error["status"], error["attempts"]) == ("status", 500, 3)


@pytest.mark.parametrize("state", ["failed", "cancelled", "Failed"])
def test_an_operation_that_fails(state, service):
    said = {"code": "InvalidImage", "message": "Not a picture."}
    accept(service, Reply(body={"status": state, "error": said}))
    value, error = row(stage(service).transform(TABLE))
    assert value is None
    assert error["kind"] == "operation"
    assert (
        error["message"] == f"the operation ended as {state.lower()}: InvalidImage: Not a picture."
    )
    assert error["attempts"] == 2


def test_one_that_never_ends_is_left_at_the_deadline(service):
    accept(service, Reply(body={"status": "running"}))
    error = row(stage(service, deadline=0.4, pollingDelay=0.05).transform(TABLE))[1]
    assert error["kind"] == "deadline"
    assert error["message"] == "the operation was not done within the deadline of 0.4 s"
    assert 2 < error["attempts"] < 12


def test_the_service_says_when_to_come_back(service):
    accept(
        service, Reply(body={"status": "running"}, headers={"Retry-After": "0"}), Reply(body=DONE)
    )
    assert row(stage(service, pollingDelay=3600.0).transform(TABLE))[1] is None


def test_a_key_goes_to_no_other_host(service):
    with fake_service() as other:
        service.clear()
        where = Reply(202, headers={"Operation-Location": other.url + "/result"})
        service.script(PATH, where)
        error = row(stage(service).transform(TABLE))[1]
        assert other.count() == 0
    assert error["kind"] == "operation"
    assert "not its own" in error["message"]


@pytest.mark.parametrize("headers", [{}, {"Operation-Location": "nowhere"}])
def test_an_operation_that_cannot_be_followed(headers, service):
    service.clear()
    service.script(PATH, Reply(202, headers=headers))
    assert row(stage(service).transform(TABLE))[1]["kind"] == "operation"


@pytest.mark.parametrize("body", [b"no JSON", b"[]", b"{}", b'{"status": 5}'])
def test_an_answer_that_is_none(body, service):
    accept(service, Reply(body=body))
    assert row(stage(service).transform(TABLE))[1]["kind"] == "parse"


def test_a_refusal_comes_at_once(service):
    service.clear()
    service.script(PATH, Reply(401, body={"error": {"code": "401", "message": "Denied."}}))
    assert row(stage(service).transform(TABLE))[1]["kind"] == "unauthorized"
    assert service.count() == 1
