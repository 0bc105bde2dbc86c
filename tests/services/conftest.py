"""One service for the session of these tests; each test says what it answers."""

import sys
from pathlib import Path

import pytest

sys.path[:0] = [str(Path(__file__).parent)]


@pytest.fixture(scope="module")
def service():
    from irbis.testing import fake_service

    with fake_service() as running:
        yield running
