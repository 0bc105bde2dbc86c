"""``irbis serve --mode``: a saved model in one of Spark's modes, in a session of its own."""

from __future__ import annotations

import signal
from collections.abc import Callable, Mapping
from pathlib import Path
from threading import Event
from typing import Any

from irbis.errors import DataError, ParamError
from irbis.serving.reader import MODES, ServingReader
from irbis.serving.standalone import find_out

__all__ = ["serve_in_spark"]


def serve_in_spark(
    model: str | Path,
    mode: str,
    place: tuple[str, int, str],
    options: Mapping[str, Any],
    *,
    parse: str | None = None,
    input_col: str | None = None,
    reply: str | None = None,
    image_format: str = "PNG",
    say: Callable[[str], Any] = print,
) -> None:
    """Serve a saved model in Spark until SIGTERM or SIGINT, then drain.

    Parameters
    ----------
    model : str or Path
        What a model's ``save`` was given.
    mode : "continuousServer", "server" or "distributedServer"
    place : tuple of (host, port, name)
    options : mapping
        Of the reader: those of a front, numPartitions, startTimeout.
    parse, input_col, reply, image_format, say
        As of :func:`irbis.serving.standalone.serve`. A model that only Spark can run has to be told
        `parse` and `reply`.

    Raises
    ------
    DataError, ParamError, SchemaError
        If the model can't be loaded or served so.
    """
    from pyspark.ml.util import DefaultParamsReader

    from irbis.loading import load
    from irbis.spark import session

    if mode not in MODES:
        raise ParamError(f"--mode {mode}", expected=", ".join(MODES))
    if parse is None or reply is None:
        try:
            known = load(model)
        except DataError as error:
            do = "--parse and --reply tell what can't be found out"
            raise ParamError(str(error), expected="to be told more", do=do) from None
        parser, reply = find_out(known, parse=parse, input_col=input_col, reply=reply)
        if parse is None:
            parse, input_col = "binary", parser.fields[0].name
        elif parse.strip().lower() in ("binary", "string", "image"):
            input_col = parser.fields[0].name
    spark = session()
    frame = ServingReader(spark, mode).address(*place).options(**options).load()
    loaded: Any = DefaultParamsReader.loadParamsInstance(str(Path(model).resolve()), spark)
    results = loaded.transform(frame.parseRequest(parse, input_col))
    query = results.makeReply(reply, image_format).writeStream.server().replyTo(place[2]).start()
    ending = Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, lambda *_: ending.set())
    try:
        say(f"serving {reply!r} at {query.address} ({mode})")
        while query.isActive and not ending.wait(0.5):
            pass
        say("draining")
        query.awaitTermination(0)  # raises what it gave up on
    finally:
        query.stop()
        spark.stop()
