"""Order, bounds and lifetime of the calls in flight."""

import asyncio
import os
import subprocess
import sys
import threading
from functools import partial

import pytest
from calling import answers, settings

from irbis.http import ordered
from irbis.http.call import Answer, call
from irbis.http.failure import Failure
from irbis.http.loop import background_loop
from irbis.http.ordered import in_order
from irbis.http.request import HTTPRequest
from irbis.http.response import HTTPResponse


def made(number):
    return HTTPRequest("GET", f"http://x/{number}")


async def instantly(request):
    return Answer(HTTPResponse(200, body=request.url.encode()))


def test_answers_come_in_the_order_of_rows(service):
    # Every third row is slow.
    urls = [f"{service.url}/{i}?size={i + 1}&latency={0.05 * (i % 3 == 0)}" for i in range(60)]
    found = answers(urls, settings(concurrency=16))
    assert [len(a.response.body) for a in found] == [i + 1 for i in range(60)]


def test_never_more_in_flight_than_asked_for_and_connections_are_kept(service):
    service.clear()
    # The first five wait long enough to meet, on a busy machine too.
    urls = [f"{service.url}/{i}?latency={0.5 if i < 5 else 0.02}" for i in range(60)]
    answers(urls, settings(concurrency=5))
    assert service.peak == 5
    # Those of earlier tests may be used again.
    assert service.connections <= 5
    assert service.count() == 60


def test_parts_are_read_no_further_than_the_window():
    read, gate = [], threading.Event()

    async def held(request):
        await asyncio.to_thread(gate.wait)
        return await instantly(request)

    def parts():
        for i in range(100):
            read.append(i)
            yield i, [made(i)] * 10

    stream = in_order(parts(), held, concurrency=4, window=30)
    taker = threading.Thread(target=lambda: next(stream))
    taker.start()
    gate.set()
    taker.join(30)
    assert not taker.is_alive()
    assert len(read) <= 4
    assert [label for label, _ in stream] == list(range(1, 100))


def test_bytes_held_are_bounded():
    gate, begun = threading.Event(), []

    async def big(request):
        number = int(request.url.rsplit("/", 1)[1])
        begun.append(number)
        if number == 0:
            await asyncio.to_thread(gate.wait)
        return Answer(HTTPResponse(200, body=b"x" * 1000))

    parts = ((i, [made(i)]) for i in range(50))
    stream = in_order(parts, big, concurrency=4, window=50, max_bytes=5000)
    first = threading.Thread(target=lambda: next(stream))
    first.start()
    first.join(0.5)
    assert first.is_alive()  # the first row holds everything up
    # Five answers of 1000 bytes may wait; those under way then still land.
    assert len(begun) <= 1 + 5 + 4
    gate.set()
    first.join(30)
    assert len(list(stream)) == 49


def test_large_answers_of_one_part_come_in_pieces(monkeypatch):
    monkeypatch.setattr(ordered, "_PIECE", 2000)
    most, held = 0, 0

    async def big(request):
        nonlocal most, held
        held += 1
        most = max(most, held)
        return Answer(HTTPResponse(200, body=request.url.encode().ljust(1000)))

    parts = [(label, [made(i) for i in range(40)]) for label in "ab"]
    found = {"a": [], "b": []}
    for label, answers_ in in_order(parts, big, concurrency=3, window=80, max_bytes=5000):
        assert 1 <= len(answers_) <= 2  # of 1000 bytes
        held -= len(answers_)
        found[label] += [a.response.body.decode().strip() for a in answers_]
    assert found == {label: [made(i).url for i in range(40)] for label in "ab"}
    # Five may wait and three land; a piece of two is being handed over, and one more arrives.
    assert most <= 5 + 3 + 2 + 1


