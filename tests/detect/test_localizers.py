"""Heat maps and boxes without a box: the sums are exact, the sign is the classifier's, rules do what they say."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from irbis import CamLocalizer, CoLocalizer, CoLocalizerModel, HeatFusion, ImageFeaturizer
from irbis.detect.agreement import agreement
from irbis.detect.boxing import Boxing
from irbis.detect.calibrating import calibrate
from irbis.detect.components import choose, component, heat_look
from irbis.detect.gramian import SUMS, Sums, merged, spread
from irbis.detect.heat import Look, enlarged, fused
from irbis.detect.parting import parts_of
from irbis.errors import DataError, ParamError
from irbis.image.codec import decode
from irbis.samples import PETS

RNG = np.random.default_rng(0)


def positions(*maps):
    return np.concatenate([m.reshape(len(m), -1) for m in maps], axis=1).astype(np.float64)


@pytest.fixture(scope="module")
def pets():
    paths = sorted((PETS / "cats").iterdir())[:5]
    return pa.table({"image": [p.read_bytes() for p in paths]})


@pytest.fixture(scope="module")
def weights():
    return RNG.normal(size=1280).tolist()


def test_sums_give_what_all_places_together_give():
    maps = [RNG.normal(size=(6, 4, 5)).astype(np.float32) for _ in range(3)]
    heats = [m[0] + 0.3 * m[1] for m in maps]
    sums = [Sums.of(m, h) for m, h in zip(maps, heats)]
    total = Sums.unpack((sums[0] + sums[1] + sums[2]).pack())
    found = component(320, "layer", total)
    x, heat = positions(*maps), np.concatenate([h.ravel() for h in heats])
    values, vectors = np.linalg.eigh(np.cov(x, bias=True))
    projected = vectors[:, -1] @ (x - x.mean(axis=1, keepdims=True)) / np.sqrt(values[-1])
    expected = np.corrcoef(projected, heat)[0, 1]
    assert found.correlation == pytest.approx(abs(expected), abs=1e-6)
    assert found.share == pytest.approx(values[-1] / values.sum())
    mine = np.concatenate([found.look.at(m).ravel() for m in maps])
    assert np.allclose(mine, projected * np.sign(expected), atol=1e-4)
    scaled = heat_look(Look(320, "layer", (1.0, 0.3, 0, 0, 0, 0), 0.0), total)
    assert np.concatenate([scaled.at(m).ravel() for m in maps]).std() == pytest.approx(1, rel=1e-4)


def test_a_component_the_classifier_does_not_confirm_is_left_out():
    maps = RNG.normal(size=(4, 9, 9)).astype(np.float32)
    maps[0] *= 10
    unlike = component(320, "early", Sums.of(maps, maps[1]))
    like = component(320, "deep", Sums.of(maps, -maps[0]))
    assert unlike.correlation < 0.3
    assert like.correlation > 0.9
    assert choose([unlike, like], ["early", "deep"], 0.5) == [like]
    assert choose([unlike], ["deep", "early"], 0.5) == [unlike]
    # A layer is taken at every size, or at none.
    larger = component(448, "early", Sums.of(maps, -maps[0]))
    assert choose([unlike, larger, like], ["early", "deep"], 0.5) == [unlike, larger, like]
    # The sign is the classifier's.
    assert np.corrcoef(like.look.at(maps).ravel(), -maps[0].ravel())[0, 1] > 0.9


def test_partitions_add_up_in_any_cut(network, weights, pets):
    stage = CoLocalizer(model=network, coefficients=weights, sizes=[96])
    function = stage._function()
    batch = pets.to_batches()[0]
    whole = list(merged(function([batch])))
    parts = [row for at in range(5) for row in function([batch.slice(at, 1)])]
    (cut,) = merged(parts)
    assert cut.schema == SUMS
    assert cut["pictures"].to_pylist() == [5, 5]
    for a, b in zip(whole[0]["sums"], cut["sums"]):
        one, other = Sums.unpack(a.as_py()), Sums.unpack(b.as_py())
        assert np.allclose(one.gramian, other.gramian)
        assert np.allclose(one.with_heat, other.with_heat)


def test_what_the_classifier_does_not_believe_in_does_not_count(network, weights, pets):
    table = pa.table({"image": [*pets["image"].to_pylist(), b"no picture", None]})
    believed = CoLocalizer(model=network, coefficients=weights, sizes=[96], heatCol="heat")
    scores = [
        row["score"]
        for row in believed.setMinLogit(None).fit(pets).transform(pets)["heat"].to_pylist()
    ]
    counts = believed.setMinLogit(0.0).fit(table).getCounts()
    assert counts["failed"] == 2
    assert counts["pictures"] == sum(s > 0.5 for s in scores)
    assert counts["pictures"] + counts["left_out"] == 5
    with pytest.raises(DataError, match="no picture to learn from"):
        believed.setMinLogit(1e9).fit(table)


def test_the_mean_of_the_heat_is_the_classifiers_logit(network, weights, pets):
    """Exact at the network's own size, where pooled features are those that were learned from."""
    cam = CamLocalizer(model=network, coefficients=weights, intercept=0.5, sizes=[224])
    square = decode(pets["image"][0].as_py())[:224, :224]
    function = cam.make_function()
    (look,) = function.judge
    heat = look.at(function.network.maps(square, 224, [look.tensor])[0])
    features = ImageFeaturizer(cutOutputLayers=2).setModel(network).make_function()
    pooled = features.forward(features.tensor(square)[None])[0]
    assert heat.mean() == pytest.approx(pooled @ np.array(weights) + 0.5, rel=1e-3, abs=1e-3)


