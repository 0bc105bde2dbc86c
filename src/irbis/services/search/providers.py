"""The providers by name. Imports no pyspark."""

from __future__ import annotations

from irbis.services.search.brave import Brave
from irbis.services.search.gbif import Gbif
from irbis.services.search.inaturalist import INaturalist
from irbis.services.search.openverse import Openverse
from irbis.services.search.own import Own
from irbis.services.search.provider import Provider
from irbis.services.search.wikimedia import Wikimedia

__all__ = ["PROVIDERS"]

PROVIDERS: dict[str, Provider] = {
    provider.name: provider
    for provider in (Openverse(), Gbif(), INaturalist(), Wikimedia(), Brave(), Own())
}
