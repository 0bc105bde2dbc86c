"""The error bodies of the vendors."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from irbis.services.local.wire import RefusedError

__all__ = ["azure_error", "bing_error"]


def azure_error(refused: RefusedError) -> dict[str, Any]:
    """Azure: ``{"error": {"code", "message", "innererror"}}``."""
    error: dict[str, Any] = {"code": refused.code, "message": refused.message}
    if refused.inner is not None:
        error["innererror"] = {"code": refused.inner, "message": refused.message}
    return (
        {"error": error, "requestId": str(uuid4())} if refused.status != 401 else {"error": error}
    )


_BING_CODES = {401: "InvalidAuthorization", 403: "InsufficientAuthorization", 501: "ServerError"}
_BING_SUBCODES = {
    "ParameterMissing",
    "ParameterInvalidValue",
    "AuthorizationMissing",
    "NotImplemented",
}


def bing_error(refused: RefusedError) -> dict[str, Any]:
    """Bing: ``{"_type": "ErrorResponse", "errors": [...]}``."""
    sub = refused.code if refused.code in _BING_SUBCODES else "ParameterInvalidValue"
    error: dict[str, Any] = {
        "code": _BING_CODES.get(refused.status, "InvalidRequest"),
        "subCode": "AuthorizationMissing" if refused.status == 401 else sub,
        "message": refused.message,
    }
    if refused.parameter is not None:
        error["parameter"] = refused.parameter
    return {"_type": "ErrorResponse", "errors": [error]}
