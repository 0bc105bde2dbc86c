"""A discovery that is run again, and one that was killed: the same numbers, nothing done twice."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from irbis import Detector, ImageFeaturizer, ImageLIME, PipelineModel, discover
from irbis.detect.explaining import explain, of_contents
from irbis.detect.plan import PLAN
from irbis.detect.progress import Steps
from irbis.errors import DataError, ParamError
from irbis.formats.coco import read_coco
from irbis.samples import PETS

# A few held-out pictures are explained for the report, and none else.
SECOND = {"second detector", "second detections"}
STEPS = {"fingerprints", *(step.name for step in PLAN)} - {"explanations"} - SECOND


def numbers(report):
    return {
        name: value
        for name, value in report.items()
        if name not in ("seconds", "reused", "licences")
    }


def again(folders, out, **options):
    return discover(
        "cat", [folders / "cats"], [folders / "dogs"], out,
        truth=PETS / "annotations.json", show=False, **{"iterations": 2, **options},
    )  # fmt: skip


@pytest.fixture
def copied(done, tmp_path):
    out, report = done
    shutil.copytree(out / "steps", tmp_path / "out" / "steps")
    return tmp_path / "out", report


def test_moved_and_touched_pictures_are_the_same(copied, folders, tmp_path):
    out, report = copied
    moved = tmp_path / "elsewhere"
    for name in ("cats", "dogs"):
        shutil.copytree(folders / name / "deep er", moved / name / "a" / "b")
        for path in (folders / name).glob("*.jpg"):
            shutil.copyfile(path, moved / name / path.name)
    second = again(moved, out)
    assert set(second["reused"]) == STEPS
    assert report["reused"] == []
    assert numbers(second) == numbers(report)
    assert PipelineModel.load(str(out / "classifier")).stages[0].getCutOutputLayers() == 2
    assert Detector.load(str(out / "detector")).getLabels() == ["cat"]
    assert "(reused)" in (out / "report.html").read_text()


def test_a_change_runs_what_depends_on_it(copied, folders, tmp_path, done):
    """And a second detector, if it is asked for; kept or not, the report says what it was judged by."""
    out, _ = copied
    changed = tmp_path / "changed"
    shutil.copytree(folders, changed)
    # A held-out dog with a byte behind its end: another content, the same picture.
    held = pq.read_table(next((out / "steps").glob("answers-*/answers.parquet")))["sha256"]
    dog = next(p for p in changed.glob("dogs/*.jpg") if sha256(p) in held.to_pylist())
    dog.write_bytes(dog.read_bytes() + b"\0")
    second = again(changed, out, iterations=1, self_training=True)
    assert STEPS - set(second["reused"]) == {
        "fingerprints", "held-out features", "answers", "shuffled labels", "grey pixels",
        "detector", "detections",
    }  # fmt: skip
    assert second["classifier"] == done[1]["classifier"]
    assert second["pseudo_boxes"] == done[1]["pseudo_boxes"]
    said = second["self_training"]
    assert said["kept"] == (said["second_agreement"] > said["first_agreement"])
    (step,) = out.glob(f"steps/{'second-' * said['kept']}detector-*")
    first_or_second = Detector.load(str(step / "model")).getFile()["sha256"]
    assert Detector.load(str(out / "detector")).getFile()["sha256"] == first_or_second
    assert second["detector"]["iterations"] == 1
    assert "A second detector was trained" in (out / "report.html").read_text()
    assert not SECOND & set(done[1]["seconds"])
    assert set(second["seconds"]) >= SECOND
    # What was replaced is gone, and nothing half-made is left.
    names = sorted(p.name for p in (out / "steps").iterdir() if p.is_dir())
    assert len(names) == len(STEPS | SECOND)
    assert not [name for name in names if name.endswith(".unfinished")]


def test_boxes_of_another_program(copied, folders, tmp_path, done):
    """MegaDetector's file is a box source like any other; all before it is reused."""
    out, report = copied
    entries = [
        {"file": f"cats/{path.relative_to(folders / 'cats').as_posix()}", "detections": [
            {"category": "1", "conf": 0.9, "bbox": [0.1, 0.2, 0.7, 0.6]},
            {"category": "1", "conf": 0.1, "bbox": [0.0, 0.0, 0.3, 0.3]},
            {"category": "2", "conf": 0.9, "bbox": [0.5, 0.5, 0.3, 0.3]},
        ]}
        for path in sorted((folders / "cats").rglob("*.jpg"))
    ]  # fmt: skip
    document = {
        "info": {"detector": "md_v5a.0.0.pt", "format_version": "1.3"},
        "detection_categories": {"1": "animal", "2": "person"},
        "images": entries,
    }
    file = tmp_path / "megadetector.json"
    file.write_text(json.dumps(document))
    second = again(folders, out, boxes=file)
    assert STEPS - set(second["reused"]) == {
        "boxes", "held-out boxes", "localizer", "detector", "detections",
    }  # fmt: skip
    assert second["classifier"] == report["classifier"]
    for image in read_coco(out / "boxes.json").values():
        (box,) = image.boxes
        share = box / np.array([image.width, image.height] * 2)
        assert np.allclose(share, [0.1, 0.2, 0.8, 0.8], atol=1e-3)
    assert "animal, score &gt;= 0.2" in (out / "report.html").read_text()
    other = {**document, "images": [{"file": "elsewhere.jpg", "detections": []}]}
    file.write_text(json.dumps(other))
    with pytest.raises(DataError, match="knows none of"):
        again(folders, out, boxes=file)
    with pytest.raises(ParamError, match="no rule"):
        again(folders, out, boxes=file, rule="otsu")


