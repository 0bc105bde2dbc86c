"""Each provider's answers, in the shape it documents, over real HTTP; no live service is asked."""

from urllib.parse import parse_qs

import answers
import pyarrow as pa
import pytest

from irbis import ImageSearch
from irbis.errors import IrbisError, ParamError
from irbis.services.search.providers import PROVIDERS
from irbis.testing import Reply

FIELDS = [
    "url", "thumbnail", "width", "height", "title", "creator", "license", "license_url",
    "attribution", "landing_page", "source", "query", "rank",
]  # fmt: skip


def asked(service, path):
    return [
        {n: v[0] for n, v in parse_qs(s.query).items()} for s in service.requests if s.path == path
    ]


def search(service, provider, *queries, **params):
    stage = ImageSearch(provider=provider, url=service.url, backoff=0.0, maxAttempts=2, **params)
    service.clear()
    out = stage.transform(pa.table({"query": pa.array(queries, pa.string())}))
    return out["output"].to_pylist(), out["output_error"].to_pylist()


def test_openverse(service):
    service.script(
        "/v1/images/",
        lambda seen: Reply(body=answers.openverse(int(parse_qs(seen.query)["page"][0]))),
    )
    (found,), errors = search(
        service, "openverse", "snow leopard", count=30, license=["by", "by-sa"]
    )
    assert errors == [None]
    assert [list(r) for r in found] == [FIELDS, FIELDS]
    assert found[1] == {
        "url": "https://live.staticflickr.com/2.jpg",
        "thumbnail": "https://api.openverse.org/v1/images/0aff/thumb/",
        "width": 1024,
        "height": 683,
        "title": "Snow leopard 2",
        "creator": "Ann",
        "license": "CC BY-SA 2.0",
        "license_url": "https://creativecommons.org/licenses/by-sa/2.0/",
        "attribution": '"Snow leopard 2" by Ann is licensed under CC BY-SA 2.0.',
        "landing_page": "https://www.flickr.com/photos/1/2",
        "source": "openverse",
        "query": "snow leopard",
        "rank": 2,
    }
    first, second = asked(service, "/v1/images/")
    assert first == {"q": "snow leopard", "page": "1", "page_size": "20", "license": "by,by-sa"}
    assert second == {**first, "page": "2"}
    agents = {s.headers["user-agent"] for s in service.requests}
    assert len(agents) == 1
    assert next(iter(agents)).startswith("irbis/")
    assert "github.com" in next(iter(agents))


def test_openverse_offset_lies_in_a_page(service):
    many = {**answers.openverse(2), "results": []}
    many["results"] = [{"url": f"http://x/{i}", "license": "cc0"} for i in range(20)]
    service.script("/v1/images/", Reply(body=many))
    (found,), _ = search(service, "openverse", "a", offset=25, count=2)
    assert [(r["url"], r["rank"]) for r in found] == [("http://x/5", 26), ("http://x/6", 27)]
    assert asked(service, "/v1/images/")[0]["page"] == "2"
    assert service.count() == 1


def test_gbif_goes_from_the_name_to_its_key(service):
    service.script("/v1/species/search", Reply(body=answers.GBIF_SPECIES))
    service.script(
        "/v1/occurrence/search",
        lambda seen: Reply(
            body=answers.gbif(int(parse_qs(seen.query)["offset"][0]), "offset=100" in seen.query)
        ),
    )
    (found,), errors = search(service, "gbif", "snow leopard", count=50, license=["by", "by-nc"])
    assert errors == [None]
    assert [r["url"].split("/")[4] for r in found] == ["0", "100"]
    assert found[0]["creator"] == "Bob"
    assert found[0]["license"] == "CC BY 4.0"  # the picture's own, not the record's
    assert found[0]["title"] == "Panthera uncia"
    assert found[0]["attribution"] == '"Panthera uncia" by Bob, CC BY 4.0'
    assert found[0]["thumbnail"].startswith("https://api.gbif.org/v1/image/cache/200x/occurrence/4")
    (name,) = asked(service, "/v1/species/search")
    assert name["q"] == "snow leopard"
    first, second = asked(service, "/v1/occurrence/search")
    assert (first["taxonKey"], first["mediaType"]) == ("5219426", "StillImage")
    assert second["offset"] == "100"
    assert all("#" not in s.query for s in service.requests)


def test_gbif_without_such_a_species_searches_all_text(service):
    service.script("/v1/species/search", Reply(body={"results": [], "endOfRecords": True}))
    service.script("/v1/occurrence/search", Reply(body=answers.gbif(0, end=True)))
    _, errors = search(service, "gbif", "a cat | of snow")
    assert errors == [None]
    assert asked(service, "/v1/occurrence/search")[0]["q"] == "a cat | of snow"


def test_inaturalist_takes_licensed_photographs_only(service):
    service.script(
        "/v1/observations",
        lambda seen: Reply(body=answers.inaturalist(int(parse_qs(seen.query)["page"][0]))),
    )
    (found,), errors = search(service, "inaturalist", "Panthera uncia", count=10)
    assert errors == [None]
    assert [r["url"] for r in found] == [
        "https://inat.example/photos/1/large.jpg",
        "https://inat.example/photos/2/large.jpg",
    ]
    assert (found[0]["width"], found[0]["height"]) == (1024, 768)
    assert found[0]["license"] == "CC BY 4.0"
    assert found[0]["attribution"] == "(c) Eve, some rights reserved (CC BY)"
    first, _ = asked(service, "/v1/observations")
    assert first["photo_license"] == "cc0,cc-by,cc-by-sa,cc-by-nc,cc-by-nd,cc-by-nc-sa,cc-by-nc-nd"
    assert first["taxon_name"] == "Panthera uncia"


