import sys
from pathlib import Path

import pytest

sys.path[:0] = [str(Path(__file__).parent)]


@pytest.fixture(scope="session")
def known():
    """Four individuals, twice each."""
    from sightings import seen, table

    return table(seen(who, number) for who in range(4) for number in range(2))


@pytest.fixture(scope="session")
def model(known):
    from sightings import PARAMS

    from irbis import HotSpotter

    return HotSpotter(**PARAMS).fit(known)
