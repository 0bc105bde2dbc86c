"""The deck's page "Apache Spark ML": Spark's own words, with irbis beside them."""

import pytest
from deck_page import run
from pyspark.ml.classification import LogisticRegression
from pyspark.ml.feature import VectorAssembler

import irbis

PRINTED = """
data = spark.read.csv("hdfs://...")
train, test = data.randomSplit([.5,.5])
model = LogisticRegression().fit(train)
predictions = model.transform(test)
"""

CHANGES = [
    # CSV has columns of text; Spark ML asks for numbers and a vector.
    ('.csv("hdfs://...")', ".csv(path, schema=schema)"),
    ("[.5,.5])", "[.5,.5], seed=1)"),
    ("LogisticRegression()", "pipeline"),
]


@pytest.mark.one_engine("classic")
def test_the_page(spark, tmp_path):
    path = tmp_path / "leopards.csv"
    path.write_text("".join(f"{n % 7},{n % 3},{float(n % 7 > 3)}\n" for n in range(60)))
    stages = [VectorAssembler(inputCols=["spots", "tail"], outputCol="features")]
    names = {
        "spark": spark,
        "path": str(path),
        "schema": "spots double, tail double, label double",
        "pipeline": irbis.Pipeline(stages=[*stages, LogisticRegression(maxIter=5)]),
    }
    predictions = run(PRINTED, CHANGES, names)["predictions"]
    rows = predictions.select("label", "prediction").collect()
    assert len(rows) > 10
    assert all(row["label"] == row["prediction"] for row in rows)
