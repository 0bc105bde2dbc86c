"""The streaming sink of micro-batches: replies to the fronts that hold the connections."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pyspark.sql.datasource import DataSource, DataSourceStreamWriter, WriterCommitMessage
from pyspark.sql.types import StructType

from irbis.serving.control import exchanges
from irbis.serving.exchange import ask, send_replies
from irbis.serving.message import Reply
from irbis.serving.packing import unpack_reply

__all__ = ["ReplySink"]


class ReplySink(DataSource):
    """Takes rows (id, reply)."""

    @classmethod
    def name(cls) -> str:
        """Name of the format."""
        return "irbis_replies"

    def streamWriter(self, schema: StructType, overwrite: bool) -> DataSourceStreamWriter:
        """Make the writer."""
        del schema, overwrite
        return _Writer(self.options)


@dataclass
class _Written(WriterCommitMessage):
    rows: int


class _Writer(DataSourceStreamWriter):
    def __init__(self, options: Any) -> None:
        self.directory = (str(options["host"]), int(options["port"]))
        self.secret = str(options["secret"])
        self.waits = str(options.get("unanswered", "filter")) == "wait"

    def write(self, iterator: Iterator[Any]) -> WriterCommitMessage:
        """Send the rows of a task; what was answered already is ignored by the front."""
        replies: dict[str, list[tuple[int, Reply]]] = defaultdict(list)
        for row in iterator:
            front, _, offset = row["id"].partition("/")
            replies[front].append((int(offset), unpack_reply(bytes(row["reply"]))))
        if replies:
            peers = exchanges(self.directory, self.secret)
            for front, made in replies.items():
                if front in peers:
                    send_replies(peers[front], self.secret, made)
        return _Written(sum(map(len, replies.values())))

    def commit(self, messages: Any, batchId: int) -> None:
        """Tell the fronts that a batch is done: what it left unanswered, it filtered."""
        del messages, batchId
        if self.waits:
            return
        try:
            for peer in exchanges(self.directory, self.secret).values():
                ask(peer, self.secret, "done")
        except OSError:
            return  # a front that is gone has nothing left to answer

    def abort(self, messages: Any, batchId: int) -> None:
        """Do nothing: requests that are not answered are taken again."""
