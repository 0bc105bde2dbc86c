"""Folders of pictures with provenance, in batch and as they come."""

import os
import time

import pytest

import pictures
from irbis import ReadExif
from irbis.errors import DataError, ParamError
from irbis.image.source import file_pattern, picture_files


@pytest.fixture
def folder(tmp_path):
    root = tmp_path / "my pictures"
    (root / "deep").mkdir(parents=True)
    for name in ("a.jpg", "B.JPG", "deep/c.Png", "deep/note.txt", ".d.jpg"):
        (root / name).write_bytes(pictures.GOOD[0])
    return root


def names(frame):
    return sorted(row["path"].rpartition("/")[2] for row in frame.select("path").collect())


def test_a_pattern_takes_any_case() -> None:
    assert file_pattern(["jp2"]) == "*.{[jJ][pP]2}"
    with pytest.raises(ParamError, match="names such as"):
        file_pattern(["j*"])


def test_what_is_read_and_what_is_known_of_it(spark, folder) -> None:
    frame = spark.read.file(folder)
    row = frame.where("path like '%/a.jpg'").collect()[0]
    assert row["path"] == str(folder / "a.jpg") and row["size"] == len(pictures.GOOD[0])
    assert row["modified"].timestamp() == pytest.approx((folder / "a.jpg").stat().st_mtime, abs=1)
    assert bytes(row["image"]) == pictures.GOOD[0]
    assert names(frame) == ["B.JPG", "a.jpg", "c.Png"]
    assert names(spark.read.file(folder, recursive=False)) == ["B.JPG", "a.jpg"]
    both = [folder / "deep", folder]  # one inside the other: each picture once
    assert names(spark.read.file(both, glob="[ac]*")) == ["a.jpg", "c.Png"]
    assert names(spark.read.file(folder, extensions=["PNG"], content=False)) == ["c.Png"]
    assert names(spark.read.file(folder, glob="*", extensions=["txt"])) == ["note.txt"]


def test_what_can_not_be_is_said_early(spark, tmp_path) -> None:
    with pytest.raises(DataError, match="a folder"):
        spark.read.file(tmp_path / "no")
    with pytest.raises(ParamError, match="2 folders"):
        spark.readStream.file([tmp_path, tmp_path])
    with pytest.raises(ParamError, match="max_files"):
        picture_files(spark, tmp_path, max_files=0)


def test_a_stream_takes_every_picture_once_however_old_it_is(spark, folder, tmp_path) -> None:
    def run():
        stream = ReadExif().transform(spark.readStream.file(folder, max_files=2))
        query = (
            stream.select("path", "size", "exif.width", "exif_error")
            .writeStream.format("parquet")
            .option("checkpointLocation", str(tmp_path / "checkpoint"))
            .trigger(availableNow=True)
            .start(str(tmp_path / "out"))
        )
        assert query.awaitTermination(120) and query.exception() is None

    run()
    for name, age in (("old.jpg", 400), ("new.jpg", 0)):
        (folder / name).write_bytes(pictures.GOOD[0][:200])  # cut short: its header is whole
        os.utime(folder / name, (time.time() - age * 86400,) * 2)
    run()
    rows = spark.read.parquet(str(tmp_path / "out")).collect()
    found = sorted(row["path"].rpartition("/")[2] for row in rows)
    assert found == ["B.JPG", "a.jpg", "c.Png", "new.jpg", "old.jpg"]
