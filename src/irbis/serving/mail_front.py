"""A front whose requests are answered by micro-batches."""

from __future__ import annotations

from typing import Any

from irbis.serving.exchange import Exchange
from irbis.serving.front import Front
from irbis.serving.mailbox import Mailbox
from irbis.serving.reply_maker import ReplyMaker
from irbis.serving.request_parser import RequestParser
from irbis.serving.settings import FrontSettings

__all__ = ["MailFront"]


class MailFront(Front):
    """A front with a mailbox in place of a batch function."""

    def __init__(self, parser: RequestParser, reply: ReplyMaker, settings: FrontSettings) -> None:
        super().__init__(_nothing, parser, reply, settings, pure=False)
        self._exchange: Exchange | None = None

    def make_queue(self) -> Any:
        """Make the mailbox."""
        return Mailbox(self.settings)

    @property
    def mailbox(self) -> Mailbox:
        """Where the requests are."""
        found: Mailbox = self.batcher
        return found

    async def exchange(self, secret: str, host: str) -> int:
        """Open the way for Spark's tasks; returns the port."""
        self._exchange = Exchange(self.mailbox, secret)
        return await self._exchange.start(host)

    async def drain(self) -> None:
        """Answer what there is, then close."""
        await super().drain()
        if self._exchange is not None:
            self._exchange.close()


def _nothing(values: Any, requests: Any) -> list[Any]:
    del values, requests
    return []
