"""ImageSearch: pictures of a word from open providers, with licence and author."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, ClassVar

import pyarrow as pa

from irbis.converters import flag, one_of, optional, text, whole
from irbis.errors import ParamError
from irbis.http.headers import usable_url
from irbis.http.settings import Settings
from irbis.params import ParamField, param
from irbis.schema import StreamFunction
from irbis.services.choices import some_of
from irbis.services.function import ServiceFunction
from irbis.services.retirement import API
from irbis.services.search.licences import CODES
from irbis.services.search.paging import Search
from irbis.services.search.provider import Provider
from irbis.services.search.providers import PROVIDERS
from irbis.services.search.result import RESULT
from irbis.services.stage import ServiceStage, column_of

__all__ = ["ImageSearch"]


class ImageSearch(ServiceStage):
    """Search pictures by words, with what may be done with each.

    A list of structs: url, thumbnail, width, height, title, creator, license, license_url,
    attribution, landing_page, source, query, rank. Null where the provider does not say; rank
    counts from 1. :class:`GetBingURLs` makes a row of each.

    Openverse, GBIF, iNaturalist and Wikimedia allow one polite client: they are asked by the driver,
    one request after the other, at the pace that each allows, and by a User-Agent that names irbis,
    whatever `execution` and `concurrency` say. A stream can't be searched there.

    Parameters
    ----------
    provider : {"openverse", "gbif", "inaturalist", "wikimedia", "brave", "local"}
        Default "openverse". "gbif" and "inaturalist" take names of species; "brave" needs a key and
        knows no licences; "local" is `irbis services` over a folder.
    query, queryCol : str, default the column "query"
        What to search for.
    count : int, default 20, range 1 to 10000
        Results a row at most; as many pages as they take are asked for, up to 200.
    offset, offsetCol : int, default 0
        Results to leave out. Of GBIF and iNaturalist: records, which may hold several pictures.
    license : list of str, default []
        Only these: cc0, pdm, by, by-sa, by-nc, by-nd, by-nc-sa, by-nc-nd. Empty: any that the
        provider has; of iNaturalist, any open one.
    safeSearch : bool, default True
        Nothing for adults, where the provider can tell.

    Examples
    --------
    >>> import pyarrow as pa
    >>> from irbis.samples import PETS
    >>> from irbis.services.local.running import local_services
    >>> with local_services(PETS) as url:
    ...     search = ImageSearch(provider="local", url=url, count=2, outputCol="images")
    ...     found = search.transform(pa.table({"query": ["Siamese cat"]}))
    >>> [(r["title"][:7], r["width"], r["rank"]) for r in found["images"][0].as_py()]
    [('Siamese', 320, 1), ('Siamese', 320, 2)]
    """

    api: ClassVar[API] = API("image search", "1")
    answer: ClassVar[str] = f"array<{RESULT}>"
    needs_key: ClassVar[bool] = False
    expects: ClassVar[dict[str, str]] = {"offset": "whole"}

    provider: ParamField[str] = param("who is asked", one_of(*PROVIDERS), default="openverse")
    query: ParamField[str | None] = param("what to search for", optional(text), default=None)
    queryCol: ParamField[str | None] = param("column of queries", optional(text), default="query")
    count: ParamField[int] = param("results a row at most", whole(1, 10_000), default=20)
    offset: ParamField[int | None] = param("results to leave out", optional(whole(0)), default=None)
    offsetCol: ParamField[str | None] = column_of("offset")
    license: ParamField[list[str]] = param("licences to accept", some_of(*CODES), default=[])
    safeSearch: ParamField[bool] = param("nothing for adults", flag, default=True)

    @property
    def on_driver(self) -> bool:
        """Whether calls are made by the driver: always, where the provider's terms ask for it."""
        return self._provider().polite or super().on_driver

    def address(self) -> str | None:
        """See :meth:`irbis.services.credentials.HasCredentials.address`."""
        if all(self.value(name) is None for name in ("url", "urlCol", "location")):
            return usable_url(self._provider().default_url)
        return super().address()

    def settings(self) -> Settings:
        """What the client needs, within what the provider allows."""
        made, provider = super().settings(), self._provider()
        if not provider.polite:
            return made
        rates = [rate for rate in (made.rate, provider.rate) if rate is not None]
        return replace(made, concurrency=1, rate=min(rates, default=None), slots=1)

    def check_access(self) -> None:
        """Check provider and Params together.

        Raises
        ------
        ParamError
        """
        super().check_access()
        provider, chosen = self._provider(), self.value("provider")
        if (
            self.isSet(self.getParam("execution"))
            and self.value("execution") == "workers"
            and provider.polite
        ):
            raise ParamError(
                f"execution='workers' with provider={chosen!r}",
                expected="one client, as its terms ask",
                do="leave execution out",
            )
        if self.value("license") and not provider.has_licences:
            raise ParamError(
                f"license with provider={chosen!r}", expected="a provider that knows licences"
            )
        given = [self.value(n) for n in ("subscriptionKey", "subscriptionKeyCol")]
        known = any(given) or self.value("headers") or self.value("headersFromEnv")
        if provider.needs_key and not known:
            raise ParamError(
                f"provider={chosen!r} without a key",
                expected=f"the value of its header {provider.key_header}",
                do="call setSubscriptionKey(...)",
            )
        if self.value("count") > provider.deepest:
            raise ParamError(
                f"count={self.value('count')} with provider={chosen!r}",
                expected=f"at most {provider.deepest}, which it gives of one query",
            )

    def operation(self) -> Search:
        """See :class:`irbis.services.search.paging.Search`."""
        return Search(
            type=self.answer_type(),
            needs=("query",),
            provider=self.value("provider"),
            count=self.value("count"),
            licences=tuple(self.value("license")),
            safe=self.value("safeSearch"),
        )

    def make_stream_function(self) -> StreamFunction:
        """See :class:`irbis.services.function.ServiceFunction`."""
        made: Any = super().make_stream_function()
        assert isinstance(made, ServiceFunction)
        provider = self._provider()
        api = API(f"{provider.name} image search", provider.version)
        return replace(made, key_header=provider.key_header, api=api)

    def answer_type(self) -> pa.DataType:
        """Type of the output column."""
        return super().answer_type()

    def _provider(self) -> Provider:
        return PROVIDERS[self.value("provider")]
