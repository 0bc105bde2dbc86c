"""The page in a real browser, over a history that the test writes: no Spark."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime, timedelta
from urllib.error import HTTPError
from urllib.request import urlopen

import numpy as np
import pyarrow as pa
import pytest
from browser import Page, chromium

import pictures
from irbis.errors import EngineError
from irbis.monitor.history import History
from irbis.monitor.page_feed import PageFeed
from irbis.monitor.page_server import PageServer
from irbis.monitor.page_state import PageState, batch_document
from irbis.monitor.sights import SightsFunction
from irbis.schema import DETECTIONS, to_error

NOW = datetime(2026, 3, 1, 14, 30, tzinfo=UTC)
ODD = '<img src=x onerror=alert(1)> & "cat"'


def sights(names, hours_ago=0, boxes=1, label="snow leopard", kind=None):
    """Rows as the query makes them, of real pictures."""
    rng = np.random.default_rng(len(names))
    found = [
        {"xmin": 8.0 + 30 * n, "ymin": 20.0, "xmax": 36.0 + 30 * n, "ymax": 70.0, "label": label,
         "score": float(rng.uniform(0.5, 1))}
        for n in range(boxes)
    ]  # fmt: skip
    table = pa.table(
        {
            "path": names,
            "image": [pictures.encoded(90, 120, n) for n in range(len(names))],
            "detections": pa.array([None if kind else found] * len(names), DETECTIONS),
            "error": to_error([kind and (kind, "the file ends early")] * len(names)),
            "taken": pa.array(
                [NOW - timedelta(hours=hours_ago)] * len(names), pa.timestamp("us", "UTC")
            ),
        }
    )
    function = SightsFunction("path", "detections", "image", "error", "taken", 0.5)
    rows = function.batch(table.to_batches()[0]).to_pylist()
    return [row | {"found": json.loads(row["found"])} for row in rows]


class Running:
    def __init__(self, folder, port=0):
        self.history, self.state = History(folder), {"state": "running", "message": ""}
        feed = PageFeed(self.history, "Tien Shan", lambda: self.state)
        self.server = PageServer(feed, "127.0.0.1", port)
        self.server.start()
        self.number = max([n for n, _ in self.history.since(-1)], default=-1)

    def add(self, rows):
        self.number += 1
        self.history.add(self.number, batch_document(rows, datetime.now(UTC)))


@pytest.fixture(scope="module")
def browser():
    with chromium() as running:
        yield running


@pytest.fixture
def running(tmp_path):
    made = Running(tmp_path / "dashboard")
    yield made
    made.server.stop()


def fill(running):
    for hours in (20, 9, 8, 3, 0):
        running.add(sights([f"ridge/{hours}-{n}.jpg" for n in range(2)], hours, 2))
        running.add(sights([f"pass/{hours}.jpg"], hours, 1, "ibex"))
    running.add(sights([ODD, "pass/broken.jpg"], kind="truncated"))


def test_it_shows_what_comes_without_reloading(browser, running) -> None:
    shown = Page(browser)
    shown.page.goto(running.server.address)
    shown.until("document.querySelector('#status').textContent === 'live'")
    shown.page.evaluate("window.mark = 1")
    assert shown.text("#pictures") == "0" and shown.page.is_visible("#newest-empty")
    fill(running)
    shown.until("document.querySelector('#pictures').textContent === '17'")
    assert shown.text("#detections") == "25" and shown.text("#failed") == "2"
    assert shown.page.locator("#chart rect").count() == 10
    assert "snow leopard 20" in shown.text("#legend") and "ibex 5" in shown.text("#legend")
    assert shown.page.locator("#newest li").count() == 12
    first = shown.page.locator("#newest li").first
    assert first.locator("rect.box").count() == 1 and "ibex" in first.text_content()
    running.add(sights(["ridge/new.jpg"], label=ODD))
    shown.until("document.querySelector('#newest strong').textContent.includes('onerror')")
    shown.until("document.querySelector('#newest img').naturalWidth > 0")
    assert shown.page.evaluate("window.mark") == 1, "it was loaded again"
    assert ODD in shown.text("#failures")
    running.state = {"state": "failed", "message": "disk full"}
    shown.until("document.querySelector('#status').textContent === 'failed: disk full'")
    assert shown.errors == []
    assert {url.startswith(running.server.address) for url in shown.asked} == {True}


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_everybody_can_use_it(browser, running, theme, width) -> None:
    fill(running)
    shown = Page(browser, theme, width)
    shown.page.goto(running.server.address)
    shown.until("document.querySelectorAll('#newest img').length === 12")
    shown.until("[...document.querySelectorAll('#newest img')].every(i => i.complete)")
    shown.page.click("summary")
    assert shown.violations() == []
    wide = shown.page.evaluate("document.documentElement.scrollWidth")
    assert wide <= width, "it scrolls sideways"
    ground = shown.page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (sum(int(n) for n in ground[4:-1].split(",")) > 380) == (theme == "light")
    if place := os.environ.get("IRBIS_SCREENSHOTS"):
        shown.page.screenshot(path=f"{place}/{theme}-{width}.png", full_page=True)
    assert shown.errors == []


def test_it_goes_on_when_its_server_comes_back(browser, tmp_path) -> None:
    first = Running(tmp_path)
    fill(first)
    shown = Page(browser)
    shown.page.goto(first.server.address)
    shown.until("document.querySelector('#pictures').textContent === '17'")
    assert shown.errors == []
    first.server.stop()
    shown.until("document.querySelector('#status').dataset.state === 'lost'")
    second = Running(tmp_path, port=int(first.server.address.rpartition(":")[2]))
    try:
        shown.until("document.querySelector('#status').textContent === 'live'")
        assert shown.text("#pictures") == "17" and shown.text("#detections") == "25"
        second.add(sights(["ridge/after.jpg"]))
        shown.until("document.querySelector('#pictures').textContent === '18'")
    finally:
        second.server.stop()


def test_a_port_that_is_taken_is_said_so(running, tmp_path) -> None:
    with pytest.raises(EngineError, match="free port"):
        Running(tmp_path / "other", port=int(running.server.address.rpartition(":")[2]))


def test_what_is_served_and_what_is_not(running) -> None:
    fill(running)
    with urlopen(running.server.address + "/state.json") as answer:
        assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
    for path in ("/../dashboard.py", "/thumbnails/..%2f", "/thumbnails/0-99", "/page/index.html"):
        with pytest.raises(HTTPError, match="404"):
            urlopen(running.server.address + path)


def test_a_history_of_many_batches_becomes_one_state(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("irbis.monitor.page_feed.MANY", 5)
    before, history = PageState(), History(tmp_path)
    for number in range(7):
        batch = batch_document(sights([f"{number}.jpg"], number), NOW)
        history.add(number, batch)
        before.add(number, batch)
    feed = PageFeed(history, "x", lambda: {"state": "running", "message": ""})
    assert history.since(-1) == [] and history.has(3) and not history.has(99)
    assert not history.add(3, {}), "a batch that is in it already"
    last, kept = history.snapshot()
    assert PageState(kept).page(NOW) == before.page(NOW) and last == 6
    history.add(7, batch_document(sights(["7.jpg"]), NOW))
    again = PageFeed(history, "x", feed._status)
    assert json.loads(again.text)["pictures"] == 8


def test_pictures_that_can_not_be_read_have_no_thumbnail() -> None:
    found = [[{"xmin": 0.0, "ymin": 0.0, "xmax": 1.0, "ymax": 1.0, "label": "x", "score": 0.9}]]
    table = pa.table(
        {"path": ["/no/where"], "detections": pa.array(found, DETECTIONS), "image": [b"no"]}
    )
    for image in ("image", None):
        function = SightsFunction("path", "detections", image, None, None, 0.5)
        (row,) = function.batch(table.to_batches()[0]).to_pylist()
        assert row["thumbnail"] is None and row["found"] == '[["x", 0.9]]' and row["at"] is None
