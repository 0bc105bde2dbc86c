"""Files by content, and one copy of heavy things per process."""

import threading

import pytest

from irbis import ImageFeaturizer, PipelineModel
from irbis.errors import DataError
from irbis.files import FileRef, cache_dir, keep
from irbis.process_cache import cached


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("IRBIS_HOME", str(tmp_path / "home"))
    return tmp_path


def test_keep_and_locate(home):
    ref = keep(b"model")
    assert ref.locate().parent == cache_dir() / "files"
    assert keep(b"model") == ref
    moved = FileRef("/nowhere/else.onnx", ref.sha256)
    assert moved.locate().read_bytes() == b"model"


def test_changed_content_is_not_taken(home):
    path = home / "a.onnx"
    path.write_bytes(b"one")
    ref = keep(b"one")
    here = FileRef(str(path), ref.sha256)
    path.write_bytes(b"two")
    (cache_dir() / "files" / ref.sha256).unlink()
    with pytest.raises(DataError, match="Spark sent to this worker"):
        here.locate()


def test_what_is_sent_leaves_no_folder_behind(home, monkeypatch):
    from irbis.shipping import _named_by_content

    spare = home / "spare"
    spare.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(spare))
    (home / "model").write_bytes(b"model")
    ref = FileRef(str(home / "model"), keep(b"model").sha256)
    (cache_dir() / "files" / ref.sha256).unlink()
    assert _named_by_content(ref, ref.sha256).parent == cache_dir() / "files"
    assert not list(spare.iterdir())
    # A cache that can't be written.
    monkeypatch.setenv("IRBIS_HOME", str(home / "model"))
    sent = _named_by_content(ref, ref.sha256)
    assert sent.read_bytes() == b"model"
    assert spare in sent.parents


def test_a_saved_stage_brings_its_file(spark, network, home, tmp_path):
    """Saved here, loaded where neither the path nor the cache has the network."""
    import shutil

    away = tmp_path / "away.onnx"
    shutil.copy(network.uri, away)
    from dataclasses import replace

    stage = ImageFeaturizer().setModel(replace(network, uri=str(away)))
    PipelineModel([stage]).save(str(tmp_path / "saved"))
    away.unlink()
    with pytest.raises(DataError):
        stage.getModel().file.locate()
    loaded = PipelineModel.load(str(tmp_path / "saved")).stages[0]
    assert loaded.getModel().file.locate().parent == cache_dir() / "files"


def test_loading_another_class_is_refused(spark, tmp_path):
    from irbis import PerceptualHash, UnrollImage

    UnrollImage().save(str(tmp_path / "s"))
    with pytest.raises(DataError, match="UnrollImage"):
        PerceptualHash.load(str(tmp_path / "s"))


def test_one_copy_per_process():
    made = []

    def load():
        made.append(1)
        return object()

    found = []
    threads = [
        threading.Thread(target=lambda: found.append(cached("only once", load))) for _ in range(8)
    ]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert len(made) == 1
    assert len(set(map(id, found))) == 1


def test_the_cache_is_bounded():
    made = []
    for i in range(20):
        cached(("bounded", i), lambda i=i: made.append(i))
    cached(("bounded", 19), lambda: made.append("again"))
    cached(("bounded", 0), lambda: made.append("gone, loaded anew"))
    assert made == [*range(20), "gone, loaded anew"]
