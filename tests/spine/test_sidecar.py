"""The sidecar's format: what is in it comes back to the bit, and what is wrong with it is said."""

import json
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays_of

import irbis
from irbis.errors import DataError
from irbis.sidecar import FORMAT, decode, digest_of, encode, pack, parts_of, unpack


@dataclass(frozen=True)
class Held:
    value: object


plain = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**60), 2**60), st.floats(), st.text(max_size=5)
)
dtypes = st.sampled_from([np.float64, np.float32, np.int64, np.uint8, np.bool_])
arrays = arrays_of.arrays(dtypes, arrays_of.array_shapes(min_dims=1, max_dims=3, min_side=0))
fields = st.recursive(
    st.one_of(plain, arrays), lambda inner: st.lists(inner, max_size=3).map(tuple)
)


def equal(a, b):
    if isinstance(a, tuple):
        return isinstance(b, tuple) and len(a) == len(b) and all(map(equal, a, b))
    if isinstance(a, np.ndarray):
        return a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()
    return type(a) is type(b) and (a == b or (a != a and b != b))


@given(fields)
def test_fields_come_back_to_the_bit(value):
    held = {}
    document = {"format": FORMAT, "fields": encode(Held(value), "uid", held)}
    rows = parts_of(pack(document, held))
    files = {n: b"".join(c for m, _, c in rows if m == n) for n, _, _ in rows}
    found, loaded = unpack(files, "path")
    assert equal(decode(found["fields"]["value"], loaded), value)


def test_long_files_are_cut():
    content = bytes(range(256)) * 40_000
    rows = parts_of({"a": content, "b": b""})
    assert [(n, i) for n, i, _ in rows] == [("a", 0), ("a", 1), ("a", 2), ("b", 0)]
    assert b"".join(c for n, _, c in rows if n == "a") == content


def test_what_can_t_be_written_is_said():
    for value in (object(), {"a": 1}, np.array(["text"])):
        with pytest.raises(TypeError, match="^value holds a "):
            encode(Held(value), "uid", {})


STAGE = {
    "kind": "stage",
    "class": "irbis.image.perceptual_hash.PerceptualHash",
    "uid": "hash_1",
    "params": {},
    "defaults": {},
    "nested": {},
    "files": [],
}


def write(path, root=STAGE, **changes):
    """A saved model as Spark leaves it, made by hand."""
    document = {"format": FORMAT, "irbis": "0.0", "root": root, **changes}
    files = pack(document, {"big": np.arange(3.0)})
    line = json.dumps({"uid": root["uid"], "sidecar_sha256": digest_of(files)})
    (path / "metadata").mkdir(parents=True)
    (path / "metadata" / "part-00000.txt").write_text(line + "\n")
    (path / "metadata" / "_SUCCESS").write_text("")
    (path / "sidecar").mkdir()
    rows = parts_of(files)
    names = ["name", "part", "content"]
    table = pa.table({n: [r[i] for r in rows] for i, n in enumerate(names)})
    file = path / "sidecar" / "part-00000.parquet"
    pq.write_table(table, file, compression="none")
    return file


def refused(path, *said):
    with pytest.raises(DataError) as caught:
        irbis.load(path)
    for part in said:
        assert part in str(caught.value)


def test_a_model_made_by_hand_loads(tmp_path):
    write(tmp_path / "m m", {**STAGE, "params": {"outputCol": "h"}, "defaults": {"gone": 1}})
    (stage,) = irbis.load(tmp_path / "m m").stages
    assert type(stage) is irbis.PerceptualHash
    assert (stage.uid, stage.getOutputCol()) == ("hash_1", "h")


def test_nothing_there(tmp_path):
    refused(tmp_path / "no", "nothing at")
    refused(tmp_path, "without metadata")
    refused("nosuch://host/path", "a path that pyarrow reaches")


def test_saved_before_there_were_sidecars(tmp_path):
    (tmp_path / "metadata").mkdir()
    refused(tmp_path, "without a sidecar", "PipelineModel.load", "save it again")


def test_another_format(tmp_path):
    write(tmp_path, format=FORMAT + 1, irbis="9.1")
    refused(
        tmp_path, f"format {FORMAT + 1}", "irbis 9.1", f"format {FORMAT}, which this version reads"
    )


def test_a_sidecar_left_behind(tmp_path):
    write(tmp_path)
    (tmp_path / "metadata" / "part-00000.txt").write_text('{"uid": "another"}\n')
    refused(tmp_path, "left from something else saved there before")


@pytest.mark.parametrize("how", ["flipped", "cut", "gone", "text"])
def test_a_damaged_file(how, tmp_path):
    file = write(tmp_path)
    content = file.read_bytes()
    if how == "flipped":
        file.write_bytes(content.replace(b"hash_1", b"hash_2"))
    elif how == "cut":
        file.write_bytes(content[: len(content) // 2])
    elif how == "gone":
        file.unlink()
    else:
        file.write_text("not Parquet")
    refused(tmp_path, "sidecar", "again")


@pytest.mark.parametrize("name", ["sidecar.json", "arrays.arrow"])
def test_a_damaged_part(name, tmp_path):
    file = write(tmp_path)
    rows = pq.read_table(file).to_pylist()
    for row in rows:
        if row["name"] == name:
            row["content"] = row["content"][:-20]
    pq.write_table(pa.Table.from_pylist(rows), file)
    refused(tmp_path, "damaged", "save the model again")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"class": "os.system"}, "os.system, which is no class"),
        ({"class": "pathlib.Path"}, "pathlib.Path; expected the class of a stage"),
        (
            {"class": "irbis.image.perceptual_hash.Gone"},
            "no class irbis.image.perceptual_hash.Gone",
        ),
        ({"class": "no_such_module.Stage"}, "install the package that has no_such_module"),
        ({"class": "Stage"}, "no class Stage here"),
        ({"class": "irbis.FasterRCNN"}, "expected the class of a stage"),
        ({"params": {"noSuchParam": 1}}, "noSuchParam"),
        ({"params": {"outputCol": 3}}, "outputCol"),
        ({"nested": None}, "does not fit"),
        ({"kind": "adapter", "fields": {}}, "expected the class of an adapter"),
        (
            {"kind": "adapter", "class": "irbis.adapters.pca.PCAAdapter", "fields": {"k": 1}},
            "does not fit",
        ),
        ({"kind": "spark", "class": "a.B", "why": "it has no adapter"}, "a.B (it has no adapter)"),
        ({"kind": "estimator", "class": "a.B"}, "a.B (not fitted)"),
    ],
    ids=lambda v: str(v)[:40],
)
def test_parts_that_do_not_do(changes, said, tmp_path):
    write(tmp_path, {**STAGE, **changes})
    refused(tmp_path, said)


def test_a_missing_file_of_a_stage(tmp_path):
    lost = {"path": "/no/where.onnx", "sha256": "0" * 64, "at": "files"}
    write(tmp_path, {**STAGE, "files": [lost]})
    refused(tmp_path, "/files:")
    content = pa.table({"sha256": ["0" * 64], "part": [0], "content": [b"something else"]})
    (tmp_path / "files").mkdir()
    pq.write_table(content, tmp_path / "files" / "part-0.parquet")
    refused(tmp_path, "a damaged copy of where.onnx")
