"""A real browser: the system's Chromium, headless, driven by Playwright."""

from __future__ import annotations

import shutil
import time
from contextlib import contextmanager

import pytest

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")


@contextmanager
def chromium():
    program = next((found for p in PROGRAMS if (found := shutil.which(p))), None)
    if program is None:
        pytest.skip(f"no browser on PATH: none of {', '.join(PROGRAMS)}")
    api = pytest.importorskip("playwright.sync_api")
    with api.sync_playwright() as playwright:
        running = playwright.chromium.launch(
            executable_path=program, args=["--no-sandbox", "--disable-gpu"]
        )
        try:
            yield running
        finally:
            running.close()


class Page:
    """A page that remembers what its console said."""

    def __init__(self, browser, theme="light", width=1200, height=900):
        self.context = browser.new_context(
            color_scheme=theme, viewport={"width": width, "height": height}
        )
        self.page = self.context.new_page()
        self.errors, self.asked = [], []
        self.page.on("console", lambda said: said.type == "error" and self.errors.append(said.text))
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("request", lambda request: self.asked.append(request.url))

    def text(self, selector):
        return self.page.text_content(selector)

    def until(self, script, seconds=20):
        """Not wait_for_function: it evaluates text later, which the page's own policy forbids."""
        end = time.monotonic() + seconds
        while not self.page.evaluate(script):
            assert time.monotonic() < end, f"never: {script}"
            self.page.wait_for_timeout(50)

    def violations(self):
        from axe_core_python.sync_playwright import Axe

        return [(v["id"], v["nodes"][0]["target"]) for v in Axe().run(self.page)["violations"]]