def test_two_things_are_two_boxes():
    heat = np.full((20, 30), -1.0, np.float32)
    heat[2:8, 2:8], heat[10:18, 15:28], heat[0, 29] = 2, 1, 0.5
    first, second = Boxing("positive", None, most=5).detections(heat, 300, 200, 0.8)
    assert first["score"] == pytest.approx(0.8)
    assert 0.3 * 0.8 <= second["score"] < 0.8
    assert [first[k] for k in ("xmin", "ymin", "xmax", "ymax")] == pytest.approx(
        [150, 100, 280, 180], abs=6
    )
    assert [second[k] for k in ("xmin", "ymin", "xmax", "ymax")] == pytest.approx(
        [20, 20, 80, 80], abs=6
    )
    assert len(Boxing("positive", None).parts(heat)) == 1
    assert Boxing("positive").parts(-np.ones((3, 3), np.float32)) == []


def hills(*centres, height=20, width=40, reach=6.0):
    rows, columns = np.mgrid[:height, :width]
    away = [np.hypot(rows - r, columns - c) / reach for r, c in centres]
    return np.max([np.exp(-(d**2)) for d in away], axis=0)


def test_hills_side_by_side_are_cut_and_others_are_not():
    beside, stacked = hills((10, 10), (10, 22), reach=4.0), hills((5, 20), (15, 20), reach=3.5)
    for heat, pieces in ((beside, 2), (stacked, 1)):
        chosen = heat > 0.05
        assert len(parts_of(heat, chosen, 0.4, 0.15)) == pieces
        assert len(parts_of(heat, chosen, None, 0.15)) == 1
        together = np.sum(parts_of(heat, chosen, 0.4, 0.15), axis=0)
        assert (together == chosen).all()
    # No valley to speak of; and a face that fills the picture.
    assert (
        len(parts_of(hills((10, 16), (10, 22)), hills((10, 16), (10, 22)) > 0.05, 0.4, 0.15)) == 1
    )
    assert len(parts_of(beside, np.ones_like(beside, bool), 0.4, 0.15)) == 1


@given(st.integers(0, 2**32 - 1), st.sampled_from(["positive", "std", "max", "otsu", "minmax"]))
@settings(max_examples=30, deadline=None)
def test_boxes_lie_in_the_picture(seed, rule):
    rng = np.random.default_rng(seed)
    heat = rng.normal(size=rng.integers(1, 20, 2)).astype(np.float32)
    for box, share in Boxing(rule, None, most=4).parts(heat):
        assert 0 <= box[0] < box[2] <= 1
        assert 0 <= box[1] < box[3] <= 1
        assert 0 <= share <= 1