def sha256(path):
    from irbis.files import sha256_of

    return sha256_of(path)


def test_a_killed_run_goes_on_where_it_died(done, folders, tmp_path):
    out = tmp_path / "killed"
    if "IRBIS_SLOW" not in os.environ:  # else from the start, in another session
        shutil.copytree(done[0] / "steps", out / "steps")
        for name in ("held-out-boxes", "held-out-explanations", "detector", "detections"):
            (folder,) = out.glob(f"steps/{name}-*")
            shutil.rmtree(folder)
    command = [
        str(Path(sys.executable).parent / "irbis"), "discover", "cat",
        "--images", str(folders / "cats"), "--others", str(folders / "dogs"),
        "--truth", str(PETS / "annotations.json"), "--iterations", "2", "--out", str(out),
    ]  # fmt: skip
    # A session of its own, on classic Spark, whatever the one of this process is.
    own = {k: v for k, v in os.environ.items() if not k.startswith(("SPARK_", "PYSPARK_"))}
    with (tmp_path / "stderr").open("w") as said:
        run = subprocess.Popen(command, stdout=said, stderr=said, start_new_session=True, env=own)
        deadline = time.monotonic() + 480
        while not list(out.glob("steps/detector-*.unfinished")):
            assert run.poll() is None, (tmp_path / "stderr").read_text()[-3000:]
            assert time.monotonic() < deadline, (tmp_path / "stderr").read_text()[-3000:]
            time.sleep(0.02)
        os.killpg(run.pid, signal.SIGKILL)
        assert run.wait() == -signal.SIGKILL
    assert not (out / "report.json").exists()
    report = again(folders, out)
    assert set(report["reused"]) == STEPS - {"detector", "detections"}
    assert numbers(report) == numbers(done[1])


class Dies:
    """A bar that ends the run at its second wave."""

    def __init__(self):
        self.waves = 0

    def update(self, _):
        self.waves += 1
        if self.waves == 2:
            raise KeyboardInterrupt


@pytest.mark.one_engine("classic")
def test_explanations_go_on_with_the_wave_they_died_in(spark, network, folders, tmp_path):
    rows = [
        (f"{i:02}", bytearray(path.read_bytes()))
        for i, path in enumerate(sorted((folders / "cats").glob("*.jpg")))
    ]
    frame = spark.createDataFrame(rows, "sha256 string, image binary")
    model = ImageFeaturizer(cutOutputLayers=0, outputCol="p").setModel(network)
    stage = ImageLIME(model=model, targetCol="p", targetClasses=[281], numSamples=8, numSegments=4)
    with pytest.raises(KeyboardInterrupt):
        explain(stage, frame, 48, tmp_path, Dies())  # as for 48 pictures: four waves
    first = {p.name: p.stat().st_mtime_ns for p in tmp_path.iterdir()}
    assert sorted(first) == ["wave-00.parquet", "wave-01.parquet"]
    with Steps(show=False).step("explain", len(rows)) as bar:
        explain(stage, frame, 48, tmp_path, bar)
    files = sorted(tmp_path.iterdir())
    assert [p.name for p in files] == [f"wave-0{i}.parquet" for i in range(4)]
    assert {p.name: p.stat().st_mtime_ns for p in files[:2]} == first
    found = [sha for p in files for sha in pq.read_table(p)["sha256"].to_pylist()]
    assert sorted(found) == [sha for sha, _ in rows]
    some = {rows[0][0], rows[-1][0]}
    assert set(of_contents(tmp_path, some)) == some - {
        sha for sha, data in rows if data == b"not a picture"
    }
