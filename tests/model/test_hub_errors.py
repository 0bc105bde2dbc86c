"""What went wrong with the hub, by the status it answered and the library that broke off."""

import httpx
import pytest

from irbis.errors import DataError, ModelNotFoundError, ParamError
from irbis.model.hub_errors import UnreachableError, explained


def answered(status):
    request = httpx.Request("GET", "https://hub.example/secret-in-a-path")
    reply = httpx.Response(status, request=request)
    return httpx.HTTPStatusError("the hub's own words", request=request, response=reply)


@pytest.mark.parametrize(
    ("error", "kind", "says"),
    [
        (answered(401), ModelNotFoundError, r"refused the token \(401\)"),
        (answered(403), ModelNotFoundError, r"refused the token \(403\)"),
        (answered(404), DataError, "the hub answered 404"),
        (answered(429), UnreachableError, "answered 429"),
        (answered(503), UnreachableError, "answered 503"),
        (httpx.ConnectError("no route"), UnreachableError, r"broke off \(ConnectError\)"),
        (OSError("disk"), UnreachableError, r"broke off \(OSError\)"),
    ],
)
def test_in_our_words(error, kind, says):
    found = explained(error, "org/name", "main")
    assert type(found) is kind
    with pytest.raises(kind, match=says):
        raise found
    assert "org/name" in str(found)
    assert "secret" not in str(found)
    assert "own words" not in str(found)


def test_ours_stays_ours_and_a_fault_of_the_program_comes_out():
    ours = ParamError("a name", expected="another")
    assert explained(ours, "org/name", "main") is ours
    with pytest.raises(ZeroDivisionError):
        explained(ZeroDivisionError(), "org/name", "main")
