"""ReadFiles: what it says of each file, how much it holds, and that only paths travel."""

from types import SimpleNamespace

import pyarrow as pa
import pytest

from irbis import DropColumns, PerceptualHash, PipelineModel, ReadFiles, UnrollImage
from irbis.errors import ParamError, RowError, SchemaError
from irbis.file_reading import BATCH_BYTES
from irbis.image.reading import read_pictures
from irbis.samples import PETS


def _read(paths, **params):
    return ReadFiles(**params).transform(pa.table({"path": pa.array(paths, pa.string())}))


def test_each_kind_of_row(tmp_path):
    (tmp_path / "a b%20ü").write_bytes(b"abc")
    (tmp_path / "large").write_bytes(b"12345")
    paths = [f"{tmp_path}/a b%20ü", f"file:{tmp_path}/a b%20ü", f"file://{tmp_path}/a b%20ü"]
    paths += [None, "", str(tmp_path), f"{tmp_path}/none", f"{tmp_path}/large", "no://such/store"]
    found = _read(paths, maxBytes=4)
    assert found["image"].to_pylist() == [b"abc"] * 3 + [None] * 6
    kinds = [e and e["kind"] for e in found["image_error"].to_pylist()]
    assert kinds == [None] * 3 + ["null", "null", "read", "missing", "too_large", "read"]
    assert "directory" in found["image_error"][5].as_py()["message"].lower()


def test_raising(tmp_path):
    (tmp_path / "a").write_bytes(b"abc")
    assert _read([f"{tmp_path}/a"], errors="raise").column_names == ["path", "image"]
    with pytest.raises(RowError, match="row 1: no such file"):
        _read([f"{tmp_path}/a", f"{tmp_path}/b"], errors="raise")


def test_batches_are_bounded_by_bytes(tmp_path):
    big = tmp_path / "big"
    big.write_bytes(b"x" * (BATCH_BYTES // 2))
    batch = pa.record_batch({"path": [str(big)] * 7, "row": list(range(7))})
    parts = list(ReadFiles().make_stream_function()(iter([batch, batch.slice(0, 0)])))
    assert [p.num_rows for p in parts] == [2, 2, 2, 1, 0]
    assert [r for p in parts for r in p["row"].to_pylist()] == list(range(7))
    whole = ReadFiles().make_function()(batch)
    assert whole.num_rows == 7


def test_a_store_is_read_by_its_uri(tmp_path, monkeypatch):
    # A file system of Arrow that is not this machine's disk, opened by URI.
    from pyarrow import fs

    from irbis import file_reading

    (tmp_path / "key with %41").write_bytes(b"stored")
    asked = []

    def from_uri(uri):
        asked.append(uri)
        return fs.SubTreeFileSystem(str(tmp_path), fs.LocalFileSystem()), ""

    monkeypatch.setattr(
        file_reading, "fs", SimpleNamespace(FileSystem=SimpleNamespace(from_uri=from_uri))
    )
    found = _read(
        ["s3a://a-bucket/key with %41", "s3a://a-bucket/none", "s3://a-bucket/key with %41"]
    )
    assert found["image"].to_pylist() == [b"stored", None, b"stored"]
    assert found["image_error"][1].as_py()["kind"] == "missing"
    assert asked == ["s3://a-bucket/"]  # one client for a bucket


@pytest.mark.parametrize(
    ("table", "error"),
    [
        (pa.table({"path": [1]}), SchemaError),
        (pa.table({"other": ["a"]}), SchemaError),
    ],
)
def test_wrong_input_is_early(table, error):
    with pytest.raises(error):
        ReadFiles().transform(table)
    with pytest.raises(ParamError):
        ReadFiles(outputCol="path").transform(pa.table({"path": ["a"]}))


def test_from_a_folder_in_spark_only_paths_travel(spark):
    listed = read_pictures(spark, [PETS], content=False)
    assert listed.columns == ["path"]
    stages = [
        ReadFiles(),
        UnrollImage(width=2, height=2),
        PerceptualHash(),
        DropColumns(cols=["image"]),
    ]
    found = PipelineModel(stages).transform(listed)
    with_bytes = PipelineModel(stages[1:]).transform(read_pictures(spark, [PETS]))
    assert found.columns == [
        "path",
        "image_error",
        "unrolled",
        "unrolled_error",
        "hash",
        "hash_error",
    ]
    rows = {r.path: (r.unrolled, r.hash, r.image_error) for r in found.collect()}
    expected = {r.path: (r.unrolled, r.hash, None) for r in with_bytes.collect()}
    assert rows == expected
    assert len(rows) > 50