def test_wikimedia_follows_its_continuation(service):
    service.script(
        "/w/api.php",
        lambda seen: Reply(
            body=answers.wikimedia(
                int(parse_qs(seen.query)["gsroffset"][0]), "gsroffset=0" in seen.query
            )
        ),
    )
    (found,), errors = search(service, "wikimedia", "snow leopard", count=3)
    assert errors == [None]
    assert [(r["title"], r["license"], r["rank"]) for r in found] == [
        ("First", "Public domain", 1),
        ("Second", "CC BY-SA 3.0", 2),
        ("First", "Public domain", 3),
    ]
    assert found[1]["creator"] == "Zoë & Co"
    assert asked(service, "/w/api.php")[0]["gsrsearch"] == "snow leopard filetype:bitmap"


def test_brave_with_its_own_header(service):
    service.script("/res/v1/images/search", Reply(body=answers.BRAVE))
    (found,), errors = search(service, "brave", "snow leopard", count=7, subscriptionKey="k3y")
    assert errors == [None]
    assert [r["url"] for r in found] == ["https://zoo.example/leopard.jpg"]
    assert found[0]["license"] is None
    assert found[0]["attribution"] is None
    (request,) = service.requests
    assert request.headers["x-subscription-token"] == "k3y"
    assert asked(service, "/res/v1/images/search") == [
        {"q": "snow leopard", "count": "7", "safesearch": "strict"}
    ]


def test_a_folder_of_ones_own(stand_ins):
    stage = ImageSearch(provider="local", url=stand_ins, count=4, offset=1)
    out = stage.transform(pa.table({"query": ["cat", "snow", "nothing such"]}))
    cats, snow, nothing = out["output"].to_pylist()
    assert [r["rank"] for r in cats] == [2, 3, 4, 5]
    assert {r["creator"] for r in cats} == {"Ann Author"}
    assert len(snow) == 1  # two, less the offset
    assert nothing == []
    free = stage.copy().setOffset(0).setLicense(["by-sa"]).transform(pa.table({"query": ["cat"]}))
    assert [r["license"] for r in free["output"][0].as_py()] == ["CC BY-SA 4.0"] * 3


@pytest.mark.parametrize("provider", sorted(PROVIDERS))
@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (Reply(429, headers={"Retry-After": "0"}), "throttled"),
        (Reply(403, body={"detail": "no"}), "forbidden"),
        (Reply(body="<html>"), "parse"),
        (Reply(body=[]), "parse"),
        (Reply(body={"results": [{"url": 5, "photos": 7, "media": "x"}], "query": []}), None),
    ],
    ids=["429", "403", "html", "list", "odd"],
)
def test_what_goes_wrong_is_a_row(service, provider, reply, kind):
    for path in (PROVIDERS[provider].path, "/v1/occurrence/search"):
        service.script(path, reply)
    (found,), (error,) = search(service, provider, "lynx", subscriptionKey="s3cret")
    assert (error and error["kind"]) == kind
    assert found == ([] if kind is None else None)
    assert "s3cret" not in str(error)


def test_the_polite_are_asked_by_the_driver_alone(monkeypatch):
    monkeypatch.undo()
    for name, provider in PROVIDERS.items():
        stage = ImageSearch(
            provider=name, concurrency=64, requestsPerSecond=50.0, maxConcurrentTasks=1
        )
        if not provider.polite:
            assert not stage.on_driver
            continue
        assert stage.on_driver
        settings = stage.settings()
        assert (settings.concurrency, settings.slots) == (1, 1)
        assert settings.rate == provider.rate <= 2.0
        with pytest.raises(ParamError, match="one client"):
            stage.setExecution("workers").output_schema(pa.schema([("query", pa.string())]))
    assert {n for n, p in PROVIDERS.items() if not p.polite} == {"brave", "local"}
    slower = ImageSearch(provider="openverse", requestsPerSecond=0.2)
    assert slower.settings().rate == 0.2


@pytest.mark.parametrize(
    ("params", "said"),
    [
        ({"provider": "bing"}, "openverse"),
        ({"provider": "brave"}, "X-Subscription-Token"),
        ({"provider": "brave", "subscriptionKey": "k", "license": ["by"]}, "knows licences"),
        ({"count": 401}, "at most 400"),
        ({"license": ["gpl"]}, "by-nc-nd"),
    ],
)
def test_what_cannot_be_asked_is_refused_early(params, said):
    with pytest.raises(IrbisError, match=said):
        ImageSearch(**params).output_schema(pa.schema([("query", pa.string())]))


def test_too_deep_is_a_row(service):
    _, (error,) = search(service, "openverse", "a", offset=390, count=20)
    assert error["kind"] == "request"
    assert "400" in error["message"]
    assert service.count() == 0
