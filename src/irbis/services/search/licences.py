"""Names of open licences, from the ways in which providers write them. Imports no pyspark."""

from __future__ import annotations

import re

__all__ = ["CODES", "allowed", "code_of", "licence"]

#: Codes that the Param license takes.
CODES = ("cc0", "pdm", "by", "by-sa", "by-nc", "by-nd", "by-nc-sa", "by-nc-nd")
_URL = re.compile(
    r"creativecommons\.org/(?:licenses|publicdomain)/([a-z-]+)/(\d\.\d)", re.IGNORECASE
)
_TEXT = re.compile(
    r"\b(?:cc[\s_-]*)?(by(?:[\s_-]*(?:nc|nd|sa))*)(?:[\s_-]*(?:nc|nd|sa))*[\s_-]*(\d(?:[._]\d)?)?",
    re.IGNORECASE,
)
_ZERO = re.compile(r"\bcc[\s_-]*0\b|\bzero\b|\bcc0", re.IGNORECASE)
_MARK = re.compile(r"\bpdm\b|public[\s_-]*domain|\bpd\b", re.IGNORECASE)


def licence(
    said: str | None, url: str | None = None, version: str | None = None
) -> tuple[str | None, str | None]:
    """Name and address of a licence.

    Parameters
    ----------
    said : str, optional
        A code, a name or an address, as a provider has it.
    url, version : str, optional
        What else it says.

    Returns
    -------
    (name, url)
        Such as "CC BY-NC 4.0"; what is not known as an open licence stays as it was said.

    Examples
    --------
    >>> licence("http://creativecommons.org/licenses/by-nc/4.0/legalcode")
    ('CC BY-NC 4.0', 'https://creativecommons.org/licenses/by-nc/4.0/')
    >>> licence("cc-by-sa", version="2.0")
    ('CC BY-SA 2.0', 'https://creativecommons.org/licenses/by-sa/2.0/')
    >>> licence("All rights reserved")
    ('All rights reserved', None)
    """
    code = code_of(said) or code_of(url)
    if code is None:
        return (said or None), (url or None)
    number = version or _version(said) or _version(url)
    if code in {"cc0", "pdm"}:
        path = "zero" if code == "cc0" else "mark"
        name = "CC0 1.0" if code == "cc0" else "Public domain"
        return name, url or f"https://creativecommons.org/publicdomain/{path}/1.0/"
    name = f"CC {code.upper()}" + (f" {number}" if number else "")
    deed = f"https://creativecommons.org/licenses/{code}/{number}/" if number else None
    return name, url or deed


def code_of(said: str | None) -> str | None:
    """Code of a licence, one of :data:`CODES`; None if it is none of them.

    Examples
    --------
    >>> code_of("CC_BY_NC_4_0"), code_of("CC BY-SA 3.0 de"), code_of("https://example.com/terms")
    ('by-nc', 'by-sa', None)
    """
    if not said:
        return None
    address = _URL.search(said)
    if address:
        word = address[1].lower()
        return {"zero": "cc0", "mark": "pdm"}.get(word, word if word in CODES else None)
    if "://" in said:
        return None
    if _ZERO.search(said):
        return "cc0"
    found = _TEXT.search(said.replace("_", " "))
    if found and (found.start() == 0 or "cc" in said.lower()):
        parts = re.findall("by|nc|nd|sa", said.lower())
        ordered = "-".join(p for p in ("by", "nc", "nd", "sa") if p in parts)
        return ordered if ordered in CODES else None
    return "pdm" if _MARK.search(said) else None


def _version(said: str | None) -> str | None:
    found = re.search(r"(\d)[._](\d)", said or "")
    return f"{found[1]}.{found[2]}" if found else None


def allowed(name: str | None, codes: tuple[str, ...]) -> bool:
    """Whether a result's licence is one of those asked for; all are, if none was."""
    return not codes or code_of(name) in codes
