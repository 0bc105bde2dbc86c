"""The image search stages' cases: a fake service gives the same answer to the same call."""

from urllib.parse import parse_qs

import pyarrow as pa
from hypothesis import strategies as st

import irbis
import pictures
from irbis.testing import Reply

_FAST = {"backoff": 0.0, "maxAttempts": 2, "concurrency": 4}


def _bing(seen):
    query = parse_qs(seen.query)["q"][0]
    if query == "refused":
        return Reply(401, body={"error": {"code": "401", "message": "Access denied."}})
    value = [{"contentUrl": f"http://x.example/{query}/{i}", "width": i} for i in range(2)]
    return Reply(body={"_type": "Images", "totalEstimatedMatches": 2, "value": value})


def _own(seen):
    query = parse_qs(seen.query)["q"][0]
    if query == "odd":
        return Reply(body=[1, 2])
    results = [{"url": f"http://x.example/{query}/{i}", "license": "CC BY 4.0"} for i in range(3)]
    return Reply(body={"total": 3, "offset": 0, "results": results})


def _queries(values):
    return pa.table({"id": range(len(values)), "query": pa.array(values, pa.string())})


def _urls(values):
    return pa.table({"id": range(len(values)), "urls": pa.array(values, pa.string())})


def _found(rows):
    item = pa.struct([("url", pa.string()), ("rank", pa.int32())])
    made = [None if r is None else [{"url": u, "rank": i} for i, u in enumerate(r)] for r in rows]
    return pa.table({"id": range(len(made)), "images": pa.array(made, pa.list_(item))})


def _hashes(rows):
    return pa.table(
        {
            "hash": pa.array(rows, pa.string()),
            "url": pa.array([f"u{i * 7 % 10}{i}" for i in range(len(rows))], pa.string()),
        }
    )


_QUERIES = ["lynx", "snow leopard", "refused", "odd", " ", None]
_RESULTS = [["http://a", None], [], None, ["http://b", "http://c"]]
_HASHES = ["0" * 16, "0" * 15 + "1", "f" * 16, None, "0" * 15 + "3", "0" * 14 + "1f", None]


def search_cases(service):
    """Name -> (stage, strategy of inputs, one rich input, examples to try)."""
    bing = service.script("/v7.0/images/search", _bing)
    own = service.script("/irbis/v1/images/search", _own)
    jpeg = {"Content-Type": "image/jpeg"}
    addresses = [
        service.script("/good.jpg", Reply(body=pictures.GOOD[0], headers=jpeg)),
        service.script("/bad.jpg", Reply(body=pictures.BAD[1], headers=jpeg)),
        service.script("/page.jpg", Reply(body="<html>", headers={"Content-Type": "text/html"})),
        service.url + "/gone?status=404",
        "ftp://nowhere",
        None,
    ]
    queries = st.lists(st.sampled_from(_QUERIES), max_size=5).map(_queries)
    some = st.lists(st.sampled_from(addresses), max_size=5).map(_urls)
    results = st.lists(st.sampled_from(_RESULTS), max_size=6).map(_found)
    hashes = st.lists(st.sampled_from(_HASHES), max_size=8).map(_hashes)
    return {
        "BingImageSearch": (
            irbis.BingImageSearch(url=bing, imageType="photo", **_FAST),
            queries,
            _queries(_QUERIES),
            10,
        ),
        "DropNearDuplicates": (
            irbis.DropNearDuplicates(orderCols=["url"]),
            hashes,
            _hashes(_HASHES),
            40,
        ),
        "GetBingURLs": (irbis.GetBingURLs(outer=True), results, _found(_RESULTS), 40),
        "ImageDownloader": (
            irbis.ImageDownloader(minSide=1, **_FAST),
            some,
            _urls(addresses),
            10,
        ),
        "ImageSearch": (
            irbis.ImageSearch(provider="local", url=own, count=2, **_FAST),
            queries,
            _queries(_QUERIES),
            10,
        ),
    }
