"""Only workers settle; how they do is in tests/engines/test_saved_across_engines.py."""

import gc

from irbis import settled


def test_only_in_a_worker():
    before = gc.get_freeze_count()
    settled.settle()
    assert gc.get_freeze_count() == before
