"""For those who write stages: :func:`check_stage` holds a stage to the whole contract, and
:func:`fake_service` is a web service that misbehaves on demand.

::

    from irbis.testing import check_stage

    def test_shout(spark):
        check_stage(Shout(), pa.table({"text": ["a", None]}), spark=spark)

    def test_a_service_that_fails_twice():
        with fake_service() as service:
            url = service.script("/x", Reply(503), Reply(503), Reply(body={"ok": True}))
"""

from irbis.testing.contract import (
    check_local,
    check_spark,
    check_stage,
    check_streaming,
    splits,
    to_spark,
)
from irbis.testing.fake_reply import BEHAVIOURS, Reply, Seen
from irbis.testing.fake_service import FakeService, fake_service

__all__ = [
    "BEHAVIOURS",
    "FakeService",
    "Reply",
    "Seen",
    "check_local",
    "check_spark",
    "check_stage",
    "check_streaming",
    "fake_service",
    "splits",
    "to_spark",
]
