"""multipart/form-data (RFC 7578); the boundary follows from the content: same row, same bytes."""

from __future__ import annotations

import hashlib
import mimetypes
from collections.abc import Mapping
from typing import Any

from irbis.http.failure import InvalidRequestError

__all__ = ["multipart"]


def multipart(fields: Mapping[str, Any], files: Mapping[str, Any]) -> tuple[str, bytes]:
    """Content type and body of a form with files.

    Examples
    --------
    >>> type_, body = multipart({"a": 1}, {"f": ("x.txt", b"abc")})
    >>> type_.split("=")[0], body.count(b"Content-Disposition")
    ('multipart/form-data; boundary', 2)
    """
    parts: list[bytes] = []
    for name, value in fields.items():
        parts.append(_head(f'form-data; name="{_quoted(name)}"', None) + str(value).encode())
    for name, value in files.items():
        filename, content, type_ = _file(name, value)
        said = f'form-data; name="{_quoted(name)}"; filename="{_quoted(filename)}"'
        parts.append(_head(said, type_) + content)
    boundary = "irbis-" + hashlib.sha256(b"\0".join(parts)).hexdigest()[:32]
    mark = b"--" + boundary.encode()
    body = b"".join(mark + b"\r\n" + part + b"\r\n" for part in parts) + mark + b"--\r\n"
    return f"multipart/form-data; boundary={boundary}", body


def _head(disposition: str, type_: str | None) -> bytes:
    lines = [f"Content-Disposition: {disposition}"]
    if type_ is not None:
        lines.append(f"Content-Type: {type_}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def _file(name: str, value: Any) -> tuple[str, bytes, str]:
    filename, content, type_ = (
        (name, value, None) if isinstance(value, bytes) else (*value, None)[:3]
    )
    if not isinstance(content, bytes):
        raise InvalidRequestError("a file whose content is not bytes")
    return (
        filename,
        content,
        type_ or mimetypes.guess_type(filename)[0] or "application/octet-stream",
    )


def _quoted(text: str) -> str:
    # As the WHATWG's form encoding does it.
    return text.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
