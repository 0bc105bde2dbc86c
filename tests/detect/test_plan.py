"""What is run again when something changes: exactly what depends on it."""

import json

import pytest

from irbis import FasterRCNN
from irbis.detect import store as stores
from irbis.detect.explaining import lime
from irbis.detect.plan import PLAN, fingerprint_key, keys, params_of
from irbis.detect.sources import box_source
from irbis.detect.store import Store, digest
from irbis.errors import DataError

SHOTS = [(f"{i:064x}", float(i % 2), i % 3 == 0) for i in range(24)]
AFTER_BOXES = {"detector", "detections", "second detector", "second detections"}
BOXES = {"localizer", "boxes", "held-out boxes"} | AFTER_BOXES
EXPLANATIONS = {"explanations", "held-out explanations"}
EVERYTHING = {step.name for step in PLAN}
HELD_OUT = {
    "held-out features",
    "answers",
    "shuffled labels",
    "grey pixels",
    "detections",
    "second detections",
}


def settings(
    *, network="n", seed=0, rule=None, label="cat", iterations=120, boxes="cam", everything="a"
):
    return {
        "network": {"sha256": network},
        "seed": seed,
        "lime": params_of(lime(seed)),
        "explained": 12,
        "boxes": box_source(boxes, rule, label, seed).settings(),
        "trainer": params_of(FasterRCNN(labels=[label], iterations=iterations, seed=seed)),
        "everything": everything,
    }


def changed(shots=SHOTS, **options):
    before, after = keys(SHOTS, settings()), keys(shots, settings(**options))
    assert set(before) == set(after) == EVERYTHING
    return {name for name in before if before[name] != after[name]}


def with_another(label, held_out):
    at = next(i for i, (_, x, side) in enumerate(SHOTS) if (x, side) == (label, held_out))
    return [("f" * 64, *s[1:]) if i == at else s for i, s in enumerate(SHOTS)]


@pytest.mark.parametrize(
    ("options", "again"),
    [
        ({}, set()),
        ({"shots": SHOTS[::-1]}, set()),
        ({"iterations": 121}, AFTER_BOXES),
        ({"everything": "b"}, {"detections", "second detections"}),
        ({"rule": "otsu"}, BOXES),
        ({"label": "dog"}, BOXES),
        ({"boxes": "lime"}, BOXES),
        ({"seed": 1}, EXPLANATIONS | AFTER_BOXES | {"shuffled labels"}),
        ({"network": "m"}, EVERYTHING - {"grey pixels"}),
        ({"shots": with_another(0.0, True)}, HELD_OUT),
        (
            {"shots": with_another(1.0, True)},
            HELD_OUT | {"held-out explanations", "held-out boxes"},
        ),
        ({"shots": with_another(0.0, False)}, EVERYTHING - {"held-out features"}),
    ],
    ids=lambda value: ", ".join(value) if isinstance(value, dict) else str(len(value)),
)
def test_a_change_runs_again_what_depends_on_it(options, again):
    assert changed(**options) == again


def test_another_version_runs_all_again(monkeypatch):
    before = keys(SHOTS, settings())
    monkeypatch.setattr("irbis.detect.plan.__version__", "0.0.0")
    after = keys(SHOTS, settings())
    assert not set(before.values()) & set(after.values())
    assert fingerprint_key(["a", "b", "b"]) == fingerprint_key(["b", "a"])
    assert fingerprint_key(["a"]) != fingerprint_key(["b"])


def test_steps_come_after_what_they_read():
    known = set()
    for step in PLAN:
        assert set(step.after) <= known
        known.add(step.name)


KEY = digest(x=1)


def make(store, key=KEY, text="whole", step="a step"):
    with store.making(step, key) as folder:
        (folder / "deep").mkdir()
        (folder / "deep" / "result").write_text(text)


def test_a_step_is_found_again(tmp_path):
    store = Store(tmp_path)
    assert store.find("a step", KEY) is None
    make(store)
    folder = Store(tmp_path).find("a step", KEY)
    assert (folder / "deep" / "result").read_text() == "whole"
    assert folder.name == f"a-step-{KEY[:16]}"
    assert Store(tmp_path).find("a step", digest(x=2)) is None
    assert Store(tmp_path).find("step", KEY) is None


class DiedError(Exception):
    """Carries what the step found in its folder."""


def die(store, key=KEY, **options):
    with store.making("a step", key, **options) as folder:
        found = [path.name for path in folder.iterdir()]
        (folder / "left").touch()
        raise DiedError(found)


def test_half_a_step_is_none(tmp_path):
    store = Store(tmp_path)
    with pytest.raises(DiedError):
        die(store)
    assert store.find("a step", KEY) is None
    make(store)
    assert not (store.find("a step", KEY) / "left").exists()


def test_a_step_goes_on_only_if_it_says_so(tmp_path):
    for goes_on, left in ((False, []), (True, ["left"]), (False, [])):
        with pytest.raises(DiedError) as died:
            die(Store(tmp_path), goes_on=goes_on)
        assert died.value.args == (left,)


def test_fresh_does_not_go_on(tmp_path):
    with pytest.raises(DiedError):
        die(Store(tmp_path))
    with Store(tmp_path, fresh=True).making("a step", KEY, goes_on=True) as folder:
        assert list(folder.iterdir()) == []


@pytest.mark.parametrize("damage", ["missing", "short", "more", "no manifest", "another key"])
def test_a_damaged_step_is_none(damage, tmp_path):
    store = Store(tmp_path)
    make(store)
    folder = store.find("a step", KEY)
    result, manifest = folder / "deep" / "result", folder / stores._MANIFEST
    if damage == "missing":
        result.unlink()
    elif damage == "short":
        result.write_text("whol")
    elif damage == "more":
        (folder / "more").touch()
    elif damage == "no manifest":
        manifest.unlink()
    else:
        manifest.write_text(json.dumps({**json.loads(manifest.read_text()), "key": "f" * 64}))
    assert store.find("a step", KEY) is None
    make(store)
    assert store.find("a step", KEY) == folder


def test_a_new_result_takes_the_place_of_the_old_one(tmp_path):
    store = Store(tmp_path)
    make(store)
    make(store, step="a step beside")
    with pytest.raises(DiedError):
        die(store, digest(x=2))
    make(store, digest(x=3))
    found = sorted(path.name for path in tmp_path.iterdir())
    assert found == [f"a-step-{digest(x=3)[:16]}", f"a-step-beside-{KEY[:16]}"]


def test_fresh_finds_nothing_old_and_replaces_it(tmp_path):
    make(Store(tmp_path), text="old")
    fresh = Store(tmp_path, fresh=True)
    assert fresh.find("a step", KEY) is None
    make(fresh, text="new")
    for store in (fresh, Store(tmp_path)):
        assert (store.find("a step", KEY) / "deep" / "result").read_text() == "new"


def test_two_runs_do_not_meet_in_one_folder(tmp_path):
    first, second = Store(tmp_path / "steps"), Store(tmp_path / "steps")
    with first.alone():
        meet = second.alone()
        with pytest.raises(DataError, match="another run in .*one run a folder"):
            meet.__enter__()
    with second.alone():
        pass
