"""The application: routes of all services, keys, bodies of bounded size, errors in each's shape."""

from __future__ import annotations

import hmac
import json
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from irbis.errors import MissingExtraError
from irbis.extras import require
from irbis.image.picture import PictureError
from irbis.services.local.wire import Answer, Call, RefusedError, Route, Service

__all__ = ["make_app"]

_LARGEST = 50 << 20


def make_app(services: Sequence[Service], key: str | None = None) -> Any:
    """Make an ASGI application of services.

    Parameters
    ----------
    services : sequence of Service
    key : str, optional
        What every request must carry as Ocp-Apim-Subscription-Key, X-Subscription-Token or bearer
        token. None: no key is asked for.

    Raises
    ------
    MissingExtraError
        Without the extra ``services``.
    """
    applications = require("starlette.applications", extra="services")
    routing = require("starlette.routing", extra="services")
    routes = [
        routing.Route(route.path, _endpoint(service, route, key), methods=[route.method])
        for service in services
        for route in service.routes
    ]
    return applications.Starlette(routes=routes)


def _endpoint(service: Service, route: Route, key: str | None) -> Callable[[Any], Awaitable[Any]]:
    threads = require("starlette.concurrency", extra="services")
    responses = require("starlette.responses", extra="services")

    def work(call: Call) -> Answer:
        try:
            if key is not None and route.keyed:
                _check_key(call, key)
            return route.handle(call)
        except RefusedError as error:
            refused = error
        except MissingExtraError as error:
            refused = RefusedError(501, "NotImplemented", f"{service.name}: {error}")
        except PictureError as error:
            refused = RefusedError(400, "InvalidRequest", str(error), inner=_IMAGE[error.kind])
        return Answer(service.refuse(refused), refused.status, refused.headers)

    async def endpoint(request: Any) -> Any:
        try:
            body = await _body(request)
        except RefusedError as refused:
            return _response(responses, Answer(service.refuse(refused), refused.status))
        call = Call(
            path=request.path_params,
            query={name.lower(): value for name, value in request.query_params.items()},
            headers=dict(request.headers.items()),
            body=body,
            base=str(request.base_url).rstrip("/"),
        )
        return _response(responses, await threads.run_in_threadpool(work, call))

    return endpoint


#: What Vision and Face say of a picture that can't be read.
_IMAGE = {
    "empty": "InvalidImageSize",
    "null": "InvalidImageSize",
    "format": "InvalidImageFormat",
    "decode": "InvalidImageFormat",
    "truncated": "InvalidImageFormat",
    "too_large": "InvalidImageSize",
}


async def _body(request: Any) -> bytes:
    found = bytearray()
    async for part in request.stream():
        found += part
        if len(found) > _LARGEST:
            raise RefusedError(413, "InvalidRequest", f"More than {_LARGEST} bytes.")
    return bytes(found)


def _check_key(call: Call, key: str) -> None:
    bearer = call.headers.get("authorization", "").removeprefix("Bearer ")
    given = (
        call.headers.get("ocp-apim-subscription-key"),
        call.headers.get("x-subscription-token"),
        bearer,
    )
    if not any(g and hmac.compare_digest(g.encode(), key.encode()) for g in given):
        text = "Access denied due to invalid subscription key or wrong API endpoint."
        raise RefusedError(401, "401", text)


def _response(responses: Any, answer: Answer) -> Any:
    raw = answer.body
    if not isinstance(raw, bytes):
        raw = b"" if raw is None else json.dumps(raw, ensure_ascii=False).encode()
    headers = dict(answer.headers)
    return responses.Response(raw, answer.status, headers, media_type=answer.type)
