"""Calls without Spark: requests in, answers out."""

import threading
from functools import partial

from irbis.http.call import call
from irbis.http.ordered import in_order
from irbis.http.request import HTTPRequest
from irbis.http.settings import Settings

IDEMPOTENT = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "PUT"})
AGAIN = frozenset({408, 425, 429, *range(500, 600)})


def settings(**changes):
    """What the Params' defaults give, but impatient."""
    quick = {
        "retry_methods": IDEMPOTENT,
        "retry_statuses": AGAIN,
        "hopeless": ("CapacityLimitExceeded", "insufficient_quota"),
        "backoff": 0.001,
    }
    return Settings(**(quick | changes))


def answers(requests, chosen=None, *, part=7, within=60.0):
    """Answers to requests, in order; fails if they take so long that something hangs."""
    chosen = chosen or settings()
    made = [HTTPRequest("GET", r) if isinstance(r, str) else r for r in requests]
    parts = ((None, made[i : i + part]) for i in range(0, len(made), part))
    found = []

    def run():
        for _, part_answers in in_order(
            parts,
            partial(call, settings=chosen),
            concurrency=chosen.concurrency,
            window=4 * chosen.concurrency,
        ):
            found.extend(part_answers)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(within)
    assert not thread.is_alive(), "hangs"
    assert len(found) == len(made)
    return found


def answer(request, chosen=None):
    return answers([request], chosen)[0]
