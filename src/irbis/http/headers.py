"""Params whose values are secrets, and what may be saved of them."""

from __future__ import annotations

import os
from typing import Any

from pyspark.ml.param import Param

from irbis.errors import ParamError
from irbis.http.converters import Function, environment_map, header_map
from irbis.http.secrets import HIDDEN, HiddenValues, is_redacted, redact_url
from irbis.params import HasParams, ParamField, param

__all__ = ["HasHeaders", "SavesNoSecrets", "usable_url"]


class SavesNoSecrets(HasParams):
    """Saving leaves out header values and the secrets of addresses; functions go by name."""

    def explainParam(self, param: str | Param) -> str:
        """Explain a Param; an address without its secrets."""
        said = str(super().explainParam(param))
        found = self.getParam(param) if isinstance(param, str) else param
        value = self.getOrDefault(found) if self.isDefined(found) else None
        if found.name != "url" or not isinstance(value, str):
            return said
        return said.replace(value, redact_url(value))

    def saved_params(self) -> dict[str, Any]:
        """What may be saved: no header values, no secrets of addresses, functions by name.

        Raises
        ------
        ParamError
            For a function that another process would not find.
        """
        saved = super().saved_params()
        for name, value in saved.items():
            if isinstance(value, HiddenValues):
                saved[name] = dict.fromkeys(value, HIDDEN)
            elif name == "url" and value is not None:
                saved[name] = redact_url(value)
            elif isinstance(value, Function) and not value.importable:
                raise ParamError(
                    f"{name}={str(value)!r}, which no other process can import",
                    expected="a function of a module, to be saved by its name",
                    do="move the function into a module that workers have",
                )
        return saved


class HasHeaders(SavesNoSecrets):
    """Headers of every request: their values are neither printed nor saved.

    Parameters
    ----------
    headers : dict, default {}
        From names to values. Saving keeps the names; after loading, set the values again.
    headersFromEnv : dict, default {}
        From names of headers to names of environment variables, read on the driver when the stage
        runs. Saved as it is, for it holds no secret.
    """

    headers: ParamField[dict[str, str]] = param(
        "dict of headers added to every request; values are not saved", header_map, default={}
    )
    headersFromEnv: ParamField[dict[str, str]] = param(
        "dict from headers to the environment variables that hold their values",
        environment_map,
        default={},
    )

    def header_pairs(self) -> tuple[tuple[str, str], ...]:
        """Headers with their values.

        Raises
        ------
        ParamError
            If a value was not saved, or an environment variable is not set.
        """
        given: dict[str, str] = dict(self.value("headers"))
        lost = sorted(name for name, value in given.items() if value == HIDDEN)
        if lost:
            raise ParamError(
                f"headers {', '.join(lost)} without values, which are not saved",
                do="call setHeaders(...) after loading, or use headersFromEnv",
            )
        for name, variable in self.value("headersFromEnv").items():
            if variable not in os.environ:
                raise ParamError(
                    f"headersFromEnv: no environment variable {variable}",
                    expected=f"the value of the header {name}",
                )
            given[name] = os.environ[variable]
        return tuple(given.items())


def usable_url(url: str) -> str:
    """Return an address that has not lost its secrets in saving.

    Raises
    ------
    ParamError
    """
    if is_redacted(url):
        raise ParamError(
            f"url={redact_url(url)!r}, whose secrets were not saved",
            do="call setUrl(...) after loading; secrets fit better in headersFromEnv",
        )
    return url
