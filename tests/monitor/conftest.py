import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
sys.path[:0] = [str(Path(__file__).parent), str(TESTS)]


@pytest.fixture
def power_bi():
    """(**limits) -> a stand-in: its address, and what it received."""
    from contextlib import ExitStack

    from push_endpoint import Endpoint

    with ExitStack() as stack:
        yield lambda **limits: stack.enter_context(Endpoint.running(**limits))
