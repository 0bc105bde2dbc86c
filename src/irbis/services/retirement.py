"""When a service ends, and what is said about it. Imports no pyspark."""

from __future__ import annotations

import datetime as dt
import warnings
from dataclasses import dataclass
from urllib.parse import urlsplit

from irbis.errors import ParamError

__all__ = ["API", "RetirementWarning"]

_NOTICE = dt.timedelta(days=365)


class RetirementWarning(FutureWarning):
    """A service ends within a year."""


@dataclass(frozen=True)
class API:
    """What is known of a vendor's API.

    Parameters
    ----------
    name, version : str
    retires : datetime.date, optional
        Its last day; None: the vendor has named none.
    successor : str, default ""
        What to use then.
    hosts : tuple of str
        Ends of the vendor's own host names. Only there it retires: a stand-in or a container that
        speaks the same contract goes on.

    Examples
    --------
    >>> api = API("Bing Image Search", "7.0", dt.date(2025, 8, 11), "ImageSearch", ("bing.microsoft.com",))
    >>> api.check("http://127.0.0.1:9000/search")
    >>> api.check("https://api.bing.microsoft.com/v7.0/images/search")
    Traceback (most recent call last):
    irbis.errors.ParamError: got Bing Image Search 7.0, retired on 2025-08-11; expected a service that answers; do: use ImageSearch; or setAllowRetired(True), if you know an endpoint that still has it
    """

    name: str
    version: str
    retires: dt.date | None = None
    successor: str = ""
    hosts: tuple[str, ...] = ()

    def check(
        self, url: str | None, *, allowed: bool = False, today: dt.date | None = None
    ) -> None:
        """Warn of an end within a year.

        Parameters
        ----------
        url : str, optional
            Address that will be asked; None: it stands in a column.
        allowed : bool
            Go on after the end, with a warning.

        Raises
        ------
        ParamError
            After the end.
        """
        today = today or dt.datetime.now(dt.UTC).date()
        if self.retires is None or not self._is_vendors(url) or self.retires - today > _NOTICE:
            return
        over = today > self.retires
        if over and not allowed:
            use = f"use {self.successor}; or " if self.successor else ""
            raise ParamError(
                f"{self.name} {self.version}, retired on {self.retires}",
                expected="a service that answers",
                do=f"{use}setAllowRetired(True), if you know an endpoint that still has it",
            )
        warnings.warn(f"{self.name} {self.end()}", RetirementWarning, stacklevel=2)

    def end(self) -> str:
        """Version, end and successor, in words.

        Examples
        --------
        >>> API("Face", "1.2").end()
        'version 1.2'
        """
        end = f"version {self.version}"
        if self.retires is not None:
            end += f" retires on {self.retires}"
        return f"{end}; successor: {self.successor}" if self.successor else end

    def _is_vendors(self, url: str | None) -> bool:
        host = None if url is None else urlsplit(url).hostname
        return not self.hosts or host is None or host.endswith(self.hosts)
