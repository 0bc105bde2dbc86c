"""``spark.readStream.continuousServer()`` and its kin: the first half of the deck's spelling."""

from __future__ import annotations

from typing import Any, Self

from pyspark.sql import SparkSession

from irbis.converters import number, whole
from irbis.errors import ParamError
from irbis.extras import require
from irbis.serving.frame import ServingFrame
from irbis.serving.settings import FrontSettings

__all__ = ["MODES", "ServingReader"]

MODES = ("server", "distributedServer", "continuousServer")
#: Options of a query, beside those of a front.
_QUERY: dict[str, Any] = {
    "numPartitions": whole(1, 1024),
    "startTimeout": number(0.0, above=True),
}


class ServingReader:
    """Where requests come from.

    Parameters
    ----------
    spark : SparkSession
    mode : str
        "server", "distributedServer" or "continuousServer".
    """

    def __init__(self, spark: SparkSession, mode: str) -> None:
        require("httptools", "serving")
        self.spark, self.mode = spark, mode
        self.settings = FrontSettings()
        self.query_options: dict[str, Any] = {}

    def address(self, host: str, port: int, name: str) -> Self:
        """Set where to listen.

        Parameters
        ----------
        host : str
            "127.0.0.1" if only this machine may ask, "0.0.0.0" if any may.
        port : int
            0 for any that is free.
        name : str
            Name of the service: its path, and what ``replyTo`` is told.
        """
        self.settings = self.settings.set(host=host, port=port, name=name)
        return self

    def option(self, key: str, value: Any) -> Self:
        """Set an option; docs/serving.md has the table."""
        if key in _QUERY:
            try:
                given = float(value) if isinstance(value, str) else value
                whole_ = key == "numPartitions" and float(given).is_integer()
                self.query_options[key] = _QUERY[key](int(given) if whole_ else given)
            except (ValueError, TypeError) as error:
                raise ParamError(f"{key}={value!r}", expected=str(error)) from None
        else:
            self.settings = self.settings.set(**{key: value})
        return self

    def options(self, **options: Any) -> Self:
        """Set several options."""
        for key, value in options.items():
            self.option(key, value)
        return self

    def load(self) -> Any:
        """Return the frame: a ServingFrame, or a streaming DataFrame of the columns id and request."""
        if self.mode == "continuousServer":
            return ServingFrame(self.spark, self.settings, self.query_options)
        from irbis.serving.microbatch import load

        return load(self.spark, self.mode, self.settings, self.query_options)
