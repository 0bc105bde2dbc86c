"""What the downloader takes for a picture, and what it says of everything else."""

import hashlib
import io
import struct
import zlib

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

import pictures
from irbis import DropNearDuplicates, ImageDownloader, PerceptualHash
from irbis.errors import SchemaError
from irbis.image.duplicates import groups_of
from irbis.testing import Reply

JPEG = {"Content-Type": "image/jpeg"}
GOOD = pictures.encoded(60, 80)


def fetch(urls, **params):
    stage = ImageDownloader(backoff=0.0, maxAttempts=2, **params)
    out = stage.transform(pa.table({"urls": pa.array(urls, pa.string())}))
    return (out[name].to_pylist() for name in ("image", "image_info", "image_error"))


def bomb(side):
    """A small PNG that announces a huge picture."""
    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    data = zlib.compress(b"\0" * 1000)
    parts = [(b"IHDR", head), (b"IDAT", data), (b"IEND", b"")]
    chunks = [
        struct.pack(">I", len(d)) + k + d + struct.pack(">I", zlib.crc32(k + d)) for k, d in parts
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


@pytest.mark.parametrize(
    ("body", "headers", "kind"),
    [
        (GOOD, JPEG, None),
        (GOOD, {}, None),
        (GOOD, {"Content-Type": "application/octet-stream"}, None),
        (GOOD, {"Content-Type": "image/png"}, None),  # the bytes say what it is
        (GOOD, {"Content-Type": "text/plain"}, "content_type"),
        (b"<html>no such picture</html>", JPEG, "format"),
        (b"\x89PDF", JPEG, "decode"),
        (b"%PDF-1.4", JPEG, "format"),
        (b"", JPEG, "empty"),
        (GOOD[: len(GOOD) // 2], JPEG, "truncated"),
        (bomb(50_000), {"Content-Type": "image/png"}, "too_large"),
        (GOOD + b"\0" * 100_000, JPEG, "too_large"),  # by maxResponseBytes
        (pictures.encoded(10, 500), JPEG, "too_small"),
    ],
)
def test_what_is_a_picture(service, body, headers, kind):
    url = service.script("/picture", Reply(body=body, headers=headers))
    (data,), (info,), (error,) = fetch([url], maxResponseBytes=90_000)
    assert (error and error["kind"]) == kind
    assert (data, info is None) == ((body, False) if kind is None else (None, True))


def test_what_is_known_of_it(service):
    out = io.BytesIO()
    exif = Image.Exif()
    exif[0x0112] = 6  # lies on its side
    Image.fromarray(pictures.array(40, 100)).save(out, "JPEG", exif=exif)
    final = service.script("/final", Reply(body=out.getvalue(), headers=JPEG))
    url = service.script("/first", Reply(302, headers={"Location": "/final"}))
    service.clear()
    _, (info,), _ = fetch([url])
    assert info == {
        "format": "JPEG",
        "width": 40,
        "height": 100,
        "bytes": len(out.getvalue()),
        "sha256": hashlib.sha256(out.getvalue()).hexdigest(),
        "contentType": "image/jpeg",
        "url": final,
    }
    assert all(s.headers["user-agent"].startswith("irbis/") for s in service.requests)


def test_faults_of_the_way(service):
    urls = [service.url + "/x?how=cut&size=99", service.refused_url, "ftp://a/b", None, " "]
    _, _, errors = fetch(urls)
    assert [e["kind"] for e in errors] == ["disconnected", "connect", "request", "null", "request"]


def test_columns(service):
    url = service.script("/ok", Reply(body=GOOD, headers=JPEG))
    table = pa.table({"urls": [url], "license": ["CC0 1.0"]})
    out = ImageDownloader(infoCol=None, outputCol="x").transform(table)
    assert out.column_names == ["urls", "license", "x", "x_error"]
    with pytest.raises(SchemaError, match="addresses"):
        ImageDownloader().output_schema(pa.schema([("urls", pa.int64())]))


def test_copies_of_a_picture_are_one():
    picture = Image.fromarray(pictures.array(300, 400, 7))
    copies = []
    for size, quality in (((400, 300), 95), ((200, 150), 60), ((320, 240), 30)):
        out = io.BytesIO()
        picture.resize(size).save(out, "JPEG", quality=quality)
        copies.append(out.getvalue())
    other = pictures.encoded(300, 400, 1)
    table = pa.table({"url": ["c", "a", "b", "o", "x"], "image": [*copies, other, b"none"]})
    left = DropNearDuplicates(orderCols=["url"]).transform(PerceptualHash().transform(table))
    assert left["url"].to_pylist() == ["a", "o", "x"]


_hash = st.integers(0, 2**64 - 1)


@given(st.lists(_hash, max_size=30), st.integers(0, 7), st.data())
def test_groups_are_what_close_pairs_connect(values, distance, data):
    near = [v ^ (1 << data.draw(st.integers(0, 63))) for v in values[:5]]
    hashes = [f"{v:016x}" for v in (*values, *near)]
    found = groups_of(hashes, distance)
    numbers = [int(h, 16) for h in hashes]
    group = list(range(len(hashes)))
    for i, a in enumerate(numbers):
        for j, b in enumerate(numbers[:i]):
            if (a ^ b).bit_count() <= distance:
                old, new = group[i], group[j]
                group = [new if g == old else g for g in group]
    members = [{h for h, g in zip(hashes, group, strict=True) if g == mine} for mine in group]
    assert found == [min(m) for m in members]


def test_many_hashes_at_once():
    rng = np.random.default_rng(0)
    hashes = [f"{v:016x}" for v in rng.integers(0, 2**63, 20_000)]
    assert len(set(groups_of(hashes, 3))) > 19_900
