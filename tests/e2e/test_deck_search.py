"""The deck's page "Bing Image Search API": two searches, and labels nobody wrote."""

import csv
import shutil

import pytest
from deck_page import run
from pyspark.sql.functions import lit

import irbis
from irbis.samples import PETS
from irbis.services.local.running import local_services

PRINTED = """
endangeredLinks = requestParameters \\
    .transform(BingImageSearch()) # Apply Bing Image Search
    .setSubscriptionKey(os.environ['API_KEY'])
    .setOffsetCol("offsets")
    .setQueryCol("queries")
    .setCount(10)
    .setImageType("photo")
    .setOutputCol("images")) \\
    .transform(GetBingURLs(inputCol="images", outputCol="urls")) \\
    .withColumn("labels", lit("endangered")) # Add the labels

randomLinks = spark.read.table("random_words") \\
    .transform(BingImageSearch())
    .setSubscriptionKey(os.environ['API_KEY'])
    .setCount(10)
    .setQueryCol("words")
    .setOutputCol("images")) \\
    .transform(GetBingURLs(inputCol="images", outputCol="urls")) \\
    .withColumn("label", lit("other"))
"""

CHANGES = [
    # A bracket of the slide closes too early, twice. The API has ended: the stand-in's address.
    ("BingImageSearch()) # Apply Bing Image Search\n", "BingImageSearch(url=url)\n"),
    ("BingImageSearch())\n", "BingImageSearch(url=url)\n"),
    # Four pictures a page: there are six cats.
    ('.setQueryCol("queries")\n    .setCount(10)', '.setQueryCol("queries")\n    .setCount(4)'),
    ('spark.read.table("random_words")', "random_words"),  # it is not published
    ('"label", lit', '"labels", lit'),  # a slip: one name
]


@pytest.fixture
def url(tmp_path):
    """Six cats and six dogs, with captions."""
    rows = []
    for kind in ("cat", "dog"):
        for path in sorted((PETS / f"{kind}s").iterdir())[:6]:
            shutil.copy(path, tmp_path / path.name)
            rows.append({"file_name": path.name, "title": f"a {kind}"})
    with (tmp_path / "metadata.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, ["file_name", "title"])
        writer.writeheader()
        writer.writerows(rows)
    with local_services(tmp_path, key="s3cret") as running:
        yield running


def test_the_page(spark, url, monkeypatch):
    import os

    monkeypatch.setenv("API_KEY", "s3cret")
    asked = [("cat", 0, "x"), ("cat", 4, "y")]
    names = {
        "BingImageSearch": irbis.BingImageSearch,
        "GetBingURLs": irbis.GetBingURLs,
        "lit": lit,
        "os": os,
        "url": url,
        "requestParameters": spark.createDataFrame(
            asked, "queries string, offsets int, kept string"
        ),
        "random_words": spark.createDataFrame([("dog",), ("yak",)], "words string"),
    }
    run(PRINTED, CHANGES, names)
    cats = names["endangeredLinks"].transform(irbis.ImageDownloader()).orderBy("kept", "urls")
    rows = cats.collect()
    assert [r["kept"] for r in rows] == ["x"] * 4 + ["y"] * 2
    assert len({r["urls"] for r in rows}) == 6
    assert all(r["images"]["contentUrl"] == r["urls"] for r in rows)
    assert all(r["image_info"]["bytes"] == len(r["image"]) for r in rows)
    assert {r["labels"] for r in rows} == {"endangered"}
    others = names["randomLinks"].select("urls", "labels", "words").collect()
    assert [(r["labels"], r["words"]) for r in others] == [("other", "dog")] * 6
