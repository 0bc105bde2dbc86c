"""Params that say where a service is and who asks: addresses, keys, tokens."""

from __future__ import annotations

import re
from typing import Any, ClassVar
from urllib.parse import urlsplit

from irbis.converters import flag, optional, text
from irbis.errors import ParamError
from irbis.http.converters import url
from irbis.http.headers import HasHeaders, usable_url
from irbis.http.secrets import HIDDEN
from irbis.params import ParamField, param
from irbis.services.hidden import Hidden, hidden_text
from irbis.services.retirement import API

__all__ = ["HasCredentials", "region"]


def region(value: Any) -> str:
    """Accept the name of an Azure region, such as "westeurope"."""
    if not isinstance(value, str) or not re.fullmatch(r"[a-z0-9]{3,40}", value):
        raise ValueError("the short name of an Azure region, such as 'westeurope'")
    return value


class HasCredentials(HasHeaders):
    """Where a service is, and who asks."""

    api: ClassVar[API]
    #: Header that carries the key.
    key_header: ClassVar[str] = "Ocp-Apim-Subscription-Key"
    #: Whether the vendor's own hosts answer nobody without a key or token.
    needs_key: ClassVar[bool] = True
    #: Address if neither url nor location is set.
    default_url: ClassVar[str | None] = None

    url: ParamField[str | None] = param("endpoint of the service", optional(url), default=None)
    urlCol: ParamField[str | None] = param("column of endpoints", optional(text), default=None)
    location: ParamField[str | None] = param(
        "Azure region, in place of url", optional(region), default=None
    )
    subscriptionKey: ParamField[str | None] = param(
        "key; neither printed nor saved", optional(hidden_text), default=None
    )
    subscriptionKeyCol: ParamField[str | None] = param(
        "column of keys", optional(text), default=None
    )
    AADToken: ParamField[str | None] = param(
        "Entra ID token, in place of a key; neither printed nor saved",
        optional(hidden_text),
        default=None,
    )
    AADTokenCol: ParamField[str | None] = param("column of tokens", optional(text), default=None)
    allowRetired: ParamField[bool] = param("ask a version after its end too", flag, default=False)

    def saved_params(self) -> dict[str, Any]:
        """What may be saved: of a secret, that there was one."""
        saved = super().saved_params()
        return {n: HIDDEN if isinstance(v, Hidden) else v for n, v in saved.items()}

    def address(self) -> str | None:
        """Endpoint for all rows; None if it stands in a column.

        Raises
        ------
        ParamError
            If there is none, or two.
        """
        chosen = [n for n in ("url", "urlCol", "location") if self.value(n) is not None]
        if len(chosen) > 1:
            raise ParamError(f"{' and '.join(chosen)}", expected="one address")
        if self.value("urlCol") is not None:
            return None
        if self.value("location") is not None:
            return f"https://{self.value('location')}.api.cognitive.microsoft.com"
        found = self.value("url") or self.default_url
        if found is None:
            raise ParamError(
                f"{type(self).__name__} without an address",
                expected="the endpoint of the service",
                do="call setUrl('https://NAME.cognitiveservices.azure.com') or setLocation(...)",
            )
        return usable_url(found)

    def check_access(self) -> None:
        """Check what can be known before a request: the version's end, the key.

        Raises
        ------
        ParamError
        """
        address = self.address()
        self.api.check(address, allowed=self.value("allowRetired"))
        names = ("subscriptionKey", "subscriptionKeyCol", "AADToken", "AADTokenCol")
        given = {n: self.value(n) for n in names if self.value(n) is not None}
        if len(given) > 1:
            raise ParamError(" and ".join(given), expected="one way to say who asks")
        for name, value in given.items():
            if isinstance(value, Hidden) and value.lost:
                raise ParamError(
                    f"{name} without its value, which is not saved",
                    do=f"call set{name[0].upper()}{name[1:]}(...) after loading, or use "
                    f"headersFromEnv={{{self.key_header!r}: 'NAME_OF_A_VARIABLE'}}",
                )
        known = given or self.value("headers") or self.value("headersFromEnv")
        host = "" if address is None else urlsplit(address).hostname or ""
        if self.needs_key and not known and self.api.hosts and host.endswith(self.api.hosts):
            raise ParamError(
                f"{type(self).__name__} without a key",
                expected=f"a key or a token for {host}",
                do="call setSubscriptionKey(...) or setAADToken(...)",
            )
