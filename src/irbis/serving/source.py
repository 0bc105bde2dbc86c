"""The streaming data source of micro-batches: requests of all fronts, by ranges of offsets."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pyarrow as pa
from pyspark.sql.datasource import DataSource, DataSourceStreamReader, InputPartition
from pyspark.sql.pandas.types import from_arrow_schema
from pyspark.sql.types import StructType

from irbis.http.messages import REQUEST
from irbis.serving.control import exchanges
from irbis.serving.exchange import ask, take
from irbis.serving.request_parser import requests_column

__all__ = ["SCHEMA", "RequestSource"]

SCHEMA = pa.schema([("id", pa.string()), ("request", REQUEST)])
# Seconds that Spark is made to wait for requests, rather than ask at once again.
_WAIT = 0.1


class RequestSource(DataSource):
    """Requests as rows (id, request)."""

    @classmethod
    def name(cls) -> str:
        """Name of the format."""
        return "irbis_requests"

    def schema(self) -> StructType:
        """Columns."""
        return from_arrow_schema(SCHEMA)

    def streamReader(self, schema: StructType) -> DataSourceStreamReader:
        """Make the reader."""
        del schema
        return _Reader(self.options)


class _Range(InputPartition):
    def __init__(self, front: int, host: str, port: int, start: int, end: int) -> None:
        super().__init__((front, host, port, start, end))
        self.front, self.host, self.port = front, host, port
        self.start, self.end = start, end


class _Reader(DataSourceStreamReader):
    def __init__(self, options: Any) -> None:
        self.directory = (str(options["host"]), int(options["port"]))
        self.secret = str(options["secret"])
        self.known: dict[str, int] = {}

    def initialOffset(self) -> dict[str, int]:
        return {}

    def latestOffset(self, *_: Any) -> dict[str, int]:
        try:
            peers = exchanges(self.directory, self.secret)
        except OSError:
            time.sleep(_WAIT)  # the query is being stopped
            return self.known
        found = dict(self.known)
        wait = _WAIT if len(peers) == 1 else 0.0
        for front, peer in peers.items():
            known = self.known.get(front, -1)
            try:
                said, _body = ask(peer, self.secret, "latest", known=known, wait=wait)
            except OSError:
                continue
            found[front] = said["next"]
        if found == self.known and not wait:
            time.sleep(_WAIT / 10)
        self.known = found
        return found

    def partitions(self, start: dict[str, int], end: dict[str, int]) -> list[InputPartition]:
        peers = exchanges(self.directory, self.secret)
        made: list[InputPartition] = [
            _Range(int(front), *peers[front], start.get(front, 0), upto)
            for front, upto in end.items()
            if front in peers and start.get(front, 0) < upto
        ]
        # Spark asks for at least one.
        return made or [_Range(-1, "", 0, 0, 0)]

    def read(self, partition: Any) -> Iterator[Any]:
        if partition.front < 0:
            return
        peer = (partition.host, partition.port)
        found = take(peer, self.secret, partition.start, partition.end)
        if found:
            ids = pa.array([f"{partition.front}/{offset}" for offset, _ in found])
            requests = requests_column([request for _, request in found])
            yield pa.RecordBatch.from_arrays([ids, requests], schema=SCHEMA)

    def commit(self, end: dict[str, int]) -> None:
        """Nothing is kept by offset: a request goes when it is answered."""

    def stop(self) -> None:
        """Nothing is open."""
