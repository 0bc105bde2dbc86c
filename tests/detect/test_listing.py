"""Discover on more pictures than it learns from: which are taken, and that all are searched."""

import hashlib
import json
import os

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from irbis import discover
from irbis.detect.listing import copy_some, listing
from irbis.formats.megadetector import validate

ROWS = [(f"/p/{i % 3}/{i:03}.jpg", float(i % 2), bytearray(b"%d" % i)) for i in range(60)]
SCHEMA = "path string, label double, image binary"


def sha(row):
    return hashlib.sha256(row[2] or b"").hexdigest()


@pytest.mark.one_engine("classic")
def test_the_smallest_hashes_of_each_side(spark, tmp_path):
    frame = spark.createDataFrame(ROWS, SCHEMA)
    with listing(frame, tmp_path / "l") as all_of:
        assert all_of.counts == {0.0: 30, 1.0: 30} and all_of.total == 60 and all_of.base == "/p"
        some, whole, before = all_of.chosen(9), all_of.chosen(100), all_of.digest
    assert not (tmp_path / "l").exists()
    expected = sorted((sha(r), r[0]) for r in ROWS)
    assert [(r["sha256"], r["path"]) for r in whole] == expected
    for label in (0.0, 1.0):
        mine = sorted(sha(r) for r in ROWS if r[1] == label)[:9]
        assert [r["sha256"] for r in some if r["label"] == label] == mine
    copy_some(frame, some, tmp_path / "copied")
    copied = pq.read_table(tmp_path / "copied").to_pylist()
    assert {r["path"]: hashlib.sha256(r["image"]).hexdigest() for r in copied} == {
        r["path"]: r["sha256"] for r in some
    }
    # The digest knows contents and labels, no names and no order.
    named = [(f"/q/{i}", label, image) for i, (_, label, image) in enumerate(ROWS[::-1])]
    changed = [*ROWS[:-1], (*ROWS[-1][:2], bytearray(b"other"))]
    relabelled = [*ROWS[:-1], (ROWS[-1][0], 0.0, ROWS[-1][2])]
    digests = []
    for rows in (named, changed, relabelled):
        with listing(spark.createDataFrame(rows, SCHEMA).repartition(3), tmp_path / "l") as other:
            digests.append(other.digest)
    assert digests[0] == before and len({before, *digests}) == 3


@pytest.mark.skipif("IRBIS_SLOW" not in os.environ, reason="a whole discovery: set IRBIS_SLOW=1")
@pytest.mark.one_engine("classic")
def test_a_sample_of_tables_teaches_and_all_is_searched(spark, folders, tmp_path):
    tables = {}
    for name in ("cats", "dogs"):
        paths = sorted((folders / name).rglob("*.jpg"))
        tables[name] = tmp_path / f"{name}.parquet"
        names = [f"/traps/{name}/{p.relative_to(folders / name)}" for p in paths]
        content = [p.read_bytes() for p in paths]
        pq.write_table(pa.table({"path": names, "image": content}), tables[name])
    out = tmp_path / "out"

    def run():
        return discover(
            "cat", [tables["cats"]], [tables["dogs"]], out, iterations=4, most=12, show=False
        )

    report = run()
    assert report["images"]["other"] == 12 and report["images"]["all"] == 27
    document = json.loads((out / "detections.json").read_text())
    validate(document)
    files = [image["file"] for image in document["images"]]
    assert files == sorted(files) and len(files) == 27
    assert "searched all 27" in (out / "report.html").read_text()
    assert files[0].startswith("cats/") and not (out / ".listing").exists()
    again = run()
    assert {"sample", "detector", "detections"} <= set(again["reused"])
    assert again["classifier"] == report["classifier"]
