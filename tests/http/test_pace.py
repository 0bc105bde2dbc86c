"""The limit on requests per second, and how tasks share it."""

import itertools
import sys
from types import SimpleNamespace

import pytest
from calling import answers, settings
from hypothesis import given
from hypothesis import strategies as st

from irbis import HTTPTransformer
from irbis.errors import ParamError
from irbis.http import pace, params, slots
from irbis.http.request import HTTPRequest
from irbis.testing import Reply


@given(st.floats(0.001, 10), st.lists(st.floats(0, 5), max_size=30))
def test_turns_are_spaced(every, gaps):
    at, now, turns = pace.Pace(every), 0.0, []
    for gap in gaps:
        now += gap
        wait = at.next(now)
        assert wait >= 0
        turns.append(now + wait)
    assert all(b - a >= every * (1 - 1e-9) - 1e-9 for a, b in itertools.pairwise(turns))


def test_every_request_takes_a_turn(service, monkeypatch):
    turns = []

    async def pause(seconds):
        turns.append(seconds)

    monkeypatch.setattr(pace.asyncio, "sleep", pause)
    chosen = settings(rate=1000.0, concurrency=4)
    answers([f"{service.url}/p?status=503&times=1&n={i}" for i in range(3)], chosen)
    key = (service.url.removeprefix("http://"), 0.001)
    assert key in pace._paces
    assert service.count("/p") == 6


def test_redirects_and_handlers_take_turns_too(service, fresh_paces, monkeypatch):
    taken, take = [], pace.Pace.next

    def counted(self, now):
        taken.append(self)
        return take(self, now)

    monkeypatch.setattr(pace.Pace, "next", counted)

    async def thrice(send, request):
        await send()
        await send(HTTPRequest("GET", service.url + "/turns/other"))
        return await send(HTTPRequest("GET", start))

    start = service.script("/turns/from", Reply(302, headers={"Location": "/turns/to"}))
    for changes in ({}, {"handler": thrice}):
        service.clear()
        taken.clear()
        found = answers([start] * 3, settings(rate=5000.0, **changes))
        assert all(a.response.ok for a in found)
        assert len(taken) == service.count() == 3 * (5 if changes else 2)


def test_a_task_takes_its_share(monkeypatch):
    chosen = settings(rate=10.0, slots=5)
    assert pace.pace_of("http://share.invalid/", chosen).every == 0.1
    task = SimpleNamespace(TaskContext=SimpleNamespace(get=lambda: "a task"))
    monkeypatch.setitem(sys.modules, "pyspark.taskcontext", task)
    assert pace.pace_of("http://share.invalid/", chosen).every == 0.5
    assert pace.pace_of("http://share.invalid/", settings()) is None


@pytest.mark.parametrize(
    ("conf", "expected"),
    [
        ({"spark.master": "local"}, 1),
        ({"spark.master": "local[3]"}, 3),
        ({"spark.master": "local[2, 4]"}, 2),
        ({"spark.master": "local-cluster[2,3,1024]"}, 6),
        ({"spark.master": "spark://x", "spark.cores.max": "8", "spark.task.cpus": "2"}, 4),
        ({"spark.executor.instances": "3", "spark.executor.cores": "4"}, 12),
        (
            {
                "spark.dynamicAllocation.enabled": "true",
                "spark.dynamicAllocation.maxExecutors": "5",
                "spark.executor.cores": "2",
            },
            10,
        ),
        ({"spark.master": "yarn"}, None),
        ({}, None),
    ],
)
def test_slots(monkeypatch, conf, expected):
    session = SimpleNamespace(conf=SimpleNamespace(get=lambda name, _: conf.get(name)))
    monkeypatch.setattr(slots.SparkSession, "getActiveSession", lambda: session)
    assert slots.tasks_at_once() == expected


def test_a_session_that_does_not_tell(monkeypatch):
    monkeypatch.setattr(params, "tasks_at_once", lambda: None)
    with pytest.raises(ParamError, match="maxConcurrentTasks"):
        HTTPTransformer(requestsPerSecond=5).settings()
    told = HTTPTransformer(requestsPerSecond=5, maxConcurrentTasks=3).settings()
    assert (told.rate, told.slots) == (5.0, 3)
    assert HTTPTransformer(requestsPerSecond=5, execution="driver").settings().slots == 1


def test_a_crawl_forgets_hosts(monkeypatch):
    monkeypatch.setattr(pace, "_MANY", 10)
    monkeypatch.setattr(pace, "_paces", {})
    for i in range(100):
        pace.pace_of(f"http://h{i}.invalid", settings(rate=1.0))
    assert len(pace._paces) <= 12
