"""The deck's "celebrity quote analysis": pictures of quotes, their text, its tone, by person.

Image search, download, reading of text and sentiment, each a stage that speaks the vendor's contract,
here against `irbis services`: no key, no network. The pictures are drawn by examples/quote_pictures.py.

    python examples/quote_analysis.py --out out/quotes

Who said it is read from the picture. Azure's model of celebrities (3.2, for approved customers) is asked
too, if AZURE_VISION_ENDPOINT and AZURE_VISION_KEY are set.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from pathlib import Path
from typing import Any

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from quote_pictures import QUOTES, draw

import irbis
from irbis.services.local.running import local_services

LINES = """flatten(transform(read.analyzeResult.readResults,
    page -> transform(page.lines, line -> line.text)))"""
SIGNATURE = """trim(regexp_replace(
    element_at(filter(lines, l -> l rlike '^[-\u2014]'), -1), '^[-\u2014]+', ''))"""
LABELS = ("positive", "neutral", "negative")


def main() -> None:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("out/quotes"))
    run(irbis.session(), parser.parse_args().out)


def run(spark: SparkSession, out: Path, most: int | None = None) -> list[dict[str, Any]]:
    """Run the analysis; writes quotes.csv and quotes.png and returns the table by person."""
    began = time.monotonic()
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        drawn = draw(Path(folder), most)
        print(f"{drawn} pictures of quotes drawn")
        with local_services(folder) as url:
            quotes = analysed(spark, url).persist()
            rows = [
                row.asDict(recursive=True) for row in quotes.orderBy("person", "quote").collect()
            ]
    table = by_person(rows)
    for row in rows:
        print(f"  {row['person'] or '?':<20} {row['tone'] or '?':<9} {row['quote']}")
    print(f"{'person':<20} {'quotes':>6} " + " ".join(f"{name:>8}" for name in LABELS))
    for person in table:
        shares = " ".join(f"{person[name]:8.2f}" for name in LABELS)
        print(f"{person['person']:<20} {person['quotes']:6d} {shares}")
    known = {" ".join(words.split()).lower() for _, _, words in QUOTES}
    exact = sum((row["quote"] or "").lower() in known for row in rows)
    print(f"{exact} of {len(rows)} quotes were read to the letter")
    quotes.drop("image", "image_info", "images").toPandas().to_csv(out / "quotes.csv", index=False)
    plot(table, out / "quotes.png")
    print(f"{time.monotonic() - began:.1f} s; {out / 'quotes.csv'}, {out / 'quotes.png'}")
    return table


def analysed(spark: SparkSession, url: str) -> DataFrame:
    """A row for each picture: who, what, in what tone."""
    people = list(dict.fromkeys(author for author, _, _ in QUOTES))
    asked = spark.createDataFrame([(f"{person} quote",) for person in people], "query string")
    found = (
        asked.transform(irbis.ImageSearch(provider="local", url=url, count=10, outputCol="images"))
        .transform(irbis.GetBingURLs())
        .transform(irbis.ImageDownloader())
        .transform(
            irbis.ReadImage(url=url, imageBytesCol="image", outputCol="read", deadline=120.0)
        )
    )
    lines = found.withColumn("lines", F.expr(LINES))
    # The last line that begins with a dash is the signature.
    signed = lines.select(
        "urls",
        "images",
        "image",
        "image_info",
        F.col("images.attribution").alias("credit"),
        F.expr("array_join(filter(lines, l -> not l rlike '^[-\u2014]'), ' ')").alias("quote"),
        # The reader may lose the space within a name.
        F.expr(f"regexp_replace({SIGNATURE}, '(?<=[a-z])(?=[A-Z])', ' ')").alias("person"),
    )
    if os.environ.get("AZURE_VISION_ENDPOINT"):
        celebrities = irbis.RecognizeDomainSpecificContent(
            url=os.environ["AZURE_VISION_ENDPOINT"],
            subscriptionKey=os.environ.get("AZURE_VISION_KEY"),
            model="celebrities",
            imageBytesCol="image",
            outputCol="celebrities",
        )
        signed = signed.transform(celebrities)
    toned = signed.transform(irbis.TextSentiment(url=url, textCol="quote", outputCol="sentiment"))
    return toned.withColumn("tone", F.col("sentiment.sentiment"))


def by_person(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Mean shares of each tone, and how many quotes."""
    people: dict[str, list[dict[str, float]]] = {}
    for row in rows:
        if row["person"] and row["sentiment"]:
            people.setdefault(row["person"], []).append(row["sentiment"]["confidenceScores"])
    return [
        {
            "person": person,
            "quotes": len(scores),
            **{name: sum(s[name] for s in scores) / len(scores) for name in LABELS},
        }
        for person, scores in sorted(people.items())
    ]


def plot(table: list[dict[str, Any]], path: Path) -> None:
    """Draw one bar a person: its shares of each tone."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 0.6 * len(table) + 1.6), layout="constrained")
    axes = figure.add_subplot()
    names = [f"{row['person']} ({row['quotes']})" for row in table]
    left = [0.0] * len(table)
    for label, colour in zip(LABELS, ("#2e8b57", "#c9c9c9", "#b5413b"), strict=True):
        shares = [row[label] for row in table]
        bars = axes.barh(names, shares, left=left, color=colour, label=label)
        axes.bar_label(bars, [f"{s:.2f}" if s > 0.06 else "" for s in shares], label_type="center")
        left = [a + b for a, b in zip(left, shares, strict=True)]
    axes.set(xlim=(0, 1), xlabel="mean share by person (VADER, not calibrated)")
    axes.invert_yaxis()
    axes.spines[["top", "right"]].set_visible(False)
    figure.legend(ncols=3, loc="outside upper center", frameon=False)
    figure.savefig(path, dpi=120)


if __name__ == "__main__":
    main()
