"""One service for the session of HTTP tests; each test asks for paths of its own."""

import sys
from pathlib import Path

import pytest

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1])]


@pytest.fixture(scope="module")
def service():
    from irbis.testing import fake_service

    with fake_service() as running:
        yield running


@pytest.fixture
def fresh_paces(monkeypatch):
    """No turns were taken at any host yet; call it to have that again."""
    from irbis.http import pace

    def forget():
        monkeypatch.setattr(pace, "_paces", {})

    forget()
    return forget