def test_heat_of_several_grids_is_fused_on_the_finest():
    coarse, fine = np.ones((2, 3), np.float32), np.zeros((4, 6), np.float32)
    assert fused([coarse, fine]).tolist() == np.full((4, 6), 0.5).tolist()
    assert enlarged(coarse, 4, 6).shape == (4, 6)
    assert spread(np.array([[1, 2]]), 2, 4).tolist() == [[1, 1, 2, 2], [1, 1, 2, 2]]


def test_looks_that_agree_agree():
    heat = np.zeros((10, 10), np.float32)
    heat[2:6, 2:6] = 1
    boxing = Boxing("positive")
    assert agreement([heat, heat], heat, boxing) == 1
    assert agreement([heat, heat[::-1, ::-1]], heat, boxing) == pytest.approx(0.5, abs=0.2)
    assert agreement([heat], -heat, boxing) == 0


def test_a_few_boxes_choose_the_rule():
    rows, columns = np.mgrid[-1:1:40j, -1:1:40j]
    hill = (1 - np.hypot(rows, columns)).astype(np.float32)
    tight = {"a": np.array([[0.35, 0.35, 0.65, 0.65]], np.float32)}
    found = calibrate({"a": hill, "b": hill}, tight, ("positive", None))
    assert found.pictures == 1
    assert (found.rule, found.fraction) != ("positive", None)
    assert found.tried["positive"] < max(found.tried.values())
    whole = {"a": np.array([[0, 0, 1, 1]], np.float32)}
    kept = calibrate({"a": hill + 2}, whole, ("max", 0.05))
    assert (kept.rule, kept.fraction) == ("max", 0.05)
    with pytest.raises(DataError, match="of none of the pictures"):
        calibrate({"a": hill}, {}, ("std", None))


def test_what_was_learned_is_saved_with_the_model(network, weights, pets, tmp_path):
    """Written by its Params: the same boxes from a copy that only knows them."""
    stage = CoLocalizer(model=network, coefficients=weights, sizes=[96], label="cat")
    model = stage.fit(pets)
    again = CoLocalizerModel(**model.saved_params())
    assert again.transform(pets).equals(model.transform(pets))
    assert {row["layer"] for row in model.getReport()} == {"block10", "block15"}
    assert len(model.getLooks()) == 1 + sum(row["used"] for row in model.getReport())


def test_wrong_settings_are_said(network, weights, pets):
    with pytest.raises(ParamError, match="an ImageFeaturizer, then a LogisticRegressionModel"):
        CamLocalizer().setClassifier(ImageFeaturizer(cutOutputLayers=2).setModel(network))
    with pytest.raises(ParamError, match="without model"):
        CamLocalizer(coefficients=weights).transform(pets)
    with pytest.raises(ParamError, match="rule='bold'"):
        CoLocalizer(rule="bold")
    with pytest.raises(ParamError, match="the layer 'block99'"):
        CoLocalizer(model=network, coefficients=weights, layers=["block99"]).fit(pets)
    with pytest.raises(TypeError, match="heat maps"):
        HeatFusion(inputCols=["image"]).transform(pets)


def test_spark_learns_the_same_and_saves_it(spark, network, weights, pets, tmp_path):
    rows = [(bytearray(b),) for b in pets["image"].to_pylist()]
    frame = spark.createDataFrame(rows, "image binary").repartition(2)
    stage = CoLocalizer(model=network, coefficients=weights, sizes=[96])
    here, there = stage.fit(pets), stage.fit(frame)
    assert there.getCounts() == here.getCounts()
    for mine, theirs in zip(here.getLooks(), there.getLooks(), strict=True):
        assert np.allclose(mine["vector"], theirs["vector"], atol=1e-6)
    there.save(str(tmp_path / "model"))
    again = CoLocalizerModel.load(str(tmp_path / "model"))
    assert again.getLooks() == there.getLooks()
    assert again.transform(pets)["boxes"].equals(there.transform(pets)["boxes"])
    stage.save(str(tmp_path / "estimator"))
    assert CoLocalizer.load(str(tmp_path / "estimator")).getLayers() == stage.getLayers()
