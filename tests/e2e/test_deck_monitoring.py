"""The deck's page "Simple APIs matter": a stream of pictures into Power BI, here its stand-in."""

import json
from urllib.request import urlopen

import pytest
from deck_page import run

from irbis import DropColumns, PipelineModel, PowerBIWriter
from irbis.services.local.power_bi import power_bi
from irbis.services.local.running import running

PRINTED = """
streaming_df = spark.readStream.file(...)
fit_model.transform(streaming_df)
stream = PowerBIWriter.stream(results, powerbi_url).start()
"""

CHANGES = [
    ("...", "folder"),
    ("fit_model.transform", "results = fit_model.transform"),  # the next line says results
]


@pytest.mark.one_engine("classic")
def test_the_page(spark, pets, deck_model, tmp_path):
    # Without EnsembleByKey, which in a stream asks for a watermark; and pictures don't go to Power BI.
    kept = [
        s
        for s in deck_model[0].stages
        if type(s).__name__ not in ("ImageSetAugmenter", "EnsembleByKey")
    ]
    fit_model = PipelineModel([*kept, DropColumns(cols=["image", "features", "rawPrediction"])])
    for number, picture in enumerate(pets[:2]):
        (tmp_path / f"{number}.jpg").write_bytes(picture)
    (tmp_path / "2.jpg").write_bytes(b"broken")
    with running([power_bi()]) as url:
        names = {
            "spark": spark,
            "fit_model": fit_model,
            "PowerBIWriter": PowerBIWriter,
            "folder": str(tmp_path),
            "powerbi_url": f"{url}/powerbi/beta/tenant/datasets/live/rows?key=s3cret",
        }
        stream = run(PRINTED, CHANGES, names)["stream"]
        try:
            stream.processAllAvailable()
        finally:
            stream.stop()
        with urlopen(f"{url}/powerbi/received/live?rows=true") as answer:
            rows = json.loads(answer.read())["rows"]["RealTimeData"]
    found = {row["path"].rpartition("/")[2]: row for row in rows}
    assert sorted(found) == ["0.jpg", "1.jpg", "2.jpg"]
    for name in ("0.jpg", "1.jpg"):
        probability = json.loads(found[name]["probability"])
        assert sum(probability) == pytest.approx(1)
        assert found[name]["features_error"] is None
    assert found["2.jpg"]["probability"] is None
    assert json.loads(found["2.jpg"]["features_error"])["kind"] == "decode"
