"""``irbis serve``: a saved pipeline behind HTTP, in a process without Spark session and JVM."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

from irbis.errors import IrbisError, ParamError
from irbis.serving.compiling import Compiled, compile_stages, input_schema
from irbis.serving.front import Front, new_event_loop
from irbis.serving.parse_types import parser_for
from irbis.serving.request_parser import RequestParser
from irbis.serving.settings import FrontSettings

__all__ = ["compile_model", "find_out", "options_of", "serve"]

# What a pipeline is asked for if nobody says: the first of these that it writes.
_REPLIES = ("probability", "detections", "prediction")


def serve(
    model: str | Path,
    settings: FrontSettings,
    *,
    parse: str | None = None,
    input_col: str | None = None,
    reply: str | None = None,
    image_format: str = "PNG",
    say: Callable[[str], Any] = print,
) -> None:
    """Serve a saved model until SIGTERM or SIGINT, then drain.

    Parameters
    ----------
    model : str or Path
        What a model's ``save`` was given.
    settings : FrontSettings
    parse : str, optional
        As parseRequest's type; default "binary" into the one column that the model reads.
    input_col : str, optional
        Column for the body; default the column that the model reads.
    reply : str, optional
        Column to answer with; default probability, detections or prediction, else the last that
        the model writes.
    image_format : "PNG" or "JPEG", default "PNG"
    say : callable
        Told the address.

    Raises
    ------
    DataError, ParamError, SchemaError
        If the model can't be loaded or served so.
    """
    from irbis.loading import load

    compiled, parser = compile_model(
        load(model), settings, parse=parse, input_col=input_col, reply=reply, image=image_format
    )
    loop = new_event_loop()
    try:
        loop.run_until_complete(_run(compiled, parser, settings, say))
    finally:
        loop.close()


async def _run(
    compiled: Compiled, parser: RequestParser, settings: FrontSettings, say: Callable[[str], Any]
) -> None:
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for each in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(each, stop.set)
    served = compiled.served
    front = Front(served, parser, served.reply, settings, pure=compiled.pure)
    address = await front.start()
    say(f"serving {served.reply.column!r} at {address} (page: {_docs(address)})")
    await stop.wait()
    say("draining")
    await front.drain()


def _docs(address: str) -> str:
    scheme, _, rest = address.partition("://")
    return f"{scheme}://{rest.partition('/')[0]}/docs"


def compile_model(
    model: Any,
    settings: FrontSettings,
    *,
    parse: str | None,
    input_col: str | None,
    reply: str | None,
    image: str = "PNG",
) -> tuple[Compiled, RequestParser]:
    """Find out what a model reads and writes, and make its function."""
    parser, reply = find_out(model, parse=parse, input_col=input_col, reply=reply)
    compiled = compile_stages(
        model.stages, parser, reply, filtered_status=settings.filtered_status, image_format=image
    )
    return compiled, parser


def find_out(
    model: Any, *, parse: str | None, input_col: str | None, reply: str | None
) -> tuple[RequestParser, str]:
    """Find out what a request holds, and the column that answers it."""
    if parse is None:
        parser = _guess(model, input_col)
    else:
        body = parse.strip().lower() in ("binary", "string", "image")
        parser = parser_for(parse, (input_col or _one_of(model)) if body else input_col)
    if reply is None:
        made = model.output_schema(input_schema(parser)).names
        written = [n for n in made if n not in input_schema(parser).names]
        plain = [n for n in written if not n.endswith("_error")] or written
        if not plain:
            raise ParamError("a model that writes no column", expected="--reply COLUMN")
        reply = next((n for n in _REPLIES if n in plain), plain[-1])
    return parser, reply


def _guess(model: Any, input_col: str | None) -> RequestParser:
    """A body of bytes in the one column that the model can't do without."""
    names = [input_col] if input_col else model.input_columns()
    tried = []
    for name in names:
        parser = parser_for("binary", name)
        try:
            model.output_schema(input_schema(parser))
        except IrbisError as error:
            tried.append(f"{name}: {error}")
        else:
            return parser
    raise ParamError(
        f"a model that reads {', '.join(model.input_columns()) or 'no column'} "
        f"and not one column of bytes ({'; '.join(tried)})",
        expected="to be told what a request holds",
        do="--parse string, --parse image, or --parse 'name type, ...' for a JSON object",
    )


def _one_of(model: Any) -> str | None:
    names = model.input_columns()
    return str(names[0]) if len(names) == 1 else None


def options_of(pairs: list[str]) -> dict[str, str]:
    """Read NAME=VALUE pairs of the command line."""
    made = {}
    for pair in pairs:
        name, sign, value = pair.partition("=")
        if not sign:
            raise ParamError(f"--option {pair!r}", expected="NAME=VALUE")
        made[name] = value
    return made
