"""The stand-ins, running: as a command, and inside a test or an example."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from irbis.errors import EngineError
from irbis.extras import require
from irbis.services.local.app import make_app
from irbis.services.local.faces import FACE
from irbis.services.local.image_index import ImageIndex
from irbis.services.local.image_search import image_search
from irbis.services.local.language import LANGUAGE
from irbis.services.local.power_bi import power_bi
from irbis.services.local.reading import reading
from irbis.services.local.vision import VISION
from irbis.services.local.wire import Service

__all__ = ["all_services", "local_services", "running", "serve"]


def all_services(images: str | Path | None) -> list[Service]:
    """Every stand-in; image search only over a folder."""
    found = [] if images is None else [image_search(ImageIndex(images))]
    return [*found, LANGUAGE, reading(), VISION, FACE, power_bi()]


@contextmanager
def local_services(
    images: str | Path | None = None, *, key: str | None = None, port: int = 0
) -> Iterator[str]:
    """Run the stand-ins on loopback in a thread of this process.

    Parameters
    ----------
    images : str or Path, optional
        Folder that image search searches.
    key : str, optional
        What requests must carry. None: none is asked for.
    port : int, default 0
        0: any free one.

    Yields
    ------
    str
        ``http://127.0.0.1:PORT``

    Raises
    ------
    MissingExtraError
        Without the extra ``services``.
    """
    with running(all_services(images), key=key, port=port) as url:
        yield url


@contextmanager
def running(services: list[Service], *, key: str | None = None, port: int = 0) -> Iterator[str]:
    """Run some stand-ins as :func:`local_services` runs all of them."""
    app = make_app(services, key)
    listening = socket.create_server(("127.0.0.1", port), backlog=512)
    server = _server(app)
    thread = threading.Thread(
        target=server.run, kwargs={"sockets": [listening]}, name="irbis-services", daemon=True
    )
    thread.start()
    while not server.started:
        thread.join(0.01)
        if not thread.is_alive():
            raise EngineError("a web server that ended before it began")
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()


def serve(
    images: str | Path | None, *, host: str = "127.0.0.1", port: int = 8765, key: str | None = None
) -> None:
    """Run the stand-ins until they are interrupted, and say first what there is."""
    services = all_services(images)
    app = make_app(services, key)
    listening = socket.create_server((host, port), backlog=512)
    said = [
        f"irbis services on http://{host}:{listening.getsockname()[1]}",
        f"key: {'none is asked for' if key is None else 'Ocp-Apim-Subscription-Key'}",
        *describe(services),
    ]
    if images is None:
        said.append("  image search   not served: name a folder with --images")
    print("\n".join(said), flush=True)
    _server(app).run(sockets=[listening])


def describe(services: list[Service]) -> Iterator[str]:
    """Lines that say what each service speaks, and what is not installed."""
    for service in services:
        yield f"  {service.name:<14} {service.contract}"
        for what, module, extra in service.parts:
            if find_spec(module) is None:
                yield f"  {'':<14} {what}: answers 501; pip install 'irbis[{extra}]'"


def _server(app: Any) -> Any:
    uvicorn = require("uvicorn", extra="services")
    return uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off"))
