"""What a front may be told: its address, its limits, how it batches."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from typing import Any, Self

from irbis.converters import flag, number, one_of, optional, text, whole
from irbis.errors import ParamError

__all__ = ["FrontSettings", "option_names"]

_NAME = re.compile(r"[A-Za-z0-9_\-]+(/[A-Za-z0-9_\-]+)*")


def _path(value: Any) -> str:
    if not isinstance(value, str) or not _NAME.fullmatch(value.strip("/")):
        raise ValueError("letters, digits, _ and -, with / between parts")
    return value.strip("/")


def _origins(value: Any) -> tuple[str, ...]:
    if isinstance(value, str):
        value = [part.strip() for part in value.split(",") if part.strip()]
    return tuple(text(v) for v in value)


_seconds = number(0.0, above=True)


@dataclass(frozen=True, repr=False)
class FrontSettings:
    """Settings of a front; docs/serving.md has the table of options.

    Sizes are bytes, times are seconds. The token is not shown by ``repr``.
    """

    host: str = "127.0.0.1"
    port: int = 0
    name: str = "api"
    max_batch_size: int = 64
    max_batch_delay: float = 0.0
    max_body_bytes: int = 64 << 20
    max_header_bytes: int = 32 << 10
    max_connections: int = 1024
    max_queue: int = 1024
    request_deadline: float = 30.0
    header_timeout: float = 10.0
    body_timeout: float = 60.0
    write_timeout: float = 60.0
    keep_alive: float = 75.0
    drain_timeout: float = 30.0
    retry_after: int = 1
    filtered_status: int = 404
    token: str | None = None
    tls_cert: str | None = None
    tls_key: str | None = None
    tls_ca: str | None = None
    cors_origins: tuple[str, ...] = ()
    access_log: bool = False
    execution: str = "auto"
    warm_up: bool = True

    def __repr__(self) -> str:
        return f"FrontSettings(http{'s' if self.tls_cert else ''}://{self.host}:{self.port}/{self.name})"

    def set(self, **changes: Any) -> Self:
        """Return settings with some changed; names as here or in Spark's spelling (maxBatchSize).

        Raises
        ------
        ParamError
            For an unknown name or a value that will not do.
        """
        made = {}
        for name, value in changes.items():
            known = _snake(name)
            if known not in _CONVERTERS:
                raise ParamError(f"option {name!r}", expected=f"one of {', '.join(option_names())}")
            try:
                made[known] = _CONVERTERS[known](_typed(value, known))
            except (ValueError, TypeError) as error:
                shown = "***" if known == "token" else repr(value)
                raise ParamError(f"{name}={shown}", expected=str(error)) from None
        changed = replace(self, **made)
        if bool(changed.tls_cert) != bool(changed.tls_key):
            raise ParamError("one of tlsCert and tlsKey", expected="both files, or none")
        if changed.tls_ca and not changed.tls_cert:
            raise ParamError("tlsCa without tlsCert", expected="the server's own certificate too")
        return changed


_CONVERTERS: dict[str, Callable[[Any], Any]] = {
    "host": text,
    "port": whole(0, 65535),
    "name": _path,
    "max_batch_size": whole(1),
    "max_batch_delay": number(0.0),
    "max_body_bytes": whole(0),
    "max_header_bytes": whole(256),
    "max_connections": whole(1),
    "max_queue": whole(1),
    "request_deadline": _seconds,
    "header_timeout": _seconds,
    "body_timeout": _seconds,
    "write_timeout": _seconds,
    "keep_alive": _seconds,
    "drain_timeout": number(0.0),
    "retry_after": whole(0),
    "filtered_status": whole(200, 599),
    "token": optional(text),
    "tls_cert": optional(text),
    "tls_key": optional(text),
    "tls_ca": optional(text),
    "cors_origins": _origins,
    "access_log": flag,
    "execution": one_of("auto", "inline", "thread"),
    "warm_up": flag,
}


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()


def _typed(value: Any, name: str) -> Any:
    """Spark's option() makes text of everything: read it back."""
    default = {f.name: f.default for f in fields(FrontSettings)}[name]
    if not isinstance(value, str) or isinstance(default, str) or default is None:
        return value
    if isinstance(default, bool):
        return {"true": True, "false": False}.get(value.lower(), value)
    if isinstance(default, (int, float)):
        return type(default)(value)
    return value


def option_names() -> list[str]:
    """Options in Spark's spelling.

    Examples
    --------
    >>> option_names()[:2]
    ['accessLog', 'bodyTimeout']
    """
    return sorted(re.sub(r"_([a-z])", lambda m: m[1].upper(), name) for name in _CONVERTERS)
