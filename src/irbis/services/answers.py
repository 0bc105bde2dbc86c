"""What a service's refusal means, in words a user can act on. Imports no pyspark."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from irbis.http.call import Answer
from irbis.http.failure import Failure
from irbis.http.response import HTTPResponse
from irbis.http.secrets import scrub
from irbis.services.retirement import API

__all__ = ["SERVICE_KINDS", "explained", "reported"]

#: Kinds of errors of service stages, beside those of :data:`irbis.http.failure.KINDS`.
SERVICE_KINDS: dict[str, str] = {
    "unauthorized": "401: the key or token is missing, wrong or expired",
    "forbidden": "403: the resource may not do this: network rules, approval, price tier or quota",
    "throttled": "429: more requests than the price tier allows, and waiting was not enough",
    "gone": "404 or 410: nothing is served at this address: a wrong address, or a retired version",
    "service": "the service took the request and reports an error for this row",
    "operation": "an asynchronous operation failed, was cancelled or told no way to follow it",
}
_BY_STATUS = {401: "unauthorized", 403: "forbidden", 429: "throttled", 404: "gone", 410: "gone"}
_OF_THE_ADDRESS = ("", "404", "NotFound", "ResourceNotFound", "Resource not found")
_LONGEST = 500


def explained(failure: Failure, response: HTTPResponse | None, api: API) -> Failure:
    """Give a status its kind and say what the service said; other failures stay as they are.

    The message of the service is scrubbed by whoever knows the secrets; see :func:`scrubbed`.
    """
    if failure.kind != "status" or response is None:
        return failure
    said = reported(response.body) or failure.excerpt
    kind = _BY_STATUS.get(response.status, "status")
    if response.status == 404 and said.partition(":")[0] not in _OF_THE_ADDRESS:
        kind = "status"  # a face, a group, a document is not there; the service is
    message = failure.message
    if kind != "status":
        message = f"{message}: {SERVICE_KINDS[kind].partition(': ')[2]}"
    if kind == "gone":
        message += f" ({api.name}, {api.end()})"
    return Failure(kind, message, failure.status, failure.attempts, said)


def scrubbed(failure: Failure, secrets: Iterable[str]) -> Failure:
    """Hide secrets that a service repeated."""
    if not failure.excerpt:
        return failure
    hidden = scrub(failure.excerpt, secrets)[:_LONGEST]
    return Failure(failure.kind, failure.message, failure.status, failure.attempts, hidden)


def reported(body: bytes) -> str:
    """Read code and message of an error, in any of the shapes Microsoft's services use.

    Examples
    --------
    >>> reported(b'{"error": {"code": "401", "message": "Access denied."}}')
    '401: Access denied.'
    >>> reported(b'{"error": {"code": "InvalidRequest", "message": "Bad.", "innererror": '
    ...          b'{"code": "InvalidDocumentBatch", "message": "Too many."}}}')
    'InvalidRequest: Bad. (InvalidDocumentBatch: Too many.)'
    >>> reported(b'{"errors": [{"code": "InvalidRequest", "message": "q is missing"}]}')
    'InvalidRequest: q is missing'
    """
    try:
        return said_in(json.loads(body))
    except (ValueError, RecursionError):
        return ""


def said_in(found: Any) -> str:
    """Code and message of an error that was read as JSON; "" if it is none."""
    if isinstance(found, list):
        found = found[0] if found else None
    if not isinstance(found, dict):
        return ""
    for name in ("error", "errors"):
        if isinstance(found.get(name), (dict, list)):
            return said_in(found[name])
    parts = [str(found[n]) for n in ("code", "message") if isinstance(found.get(n), (str, int))]
    inner = [said_in(found[n]) for n in ("innererror", "innerError", "details") if n in found]
    inside = "; ".join(text for text in inner if text)
    text = ": ".join(parts)
    return f"{text} ({inside})" if text and inside else text or inside


def of_row(answer: Answer, error: Any) -> Failure:
    """Make the failure of a row for which the service reported an error within its answer."""
    response = answer.response
    assert response is not None
    return Failure(
        "service", "the service reports", response.status, response.attempts, said_in(error)
    )
