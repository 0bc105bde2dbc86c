"""The main job, small: its outputs are a contract, and a detector comes out that works."""

import json
import re
import shutil

import numpy as np
import pytest

from irbis import Detector, PipelineModel, discover
from irbis.detect import catalog as catalogs
from irbis.detect.answers import area_under_roc
from irbis.detect.apply import detect_pictures
from irbis.detect.classify import classify
from irbis.detect.evaluate import evaluate
from irbis.detect.features import featurizer
from irbis.detect.holdout import held_out
from irbis.detect.job import Job
from irbis.detect.listing import listing
from irbis.detect.plan import keys, params_of
from irbis.detect.progress import Steps
from irbis.detect.store import Store
from irbis.detect.truth import Truth
from irbis.errors import DataError, ParamError
from irbis.formats.coco import read_coco
from irbis.formats.megadetector import validate
from irbis.samples import PETS


def catalog_of(spark, folders, place):
    frame = catalogs.read(spark, [folders / "cats"], [folders / "dogs"])
    with listing(frame, place) as all_of:
        rows = all_of.chosen(1000)
    return catalogs.build(frame, rows, catalogs.fingerprints(frame, rows))


def test_report_json_keeps_its_contract(done):
    out, report = done
    assert json.loads((out / "report.json").read_text()) == report
    assert report["target"] == "cat"
    assert (report["images"]["target"], report["images"]["other"]) == (10, 16)
    assert report["images"]["failed"] == 1
    assert set(report) == {
        "target", "images", "classifier", "labels", "lime", "pseudo_boxes", "detector", "seconds", "reused", "licences"
    }  # fmt: skip
    for part, names in {
        "classifier": ["accuracy", "auc"],
        "lime": ["images", "forwards_per_image", "r2_median"],
        "pseudo_boxes": [
            "count", "corloc", "corloc70", "mean_iou", "centre_box_corloc", "centre_box_corloc70"
        ],
        "detector": ["ap50", "ap", "corloc", "corloc70"],
    }.items():  # fmt: skip
        for key in names:
            assert isinstance(report[part][key], (int, float)), (part, key)
    assert report["lime"]["forwards_per_image"] == 128
    assert report["seconds"]["total"] == pytest.approx(
        sum(v for k, v in report["seconds"].items() if k != "total")
    )
    assert report["classifier"]["auc"] > 0.8


def test_models_load_again(done, folders, spark):
    out, _ = done
    model = PipelineModel.load(str(out / "classifier"))
    detector = Detector.load(str(out / "detector"))
    import pyarrow as pa

    path = next((folders / "cats").glob("*.jpg"))
    table = pa.table({"image": [path.read_bytes()]})
    assert model.transform(table)["prob"][0].as_py()["values"]
    assert detector.transform(table)["detections"][0].is_valid


def test_boxes_are_of_training_pictures_only(done, folders, spark, tmp_path):
    out, report = done
    boxes = read_coco(out / "boxes.json")
    assert len(boxes) == report["pseudo_boxes"]["count"] > 0
    catalog = catalog_of(spark, folders, tmp_path / "listing")
    held = {p.rsplit("/", 1)[1] for p in catalog.paths(1.0, True)}
    assert held.isdisjoint(name.rsplit("/", 1)[-1] for name in boxes)
    for image in boxes.values():
        assert len(image.boxes) >= 1
        for box in image.boxes:
            assert 0 <= box[0] < box[2] <= image.width
            assert 0 <= box[1] < box[3] <= image.height


def test_detections_are_megadetectors_and_agree_with_the_report(done):
    out, report = done
    document = json.loads((out / "detections.json").read_text())
    validate(document)
    by_name = {i["file"].rsplit("/", 1)[-1]: i for i in document["images"]}
    assert len(document["images"]) == 27
    assert by_name["broken.jpg"]["detections"] is None
    # The detector's numbers, once more, from the files alone.
    truth = Truth.read(PETS / "annotations.json", "cat")
    assert truth.find("/somewhere/cats/none.jpg") is None
    assert report["detector"]["images_with_truth"] >= 3


def test_the_report_carries_everything_itself(done):
    out, _ = done
    page = (out / "report.html").read_text()
    # Nothing is loaded from elsewhere; the links of the credits are there to be followed.
    assert not re.findall(r"""(?:src|href)=["'](?!data:|#)""", re.sub(r"<a [^>]*>", "", page))
    for needed in ("shuffled labels", "Without deep features", "CC BY-SA 4.0", "broken.jpg",
                   "always the commoner class", "<svg", "EfficientNetLite0"):  # fmt: skip
        assert needed in page


