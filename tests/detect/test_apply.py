"""`irbis detect` on folders and tables: what a run that died has written is not redone."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from irbis.detect.apply import detect_pictures
from irbis.errors import DataError, ParamError
from irbis.formats.megadetector import validate
from irbis.samples import PETS
from tiny_detector import tiny_detector

PICTURES = 12


@pytest.fixture(scope="module")
def detector(spark, tmp_path_factory):
    folder = tmp_path_factory.mktemp("detector")
    tiny_detector(folder).save(str(folder / "saved"))
    return folder / "saved"


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    """A Parquet table of pictures; the last one is broken."""
    paths = sorted(PETS.rglob("*.jpg"))[: PICTURES - 1]
    content = [*(p.read_bytes() for p in paths), b"not a picture"]
    names = [*(p.name for p in paths), "z.jpg"]
    folder = tmp_path_factory.mktemp("table") / "pictures"
    folder.mkdir()
    pq.write_table(pa.table({"file_name": names, "content": content}), folder / "a.parquet")
    return folder


def rows(place):
    found = pq.read_table(place).to_pylist()
    return sorted(found, key=lambda row: row["path"])


@pytest.mark.one_engine("classic")
def test_a_run_that_died_is_gone_on_with(spark, detector, table, tmp_path):
    out = tmp_path / "found"
    first = detect_pictures(detector, table, out, show=False)
    assert (first.pictures, first.hits, first.failed, first.reused) == (12, 11, 1, 0)
    whole = rows(out)
    assert [row["path"] for row in whole] == sorted({row["path"] for row in whole})
    assert whole[-1]["detections"] is None and whole[-1]["detections_error"]["kind"]
    # As a killed driver leaves it: some tasks' files whole, another one's on its way.
    files = sorted(out.glob("*.parquet"))
    assert len(files) > 2
    half = out / "_temporary" / "0" / "_temporary" / "attempt_1"
    half.mkdir(parents=True)
    files[0].rename(half / files[0].name)
    files[1].unlink()
    (out / "_SUCCESS").unlink(missing_ok=True)
    kept = {p.name: p.stat().st_mtime_ns for p in out.glob("*.parquet")}
    second = detect_pictures(detector, table, out, show=False)
    assert 0 < second.reused == sum(pq.read_metadata(out / n).num_rows for n in kept) < 12
    assert rows(out) == whole and not (out / "_temporary").exists()
    for name, written in kept.items():
        assert (out / name).stat().st_mtime_ns == written


@pytest.mark.one_engine("classic")
def test_a_table_gives_what_the_folder_gives(spark, detector, table, tmp_path, capsys):
    folder = tmp_path / "my pictures"
    for row in pq.read_table(table).to_pylist():
        path = folder / ("in side" if row["file_name"] > "b" else ".") / row["file_name"]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(row["content"])
    (folder / "notes.txt").write_text("no picture")
    said = detect_pictures(detector, folder, tmp_path / "folder.json")
    assert "11 of 12 pictures" in capsys.readouterr().out
    frame = spark.read.parquet(str(table)).withColumnRenamed("content", "image")
    assert detect_pictures(detector, frame, tmp_path / "table.json", show=False) == said
    found = []
    for name in ("folder", "table"):
        document = json.loads((tmp_path / f"{name}.json").read_text())
        validate(document)
        images = document["images"]
        assert [i["file"] for i in images] == sorted(i["file"] for i in images)
        found.append({i["file"].rsplit("/", 1)[-1]: {**i, "file": ""} for i in images})
    assert found[0] == found[1] and len(found[0]) == 12


@pytest.mark.one_engine("classic")
def test_what_does_not_fit_is_said(spark, detector, table, tmp_path):
    out = tmp_path / "found"
    out.mkdir()
    pq.write_table(pa.table({"path": ["a"], "detector": ["of another"]}), out / "a.parquet")
    with pytest.raises(DataError, match="another detector"):
        detect_pictures(detector, table, out, show=False)
    assert detect_pictures(detector, table, out, fresh=True, show=False).pictures == 12
    assert len(rows(out)) == 12
    one = spark.createDataFrame([("a", bytearray(b"1"))], "path string, image binary")
    twice = one.unionByName(one)
    with pytest.raises(DataError, match="each path once"):
        detect_pictures(detector, twice, tmp_path / "x", show=False)
    with pytest.raises(DataError, match="for the image"):
        detect_pictures(detector, spark.range(1).selectExpr("'a' path"), tmp_path / "x", show=False)
    with pytest.raises(ParamError, match="annotated"):
        detect_pictures(detector, table, tmp_path / "x", annotated=tmp_path, show=False)
    with pytest.raises(DataError, match="folder or a table"):
        detect_pictures(detector, tmp_path / "none", tmp_path / "x", show=False)


@pytest.mark.skipif("IRBIS_SLOW" not in os.environ, reason="two sessions: set IRBIS_SLOW=1")
def test_killed_it_goes_on(spark, detector, tmp_path):
    """kill -9 of the whole process group in the middle of `irbis detect`."""
    folder, out = tmp_path / "pictures", tmp_path / "found"
    folder.mkdir()
    some = sorted(PETS.rglob("*.jpg"))
    for at in range(3000):
        shutil.copyfile(some[at % len(some)], folder / f"{at:05}.jpg")
    command = [
        str(Path(sys.executable).parent / "irbis"), "detect", str(detector), str(folder), "--out", str(out),
    ]  # fmt: skip
    with (tmp_path / "stderr").open("w") as said:
        run = subprocess.Popen(command, stdout=said, stderr=said, start_new_session=True)
        end = time.monotonic() + 300
        while len(list(out.glob("*.parquet"))) < 2:
            assert run.poll() is None and time.monotonic() < end, (tmp_path / "stderr").read_text()
            time.sleep(0.01)
        os.killpg(run.pid, signal.SIGKILL)
        assert run.wait() == -signal.SIGKILL
    second = detect_pictures(detector, folder, out, show=False)
    assert 0 < second.reused < 3000 == second.pictures
    undisturbed = tmp_path / "undisturbed"
    detect_pictures(detector, folder, undisturbed, show=False)
    assert rows(out) == rows(undisturbed)
