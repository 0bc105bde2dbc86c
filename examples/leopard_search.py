"""The deck's page "Bing Powered Snow Leopard Detection Pipeline", from words to a classifier.

Two searches, labels by the word that was searched, a union, the download, near-duplicates dropped, and
the deck's classifier on it. Bing's API ended in 2025, so the searches go to `irbis services`, which
speaks Bing's contract over a folder; the folder is the shipped one of cats (here the endangered ones)
and dogs (the random words), under CC BY-SA 4.0. With pictures of your own:

    python examples/leopard_search.py --pictures DIR --target "snow leopard" --words "deer,fox,snow"
"""

from __future__ import annotations

import argparse
import os
import time
from pathlib import Path
from typing import Any

from pyspark.ml.classification import LogisticRegression
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

import irbis as mml
from irbis.samples import PETS
from irbis.services.local.running import local_services

WORDS = "beagle,pug,boxer,chihuahua,samoyed,havanese,leonberger,pomeranian,keeshond,newfoundland"


def main() -> None:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pictures", type=Path, default=PETS, help="folder to search in")
    parser.add_argument("--target", default="cat", help="word for the endangered ones")
    parser.add_argument("--words", default=WORDS, help="random words, by commas")
    parser.add_argument("--pages", type=int, default=6, help="of ten pictures of the target")
    asked = parser.parse_args()
    words = asked.words.split(",")
    run(mml.session(), asked.pictures, asked.target, words, asked.pages)


def run(
    spark: SparkSession, pictures: Path, target: str, words: list[str], pages: int
) -> dict[str, Any]:
    """Run the pipeline and say what each step found."""
    began = time.monotonic()
    said: dict[str, Any] = {}

    def tell(what: str, **found: Any) -> None:
        said.update(found)
        numbers = ", ".join(f"{name} {value}" for name, value in found.items())
        print(f"{time.monotonic() - began:6.1f} s  {what}: {numbers}")

    os.environ.setdefault("API_KEY", "any, for the stand-in asks for what it was started with")
    with local_services(pictures, key=os.environ["API_KEY"]) as url:
        links = search(spark, url, target, words, pages).persist()
        counts = {row["labels"]: row["count"] for row in links.groupBy("labels").count().collect()}
        tell("searched", endangered=counts.get("endangered", 0), other=counts.get("other", 0))

        fetched = links.transform(mml.ImageDownloader()).persist()
        failed = fetched.where("image_error is not null").count()
        tell("downloaded", pictures=fetched.count() - failed, failed=failed)

    hashed = fetched.where("image is not null").transform(mml.PerceptualHash())
    once = hashed.transform(mml.DropNearDuplicates(orderCols=["labels", "urls"])).persist()
    tell("near-duplicates dropped", left=once.count())

    labelled = once.withColumn("label", F.when(F.col("labels") == "endangered", 1.0).otherwise(0.0))
    # By content, not by chance: the same pictures are held out in every run.
    held = F.conv(F.substring("image_info.sha256", 1, 4), 16, 10).cast("int") % 3 == 0
    train, test = labelled.where(~held), labelled.where(held)
    network = mml.ModelDownloader().downloadByName("EfficientNetLite0")
    model = mml.Pipeline(
        stages=[
            mml.ImageSetAugmenter(flipHorizontal=True),
            mml.ImageFeaturizer(cutOutputLayers=2).setModel(network),
            LogisticRegression(probabilityCol="prob", regParam=0.01),
            mml.EnsembleByKey(keys=["urls", "label"], cols=["prob"]),
        ]
    ).fit(train)
    results = model.transform(test).collect()
    right = sum((row["mean(prob)"][1] > 0.5) == (row["label"] == 1.0) for row in results)
    most = max(sum(r["label"] == value for r in results) for value in (0.0, 1.0))
    tell("trained, and measured on a held-out third", right=right, of=len(results), commoner=most)
    return said


def search(spark: SparkSession, url: str, target: str, words: list[str], pages: int) -> DataFrame:
    """The deck's two searches, in its words."""
    offsets = [(target, 10 * page) for page in range(pages)]
    requestParameters = spark.createDataFrame(offsets, "queries string, offsets int")
    random_words = spark.createDataFrame([(word,) for word in words], "words string")

    endangeredLinks = (
        requestParameters.transform(
            mml.BingImageSearch(url=url)
            .setSubscriptionKey(os.environ["API_KEY"])
            .setOffsetCol("offsets")
            .setQueryCol("queries")
            .setCount(10)
            .setImageType("photo")
            .setOutputCol("images")
        )
        .transform(mml.GetBingURLs(inputCol="images", outputCol="urls"))
        .withColumn("labels", F.lit("endangered"))
    )
    randomLinks = (
        random_words.transform(
            mml.BingImageSearch(url=url)
            .setSubscriptionKey(os.environ["API_KEY"])
            .setCount(10)
            .setQueryCol("words")
            .setOutputCol("images")
        )
        .transform(mml.GetBingURLs(inputCol="images", outputCol="urls"))
        .withColumn("labels", F.lit("other"))
    )
    kept = ["urls", "labels", "images"]
    return endangeredLinks.select(kept).union(randomLinks.select(kept))


if __name__ == "__main__":
    main()
