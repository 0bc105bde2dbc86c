"""Vectors of a network beside local matches."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sightings import PARAMS, seen, table

import irbis
from irbis.errors import DataError, ParamError, SchemaError
from irbis.identify.embedding import Embedding, likeness, whole_vector
from irbis.identify.fusing import Fusion
from irbis.image.codec import PictureError, decode, encode

# Of fur: SIFT looks at grey, a network sees colours.
TINTS = [(1, 0.2, 0.2), (0.2, 1, 0.2), (0.2, 0.2, 1), (1, 1, 0.1), (0.1, 1, 1), (1, 0.1, 1)]


def _tinted(individual, number):
    row = seen(individual, number)
    picture = decode(row["image"]) * np.array(TINTS[individual % len(TINTS)])
    return {**row, "image": encode(picture.astype(np.uint8))}


def _mirrored(individual):
    """A known picture in a mirror: no keypoint of it matches, a network hardly sees a difference."""
    row = _tinted(individual, 0)
    picture, mask, box = decode(row["image"]), decode(row["mask"]), row["box"]
    wide = picture.shape[1]
    return {
        **row,
        "file": f"mirrored {individual}",
        "image": encode(picture[:, ::-1]),
        "mask": encode(mask[:, ::-1], form="PNG"),
        "box": {**box, "xmin": wide - box["xmax"], "xmax": wide - box["xmin"]},
    }


@pytest.fixture(scope="module")
def featurizer(network):
    return irbis.ImageFeaturizer(cutOutputLayers=2).setModel(network)


@pytest.fixture(scope="module")
def known():
    return table(_tinted(who, number) for who in range(4) for number in range(2))


def _deep(featurizer):
    # More than chance matches can outweigh.
    return {"featurizer": featurizer, "featurizerWeight": 0.8}


@pytest.fixture(scope="module")
def fused(known, featurizer):
    return irbis.HotSpotter(**PARAMS, **_deep(featurizer)).fit(known)


def test_vectors_name_what_has_no_match(fused):
    queries = table([_mirrored(1), _mirrored(2)])
    local = fused.copy().setFeaturizer(None).setFusion(None).transform(queries)
    assert all(c["inliers"] <= 5 for row in local["candidates"].to_pylist() for c in row)
    out = fused.transform(queries).to_pylist()
    assert [r["candidates"][0]["name"] for r in out] == ["animal 1", "animal 2"]
    for row in out:
        assert len(row["candidates"]) == 4 and row["candidates"][0]["inliers"] <= 5
        assert len(row["matches"]) == sum(c["inliers"] for c in row["candidates"])
        assert all(0 < c["score"] < 1 and 0 < c["probability"] < 1 for c in row["candidates"])


def test_matches_still_count_and_strangers_stay_unknown(fused):
    out = fused.transform(table([_tinted(0, 5), _tinted(3, 5), seen(90, 5)])).to_pylist()
    assert [r["prediction"] for r in out] == ["animal 0", "animal 3", "unknown"]
    first = [r["candidates"][0] for r in out]
    assert min(c["inliers"] for c in first[:2]) >= 10 and first[0]["probability"] > 0.5
    assert "unknowns" in fused.getThresholdSource()


def test_many_shards_and_one_give_the_same_table(known, featurizer, fused):
    queries = table([_tinted(0, 5), _mirrored(1), seen(90, 5)])
    many = irbis.HotSpotter(**PARAMS, **_deep(featurizer), shardSize=1).fit(known)
    assert len(many.files()) == 17
    assert many.transform(queries).equals(fused.transform(queries))
    grown = fused.add(table([_tinted(4, 0)]))
    found = grown.transform(table([_mirrored(4)]))["candidates"][0].as_py()
    assert found[0]["name"] == "animal 4"


def test_what_can_not_be_fused_is_said_early(known, featurizer, fused):
    with pytest.raises(DataError, match="4 known individuals"):
        irbis.HotSpotter(**PARAMS, featurizer=featurizer).fit(known.slice(0, 3))
    with pytest.raises(ParamError, match="featurizer"):
        irbis.HotSpotter(featurizer="network")
    with pytest.raises(ParamError, match="both"):
        fused.copy().setFeaturizer(None).transform(known)
    # Vectors that are another network's have another length.
    with pytest.raises(DataError, match="1000 numbers for annotations with 1280"):
        fused.copy().setFeaturizer(featurizer.copy().setCutOutputLayers(0)).transform(known)
    numbers = irbis.SuperpixelTransformer()
    with pytest.raises(SchemaError, match="a vector"):
        irbis.HotSpotter(**PARAMS, featurizer=numbers).fit(known)


def test_a_featurizer_without_an_answer_is_an_error_of_the_row(featurizer):
    function = featurizer.make_function()

    def nothing(batch):
        out = function(batch)
        empty = pa.nulls(1, out["features"].type)
        return out.set_column(out.schema.get_field_index("features"), "features", empty)

    picture = np.zeros((30, 30, 3), np.uint8)
    assert Embedding(function, "image", "features").of(picture).shape == (1280,)
    with pytest.raises(PictureError) as error:
        Embedding(nothing, "image", "features").of(picture)
    assert error.value.kind == "embedding"


@given(st.integers(1, 2000), st.integers(0, 10**6))
def test_likeness_is_exact_and_close_to_the_cosine(length, seed):
    rng = np.random.default_rng(seed)
    many = rng.normal(0.3, 1, (9, length))
    whole = np.stack([whole_vector(v) for v in many])
    found = likeness(whole[0], whole)
    exact = whole.astype(np.int64) @ whole[0].astype(np.int64)
    assert np.array_equal(found, exact / 4000**2)
    units = many / np.linalg.norm(many, axis=1, keepdims=True)
    assert np.allclose(found, units @ units[0], atol=0.01)
    assert likeness(whole[0], np.zeros((2, length), np.int16)).tolist() == [0, 0]


def test_a_mean_of_two_probabilities():
    fusion = Fusion(0.25, (2.0, 0.0), (10.0, -5.0))
    assert fusion.score(1.0, 0.5) == pytest.approx(0.5)
    assert Fusion.of(fusion.numbers()) == fusion
    assert fusion.score(0.0, 1.0) == pytest.approx(0.25 / (1 + np.exp(-5)), abs=1e-4)
