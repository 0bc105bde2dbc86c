"""Each way a service can misbehave, and what the row then says: the table in docs/http.md."""

import re
from pathlib import Path

import pyarrow as pa
import pytest
from calling import answer, answers, settings
from hypothesis import given
from hypothesis import strategies as st

from irbis import JSONOutputParser, SimpleHTTPTransformer
from irbis.http.failure import KINDS
from irbis.http.request import HTTPRequest
from irbis.testing import BEHAVIOURS, Reply

PAGE = Path(__file__).parents[2] / "docs" / "http.md"
IMPATIENT = {
    "timeout": 0.6,
    "deadline": 1.0,
    "read_timeout": 0.3,
    "max_attempts": 3,
    "max_response_bytes": 100_000,
}
# Kind of the error, or None.
EXPECTED = {
    "plain": None,
    "chunked": None,
    "gzip": None,
    "drip": "timeout or deadline",
    "hang": "timeout or deadline",
    "close": "disconnected",
    "reset": "disconnected",
    "cut": "disconnected",
    "bad_gzip": "protocol",
    "bad_chunk": "protocol",
    "bad_json": "parse",
    "garbage": "protocol",
    "redirect_loop": "redirect",
    "endless": "too_large",
}


@pytest.mark.parametrize("how", [how for how in BEHAVIOURS if how != "bad_json"])
def test_behaviour(service, how):
    impatience = IMPATIENT if EXPECTED[how] else {}
    found = answer(f"{service.url}/{how}?how={how}&size=3000", settings(**impatience))
    if EXPECTED[how] is None:
        assert found.failure is None
        assert (found.response.body, found.response.attempts) == (b"x" * 3000, 1)
        return
    assert found.response is None
    assert found.failure.kind in EXPECTED[how].split(" or ")
    once = how in ("redirect_loop", "endless")
    assert (found.failure.attempts == 1) is once
    assert found.failure.message


def test_half_a_document_is_an_error_of_the_parser(service):
    stage = SimpleHTTPTransformer(
        url=service.url + "/bad_json?how=bad_json", outputParser=JSONOutputParser(dataType="a int")
    )
    out = stage.transform(pa.table({"input": [1]}))
    error = out["output_error"][0].as_py()
    assert (error["kind"], error["status"], error["attempts"]) == ("parse", 200, 1)
    assert out["output"].to_pylist() == [None]


def test_what_else_can_be_asked_of_the_service(service):
    """The page's second table of the service, line by line."""
    rows = re.findall(r"^\| `([a-z_]+=[^`]+)` \|[^|]*\| ([^|]+) \|", PAGE.read_text(), re.MULTILINE)
    options = {part.partition("=")[0] for query, _ in rows for part in query.split("&")}
    assert options >= {"status", "latency", "retry_after", "location", "size", "times"}
    for number, (query, said) in enumerate(rows):
        found = answer(f"{service.url}/asked/{number}?{query}", settings(**IMPATIENT))
        if said.startswith("no error"):
            assert found.failure is None, query
            assert found.response.attempts == (2 if "2 attempts" in said else 1), query
        else:
            assert found.failure.kind in re.findall(r"`(\w+)`", said), query


def test_the_page_has_the_same_table():
    rows = re.findall(r"^\| `(\w+)` \|[^|]*\| ([^|]+) \|", PAGE.read_text(), re.MULTILINE)
    table = dict(rows)
    assert {how: table[how].replace("`", "") for how in BEHAVIOURS} == {
        how: kind or "no error" for how, kind in EXPECTED.items()
    }
    assert set(KINDS) <= set(table)


def test_refused_and_unknown_hosts(service):
    refused, unknown = answers(
        [service.refused_url, "http://no-such-host.invalid/"], settings(max_attempts=2)
    )
    assert (refused.failure.kind, refused.failure.attempts) == ("connect", 2)
    assert "refused" in refused.failure.message.lower()
    assert (unknown.failure.kind, unknown.failure.attempts) == ("connect", 2)


def test_a_large_answer_that_says_so(service):
    found = answer(f"{service.url}/large?size=5000", settings(max_response_bytes=4999))
    assert (found.failure.kind, found.failure.attempts) == ("too_large", 1)
    assert answer(f"{service.url}/large?size=5000", settings(max_response_bytes=5000)).response.ok


def test_a_small_bomb(service):
    found = answer(f"{service.url}/bomb?how=gzip&size=900000", settings(max_response_bytes=100_000))
    assert found.failure.kind == "too_large"


def test_headers_that_are_no_text(service):
    url = service.script("/latin", Reply(headers={"X-Name": "caf\xe9"}))
    found = answer(url)
    found.response.header("X-Name").encode()  # Arrow takes it
    assert found.failure is None


FAULTS = [*BEHAVIOURS, "404", "429", "503"]


def _reply(fault):
    if fault.isdigit():
        return Reply(int(fault))
    # What never ends costs its timeout: kept short, so that many sequences can be tried.
    return Reply(body=b"x" * 30, how=fault, interval=0.01)


SEQUENCES = st.lists(
    st.tuples(
        st.sampled_from(["GET", "POST"]),
        st.lists(st.sampled_from(FAULTS), min_size=1, max_size=4),
    ),
    min_size=1,
    max_size=8,
)


@given(SEQUENCES)
def test_any_sequence_of_faults(service, sequences):
    """Rows in are rows out, nothing hangs, and each row has an answer or says why not."""
    service.clear()
    requests = []
    for row, (method, faults) in enumerate(sequences):
        url = service.script(f"/sequence/{row}", *map(_reply, faults))
        requests.append(HTTPRequest(method, url))
    chosen = settings(
        timeout=0.2, deadline=0.5, read_timeout=0.1, max_attempts=4, max_response_bytes=5000
    )
    for row, found in enumerate(answers(requests, chosen, part=3)):
        if found.failure is None:
            assert found.response.ok
            attempts = found.response.attempts
        else:
            assert found.failure.kind in KINDS
            assert found.failure.kind != "internal"
            attempts = found.failure.attempts
        assert 1 <= attempts <= 4
        # No hidden requests: redirects apart, none arrives that was not counted.
        method, faults = sequences[row]
        if "redirect_loop" not in faults:
            assert service.count(f"/sequence/{row}") <= attempts
        if method == "POST" and faults[0] not in ("429", "redirect_loop"):
            assert attempts == 1  # it may have been acted on