def test_detect_writes_and_draws(done, folders, tmp_path, capsys):
    out, _ = done
    said = detect_pictures(
        out / "detector", folders / "cats", tmp_path / "d.json",
        annotated=tmp_path / "drawn", threshold=0.0, show=True,
    )  # fmt: skip
    document = json.loads((tmp_path / "d.json").read_text())
    validate(document)
    names = [i["file"] for i in document["images"]]
    there = sorted(
        p.relative_to(folders / "cats").as_posix() for p in (folders / "cats").rglob("*.jpg")
    )
    assert names == there
    with_boxes = [i for i in document["images"] if i["detections"]]
    assert len(list((tmp_path / "drawn").rglob("*.jpg"))) == len(with_boxes) == said.hits
    assert (said.pictures, said.failed, said.reused) == (len(there), 1, 0)
    assert not list(tmp_path.glob("d.json.*"))
    assert "1 failed" in capsys.readouterr().out


def test_shuffled_labels_know_nothing(done, folders, spark, network, tmp_path):
    shutil.copytree(done[0] / "steps", tmp_path / "steps")
    catalog = catalog_of(spark, folders, tmp_path / "listing")
    job = Job(Store(tmp_path / "steps"), Steps(show=False))
    shots = [(r["sha256"], r["label"], r["held_out"]) for r in catalog.rows]
    settings = dict.fromkeys(("lime", "explained", "boxes", "trainer", "everything"))
    settings["network"] = {"sha256": network.sha256, **params_of(featurizer(network), "model")}
    answers = []
    for seed in (1, 2):
        job.keys = keys(shots, {**settings, "seed": seed})
        answers.append(classify(job, catalog, network, seed=seed))
    # Another seed shuffles anew, and fits nothing else.
    assert set(job.steps.reused) == {
        "features", "held-out features", "classifier", "cross-validation", "answers", "grey pixels"
    }  # fmt: skip
    true = answers[0].deep
    assert true.auc > 0.9
    shuffled = np.mean([a.shuffled.auc for a in answers])
    # Two draws on a dozen pictures: chance is 0.5 give or take 0.1.
    assert 0.2 < shuffled < 0.8
    assert shuffled < true.auc - 0.15
    assert np.array_equal(answers[0].deep.scores, answers[1].deep.scores)


def test_held_out_is_a_third_and_near_duplicates_stay_together():
    hashes = [f"{i % 60:016x}" for i in range(90)]  # thirty of them twice
    sides = held_out(hashes)
    assert 30 <= sum(sides) <= 32
    by_hash = {}
    for h, side in zip(hashes, sides):
        assert by_hash.setdefault(h, side) == side
    assert held_out(hashes) == sides


def test_wrong_input_is_said(folders, spark, tmp_path):
    with pytest.raises(ParamError, match="a list of folders"):
        discover("cat", str(folders / "cats"), [folders / "dogs"], tmp_path)
    twice = catalogs.read(spark, [folders / "cats"], [folders / "cats"])
    with pytest.raises(DataError, match="both as target and as other"):
        listing(twice, tmp_path / "listing").__enter__()
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match="no picture in"):
        catalogs.read(spark, [tmp_path / "empty"], [folders / "dogs"])
    with pytest.raises(ParamError, match="rule='bold'"):
        discover("cat", [folders / "cats"], [folders / "dogs"], tmp_path / "o", rule="bold")
    assert not (tmp_path / "o").exists()


def test_auc():
    rng = np.random.default_rng(0)
    labels, scores = rng.integers(0, 2, 50), rng.integers(0, 5, 50)
    pairs = [(p > n) + 0.5 * (p == n) for p in scores[labels == 1] for n in scores[labels == 0]]
    assert np.isclose(area_under_roc(labels, scores), np.mean(pairs))
    assert np.isnan(area_under_roc([1, 1], [0.1, 0.2]))


def test_a_truth_belongs_to_the_path_that_agrees_most():
    one, two = np.array([[0, 0, 1, 1.0]]), np.array([[0, 0, 2, 2.0]])
    truth = Truth({"a/x.jpg": one, "b/x.jpg": two, "images/y.jpg": one})
    assert truth.find("/root/b/x.jpg") is two
    assert truth.find("/root/a/x.jpg") is one
    assert truth.find("/elsewhere/y.jpg") is one
    assert truth.find("/root/b/z.jpg") is None


def test_nothing_found_is_zero_not_nan():
    empty = (np.zeros((0, 4)), np.zeros(0))
    result = evaluate([empty], [np.array([[0, 0, 5, 5.0]])])
    assert (result.corloc, result.ap50, result.mean_iou) == (0, 0, 0)


def test_whose_the_pictures_are_stands_in_the_report(done):
    out, report = done
    page = (out / "report.html").read_text()
    for said in ("A &lt;cat&gt;", "Ann Author", "https://example.org/cat", "openverse: cat"):
        assert said in page
    assert report["licences"] == {"CC BY-SA 4.0": 1}
