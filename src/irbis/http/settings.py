"""Everything the client needs to know, in one picklable value that prints no secret."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

__all__ = ["Settings"]


@dataclass(frozen=True)
class Settings:
    """Settings of calls; the Params of :class:`irbis.http.params.HasClient` say what each means."""

    concurrency: int = 8
    connect_timeout: float = 10.0
    read_timeout: float = 60.0
    timeout: float = 60.0
    deadline: float = 300.0
    max_attempts: int = 5
    backoff: float = 0.1
    max_wait: float = 60.0
    retry_methods: frozenset[str] = frozenset()
    retry_statuses: frozenset[int] = frozenset()
    hopeless: tuple[str, ...] = ()
    max_redirects: int = 10
    max_response_bytes: int = 64 << 20
    rate: float | None = None
    slots: int = 1
    http2: bool = False
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    handler: Callable[..., Any] | None = field(default=None, repr=False)
