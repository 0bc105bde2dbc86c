"""What a stand-in sees of a request and says in return: no web framework, no vendor in it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

__all__ = ["Answer", "Call", "Handler", "RefusedError", "Route", "Service"]


@dataclass(frozen=True)
class Call:
    """One request.

    Parameters
    ----------
    path : mapping
        The variable parts of the route.
    query : mapping
        Names in lower case; the last of several values.
    headers : mapping
        Names in lower case.
    body : bytes
    base : str
        ``http://host:port``, as the client addressed it.
    """

    path: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    base: str = ""

    def json(self) -> Any:
        """Body as JSON.

        Raises
        ------
        RefusedError
            If it is none.
        """
        try:
            return json.loads(self.body)
        except ValueError:
            raise RefusedError(400, "InvalidRequest", "The request body is not JSON.") from None

    def flag(self, name: str, *, default: bool = False) -> bool:
        """Read a true or false of the query."""
        return self.query.get(name.lower(), str(default)).lower() == "true"

    def whole(self, name: str, default: int, low: int, high: int) -> int:
        """Read a whole number of the query.

        Raises
        ------
        RefusedError
            If it is none, or out of its range.
        """
        given = self.query.get(name.lower())
        if given is None:
            return default
        if not given.removeprefix("-").isdigit() or not low <= int(given) <= high:
            text = f"Parameter {name} must be a whole number from {low} to {high}."
            raise RefusedError(400, "InvalidParameter", text, parameter=name)
        return int(given)


@dataclass(frozen=True)
class Answer:
    """What goes back: anything JSON can write, or bytes."""

    body: Any = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    type: str = "application/json; charset=utf-8"


class RefusedError(Exception):
    """A request that a service turns down; its service gives it the vendor's shape.

    Parameters
    ----------
    status : int
    code, message : str
    parameter : str, optional
        Of the query, if one is to blame.
    inner : str, optional
        A finer code, where the vendor has one.
    """

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        parameter: str | None = None,
        inner: str | None = None,
    ) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message
        self.parameter, self.inner = parameter, inner
        self.headers: Mapping[str, str] = {}


Handler: TypeAlias = Callable[[Call], Answer]


@dataclass(frozen=True)
class Route:
    """A method and a path, with ``{name}`` for its variable parts."""

    method: str
    path: str
    handle: Handler
    #: False: served without a key, as the vendor's other hosts do with pictures.
    keyed: bool = True


@dataclass(frozen=True)
class Service:
    """A vendor's service.

    Parameters
    ----------
    name : str
        For people.
    contract : str
        Whose, and which version.
    routes : tuple of Route
    refuse : callable
        From a :class:`RefusedError` to the vendor's error body.
    parts : tuple of (what, module, extra), default ()
        What answers, and what must be installed for it.
    """

    name: str
    contract: str
    routes: tuple[Route, ...]
    refuse: Callable[[RefusedError], Any]
    parts: tuple[tuple[str, str, str], ...] = ()