@pytest.mark.parametrize("wrong", [asyncio.CancelledError, SystemExit, KeyError])
def test_whatever_a_call_raises_is_an_answer(wrong):
    async def raises(request):
        raise wrong

    stream = in_order([(0, [made(0), made(1)])], raises, concurrency=1, window=1)
    ((_, found),) = list(stream)
    assert [a.failure.message for a in found] == [wrong.__name__] * 2
    assert background_loop().is_running()


def test_failures_and_empty_parts_pass_through():
    bad = Failure("request", "no")
    found = list(
        in_order(
            [("a", []), ("b", [bad, made(1)]), ("c", [bad])], instantly, concurrency=1, window=1
        )
    )
    assert [label for label, _ in found] == ["a", "b", "c"]
    assert [[a.failure for a in part] for _, part in found] == [[], [bad, None], [bad]]


def test_a_caller_that_stops_early_leaves_nothing_running(service):
    service.clear()
    urls = [HTTPRequest("GET", f"{service.url}/{i}?how=hang") for i in range(4)]
    parts = [(0, [HTTPRequest("GET", service.url)]), (1, urls)]
    stream = in_order(parts, partial(call, settings=settings()), concurrency=8, window=100)
    next(stream)
    stream.close()
    for _ in range(200):  # the loop's thread does it a moment later
        if service._now == 0:
            break
        threading.Event().wait(0.05)
    assert service._now == 0


def test_a_fault_of_ours_is_a_row_too(service, monkeypatch):
    import irbis.http.call as module

    monkeypatch.setattr(module, "_with_headers", lambda *_: 1 / 0)
    found = answers([service.url])[0]
    assert (found.failure.kind, found.failure.message) == ("internal", "ZeroDivisionError")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_forked_child_has_a_client_of_its_own(service):
    assert answers([service.url])[0].response.ok
    child = os.fork()
    if child == 0:
        try:
            os._exit(0 if answers([service.url])[0].response.ok else 1)
        finally:
            os._exit(2)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0
    assert answers([service.url])[0].response.ok


def test_requests_held_are_bounded():
    read = []

    def parts():
        for i in range(50):
            read.append(i)
            yield i, [HTTPRequest("POST", f"http://x/{i}", (), b"x" * 1000)]

    stream = in_order(parts(), instantly, concurrency=4, window=50, max_bytes=5000)
    next(stream)
    assert len(read) == 5
    assert len(list(stream)) == 49
    assert len(read) == 50


def test_slices_follow_the_size_of_answers():
    import pyarrow as pa

    from irbis.http.functions import _Slices

    slices, batch = _Slices(64), pa.RecordBatch.from_pydict({"x": range(1000)})
    assert [b.num_rows for b in slices.of(batch.slice(0, 40))] == [16, 16, 8]
    for _ in range(5):
        slices.learn([Answer(HTTPResponse(200, body=b"x"))])
    assert max(b.num_rows for b in slices.of(batch)) == 128
    slices.learn([Answer(HTTPResponse(200, body=b"x" * (8 << 20)))])
    assert next(slices.of(batch)).num_rows == 2
    assert [b.num_rows for b in slices.of(batch.slice(0, 0))] == [0]
    heavy = pa.RecordBatch.from_pydict({"x": [b"x" * (9 << 20)] * 3})
    slices.learn([])
    assert [b.num_rows for b in slices.of(heavy)] == [1, 1, 1]


def test_a_process_ends_quietly(service):
    """No warning of open connections, no thread that holds it up."""
    script = f"""
import pyarrow as pa
from irbis import HTTPRequest, HTTPTransformer
from irbis.http.messages import write_requests
table = pa.table({{"request": write_requests([HTTPRequest("GET", "{service.url}/end")] * 3)}})
assert HTTPTransformer().transform(table)["response_error"].null_count == 3
"""
    said = subprocess.run(
        [sys.executable, "-X", "dev", "-W", "error", "-c", script],
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert said.returncode == 0, said.stderr
    assert "Unclosed" not in said.stderr
    assert "ResourceWarning" not in said.stderr
    assert "never" not in said.stderr  # awaited, retrieved
