"""Where the main job's boxes come from: sources by name, LIME's explanations, a few boxes as hints."""

import hashlib

import numpy as np
import pyarrow as pa
import pytest

from irbis import BoxesFromWeights, CamLocalizer, ImageFeaturizer, ImageLIME
from irbis.detect.catalog import Catalog
from irbis.detect.hints import by_hints
from irbis.detect.locate import weighed
from irbis.detect.pseudo import BOXES
from irbis.detect.sources import SOURCES, box_source
from irbis.errors import DataError, ParamError
from irbis.samples import PETS

CATS = sorted((PETS / "cats").iterdir())[:4]


def test_a_source_has_its_own_rule_unless_told(tmp_path):
    assert {n: box_source(n, None, "x", 0).boxer.getRule() for n in SOURCES if n != "file"} == {
        "colocalize": "std", "cam": "percentile", "lime": "mass"
    }  # fmt: skip
    told = box_source("cam", "max=0.2", "x", 0).boxer
    assert (told.getRule(), told.getFraction()) == ("max", 0.2)
    for arguments, match in (
        (("magic", None), "boxes='magic'"),
        (("cam", "bold"), "rule='bold'"),
        (("cam", "max=much"), "rule='max=much'"),
    ):
        with pytest.raises(ParamError, match=match):
            box_source(*arguments, "x", 0)
    hints = tmp_path / "boxes.json"
    hints.write_text("{}")
    with pytest.raises(ParamError, match="calibrate with boxes='lime'"):
        box_source("lime", None, "x", 0, hints)
    a, b = (box_source("cam", None, "x", 0, h).settings() for h in (None, hints))
    assert a != b


def test_explanations_become_rows_of_boxes(network):
    model = ImageFeaturizer(cutOutputLayers=0, outputCol="p").setModel(network)
    lime = ImageLIME(model=model, targetCol="p", targetClasses=[281], numSamples=8, numSegments=4)
    pictures = [CATS[0].read_bytes(), b"no picture"]
    wave = lime.transform(pa.table({"image": pictures, "sha256": ["b", "a"]}))
    table = weighed([wave], BoxesFromWeights(label="cat"))
    assert table.schema == BOXES
    broken, good = table.to_pylist()
    assert (broken["sha256"], broken["kind"]) == ("a", "decode")
    assert good["width"] > 0
    assert len(good["boxes"]) == len(good["scores"]) <= 1


@pytest.mark.one_engine("classic")
def test_a_few_boxes_of_pictures_that_teach_choose_the_rule(spark, network):
    rows = [(str(p), bytearray(p.read_bytes())) for p in CATS]
    listed = [
        {
            "path": path,
            "label": 1.0,
            "sha256": hashlib.sha256(data).hexdigest(),
            "held_out": at == 0,
        }
        for at, (path, data) in enumerate(rows)
    ]
    catalog = Catalog(spark.createDataFrame(rows, "path string, image binary"), listed, [])
    weights = np.random.default_rng(0).normal(size=1280).tolist()
    cam = CamLocalizer(model=network, coefficients=weights, sizes=[96], heatCol="heat", label="cat")
    found = by_hints(catalog, cam, PETS / "annotations.json")
    assert found.pictures == 3
    assert found.tried[next(iter(found.tried))] <= max(found.tried.values())
    nothing = Catalog(catalog.frame, [{**row, "held_out": True} for row in listed], [])
    with pytest.raises(DataError, match="of none of the pictures"):
        by_hints(nothing, cam, PETS / "annotations.json")
