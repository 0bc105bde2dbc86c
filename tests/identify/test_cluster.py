"""On executors in processes of their own: shards travel to them and answer as one."""

import textwrap
from pathlib import Path

SCRIPT = textwrap.dedent(
    """
    import sys

    sys.path[:0] = [sys.argv[1]]
    from sightings import PARAMS, seen, table

    from irbis import HotSpotter

    known = table(seen(who, number) for who in range(3) for number in range(2))
    queries = table([seen(0, 5), seen(2, 5), seen(90, 5), {**seen(1, 5), "image": b"none"}])
    answers = ["file", "candidates", "prediction", "matches", "candidates_error"]

    whole = HotSpotter(**PARAMS).fit(known)
    there = spark.createDataFrame(known).repartition(3)
    parts = HotSpotter(**PARAMS, shardSize=1).fit(there)
    assert len(parts.files()) == 13 and len(whole.files()) == 3
    assert (parts.getThreshold(), parts.getSlope()) == (whole.getThreshold(), whole.getSlope())

    def asked(model):
        out = model.transform(spark.createDataFrame(queries).repartition(3)).select(answers)
        return out.toArrow().sort_by("file").to_pylist()

    local = whole.transform(queries).sort_by("file").select(answers).to_pylist()
    assert [r["prediction"] for r in local] == ["animal 0", None, "animal 2", "unknown"]
    assert asked(parts) == local
    new = table([seen(90, 0)])
    grown = parts.add(spark.createDataFrame(new))
    assert asked(grown) == whole.add(new).transform(queries).sort_by("file").select(answers).to_pylist()
    """
)


def test_shards_on_two_executors_answer_as_one_without_spark(cluster):
    cluster.run(SCRIPT, Path(__file__).parent)


VECTORS = textwrap.dedent(
    """
    import sys

    sys.path[:0] = [sys.argv[1]]
    from sightings import PARAMS, seen, table

    import irbis

    network = irbis.ModelDownloader().downloadByName("EfficientNetLite0")
    featurizer = irbis.ImageFeaturizer(cutOutputLayers=2).setModel(network)
    known = table(seen(who, number) for who in range(4) for number in range(2))
    queries = table([seen(0, 5), seen(90, 5)])
    model = irbis.HotSpotter(**PARAMS, featurizer=featurizer).fit(known)
    local = model.transform(queries).select(["file", "candidates"]).sort_by("file").to_pylist()
    there = model.transform(spark.createDataFrame(queries).repartition(2))
    assert there.select("file", "candidates").toArrow().sort_by("file").to_pylist() == local
    model.save(sys.argv[2])
    again = irbis.HotSpotterModel.load(sys.argv[2])
    assert again.getFusion() == model.getFusion()
    for loaded in (again, irbis.load(sys.argv[2])):
        out = loaded.transform(queries).select(["file", "candidates"]).sort_by("file")
        assert out.to_pylist() == local
    """
)


def test_vectors_travel_and_are_saved_with_their_network(cluster, tmp_path):
    cluster.run(VECTORS, Path(__file__).parent, tmp_path / "model")
