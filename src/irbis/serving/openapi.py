"""The OpenAPI document of a front, and a page that shows it without any other server."""

from __future__ import annotations

import html
import json
from typing import Any

from irbis.serving.inference import v2_paths
from irbis.serving.message import Reply
from irbis.serving.reply_maker import ReplyMaker
from irbis.serving.request_parser import RequestParser
from irbis.serving.settings import FrontSettings

__all__ = ["docs_page", "openapi"]

_PROBLEM = {
    "type": "object",
    "properties": {
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "kind": {"type": "string"},
        "error_id": {"type": "string"},
    },
    "required": ["title", "status", "detail"],
}
_SAID = {
    400: "The request can't be read; detail names the place.",
    401: "No token, or a wrong one.",
    404: "The query has no answer to this request.",
    413: "The body is too large.",
    415: "The body is compressed, or in an unknown charset.",
    422: "The body was read, and the pipeline can't use it; kind says why.",
    431: "Request line and headers are too large.",
    500: "A stage failed on this request; error_id leads to it in the log.",
    502: "A service that the pipeline calls did not answer.",
    503: "Busy, stopping, or the deadline passed; Retry-After says when to come again.",
}


def openapi(settings: FrontSettings, parser: RequestParser, reply: ReplyMaker) -> dict[str, Any]:
    """Make the OpenAPI 3.1 document."""
    from irbis import __version__

    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    said = {**_SAID}
    if settings.filtered_status not in (404, 204):
        said[settings.filtered_status] = said.pop(404)
    faults: dict[str, Any] = {
        str(status): {"description": what, "content": content}
        for status, what in said.items()
        if status != 401 or settings.token
    }
    if settings.filtered_status == 204:
        faults.pop("404", None)
        faults["204"] = {"description": _SAID[404]}
    plain = {"200": {"description": "Yes."}, "503": {"description": "No."}}
    operation = {
        "operationId": "infer",
        "summary": "Run the pipeline on one request.",
        "requestBody": {"required": True, "content": parser.media()},
        "responses": {"200": {"description": "The reply.", "content": reply.media()}, **faults},
    }
    document: dict[str, Any] = {
        "openapi": "3.1.0",
        "info": {"title": settings.name, "version": __version__},
        "paths": {
            f"/{settings.name}": {"post": operation},
            "/health/live": {"get": {"summary": "Is the process alive?", "responses": plain}},
            "/health/ready": {"get": {"summary": "Does it take requests?", "responses": plain}},
            "/metrics": {"get": {"summary": "Prometheus metrics.", "responses": _text()}},
            **v2_paths(settings.name, faults),
        },
        "components": {"schemas": {"Problem": _PROBLEM}},
    }
    if settings.token:
        document["components"]["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
        for path, methods in document["paths"].items():
            for method in methods.values():
                if "/health/" not in path:
                    method["security"] = [{"token": []}]
                    method["responses"].setdefault("401", faults["401"])
    return document


def _text() -> dict[str, Any]:
    content = {"text/plain": {"schema": {"type": "string"}}}
    return {"200": {"description": "Text.", "content": content}}


def docs_page(document: dict[str, Any]) -> Reply:
    """Make the page: nothing on it comes from elsewhere."""
    title = html.escape(document["info"]["title"])
    parts = [f"<h1>{title}</h1><p>OpenAPI document: <a href='openapi.json'>openapi.json</a></p>"]
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            what = html.escape(operation.get("summary", ""))
            parts.append(f"<h2><code>{method.upper()} {html.escape(path)}</code></h2><p>{what}</p>")
            if "requestBody" in operation:
                parts.append(_block("Body", operation["requestBody"]["content"]))
            rows = "".join(
                f"<tr><td>{status}<td>{html.escape(said['description'])}"
                for status, said in sorted(operation["responses"].items())
            )
            parts.append(f"<table>{rows}</table>")
            if schema := operation["responses"].get("200", {}).get("content"):
                parts.append(_block("Reply", schema))
    style = (
        "body{font:16px/1.5 system-ui,sans-serif;max-width:50rem;margin:2rem auto;padding:0 1rem}"
        "pre{background:#8881;padding:.7rem;overflow:auto}td{padding:.1rem .8rem .1rem 0;"
        "vertical-align:top}:root{color-scheme:light dark}"
    )
    page = (
        f"<!doctype html><html lang=en><meta charset=utf-8><title>{title}</title>"
        f"<meta name=viewport content='width=device-width'><style>{style}</style>{''.join(parts)}"
    )
    policy = [("content-security-policy", "default-src 'none'; style-src 'unsafe-inline'")]
    return Reply(200, page.encode(), "text/html; charset=utf-8", policy)


def _block(title: str, content: dict[str, Any]) -> str:
    return f"<h3>{title}</h3><pre>{html.escape(json.dumps(content, indent=1))}</pre>"
