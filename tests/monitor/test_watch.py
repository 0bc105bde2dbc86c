"""`irbis watch`, as a user runs it: a browser looks on while the process is killed and comes back."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pyarrow.dataset as ds
import pytest
from browser import Page, chromium

import pictures
from tiny_detector import tiny_detector

ROOT = Path(__file__).parents[2]


class Watch:
    """The command in a process of its own."""

    def __init__(self, *arguments):
        command = [sys.executable, "-m", "irbis.cli", "watch", *map(str, arguments)]
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, text=True, start_new_session=True,
            env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        )  # fmt: skip
        line = self.process.stdout.readline()
        assert line.startswith("watching"), line
        self.address = line.split()[-1]

    def kill(self):
        """kill -9 of the driver, its JVM and their workers: nobody says good-bye."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(30)

    def end(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(60)
        finally:
            if self.process.poll() is None:
                self.kill()


def put(folder, name, data):
    """As the docs say: under another name first."""
    (folder / f".{name}").write_bytes(data)
    (folder / f".{name}").rename(folder / name)


def rows(results):
    found = ds.dataset(results, format="parquet", partitioning="hive").to_table().to_pylist()
    return [(row["path"].rpartition("/")[2], row["detections_error"]) for row in found]


@pytest.mark.skipif(
    os.environ.get("IRBIS_SLOW") != "1", reason="starts Spark twice: a minute; IRBIS_SLOW=1 runs it"
)
def test_watched_killed_and_watched_again(spark, engine, power_bi, tmp_path) -> None:
    if engine != "classic":
        pytest.skip("the command starts a Spark of its own: once is enough")
    tiny_detector(tmp_path).save(str(tmp_path / "model"))
    endpoint, folder = power_bi(), tmp_path / "traps"
    folder.mkdir()
    arguments = (
        folder, "--model", tmp_path / "model", "--title", "Ridge", "--port", 0,
        "--checkpoint", tmp_path / "checkpoint", "--results", tmp_path / "results",
        "--push", endpoint.push_url,
    )  # fmt: skip
    picture = pictures.encoded(90, 120)
    running = Watch(*arguments)
    try:
        with chromium() as browser:
            shown = Page(browser)
            shown.page.goto(running.address)
            shown.until("document.querySelector('#status').textContent === 'live'", 60)
            put(folder, "first.jpg", picture)  # the first batch warms the workers up
            shown.until("document.querySelector('#pictures').textContent === '1'", 60)
            put(folder, "second.jpg", pictures.encoded(90, 120, 1))
            dropped = time.monotonic()
            shown.until("document.querySelector('#pictures').textContent === '2'", 60)
            print(f"shown {time.monotonic() - dropped:.2f} s after it was put there")
            put(folder, "cut.jpg", picture[: len(picture) // 2])
            put(folder, "text.jpg", b"not a picture")
            shown.until("document.querySelector('#failed').textContent === '2'", 60)
            assert shown.text("#detections") == "4" and "leopard 2" in shown.text("#legend")
            assert shown.page.locator("#newest li").first.locator("rect.box").count() == 2
            assert "truncated" in shown.text("#failures")
            assert shown.errors == []

            names = [f"burst-{n:02d}.jpg" for n in range(40)]
            for name in names:
                put(folder, name, picture)
            shown.until("+document.querySelector('#pictures').textContent > 4", 60)
            running.kill()  # in the middle of what is left
            before = endpoint.received()["batches"]
            port = running.address.rpartition(":")[2]
            again = (*arguments[:6], port, *arguments[7:])
            running = Watch(*again)
            shown.until("document.querySelector('#status').textContent === 'live'", 60)
            shown.until("document.querySelector('#pictures').textContent === '44'", 60)
            put(folder, "last.jpg", picture)
            shown.until("document.querySelector('#pictures').textContent === '45'", 60)
            assert shown.text("#detections") == "86" and shown.text("#failed") == "2"
        assert running.end() == 0
    finally:
        if running.process.poll() is None:
            running.kill()
    expected = [*names, "cut.jpg", "first.jpg", "last.jpg", "second.jpg", "text.jpg"]
    check_results(tmp_path / "results", expected)
    check_pushed(endpoint.received(), expected, before)


def check_results(results, expected):
    found = rows(results)
    assert sorted(name for name, _ in found) == sorted(expected), "every picture once, none lost"
    assert sorted(name for name, error in found if error) == ["cut.jpg", "text.jpg"]


def check_pushed(got, expected, before):
    """All of it at least once; what came twice, under the number of the batch that was cut off."""
    assert got["refused"] == {}
    found = got["rows"]["RealTimeData"]
    pushed = [(row["path"].rpartition("/")[2], row["species"]) for row in found]
    good = [name for name in expected if name not in ("cut.jpg", "text.jpg")]
    assert set(pushed) == {(name, label) for name in good for label in ("leopard", "ibex")}
    batches = [name for name, _ in got["batches"]]
    twice = {name for name in batches if batches.count(name) > 1}
    assert len(twice) <= 1 and twice <= {name for name, _ in before}
    assert len(pushed) - len(set(pushed)) == sum(n for name, n in before if name in twice)
