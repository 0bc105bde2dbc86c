import sys
from pathlib import Path

import pytest

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1])]


@pytest.fixture(scope="session")
def pets():
    from irbis.samples import PETS

    return [
        p.read_bytes() for kind in ("cats", "dogs") for p in sorted((PETS / kind).iterdir())[:4]
    ]


@pytest.fixture(scope="session")
def deck_model(spark, pets):
    """The deck's pipeline on pixels, fitted on eight pictures, and what it says of them."""
    from pyspark.ml.classification import LogisticRegression

    from irbis import EnsembleByKey, ImageSetAugmenter, Pipeline, UnrollImage

    rows = [(i, "here", bytearray(p), float(i >= 4)) for i, p in enumerate(pets)]
    train = spark.createDataFrame(rows, "group int, location string, image binary, label double")
    stages = [
        ImageSetAugmenter(flipHorizontal=True),
        UnrollImage(width=8, height=8, outputCol="features"),
        LogisticRegression(maxIter=2),
        EnsembleByKey(keys=["group", "location"], cols=["probability"], colNames=["probability"]),
    ]
    fitted = Pipeline(stages=stages).fit(train)
    wanted = {r["group"]: list(r["probability"]) for r in fitted.transform(train).collect()}
    return fitted, [wanted[i] for i in range(len(pets))]
