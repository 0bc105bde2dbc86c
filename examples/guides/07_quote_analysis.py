# %% [markdown]
# # 07 Celebrity quote analysis
#
# The deck shows a chain of four services: search for pictures of quotes, read the text in them, ask for its
# tone, and compare the people. Here the pictures are drawn on the spot (the words are in the public domain),
# and `irbis services` answers: search over a folder, a reader of printed text, a word list for the tone.

# %%
import csv
import tempfile
import textwrap
from pathlib import Path

import matplotlib.pyplot as plt
from PIL import Image, ImageDraw, ImageFont
from pyspark.sql import functions as F

import irbis
from irbis.services.local.running import local_services

QUOTES = [
    ("Jane Austen", "There is no charm equal to tenderness of heart."),
    ("Jane Austen", "Angry people are not always wise."),
    ("Mark Twain", "The report of my death was an exaggeration."),
    ("Mark Twain", "Always do right. This will gratify some people and astonish the rest."),
    ("Oscar Wilde", "I can resist everything except temptation."),
    ("Oscar Wilde", "Yet each man kills the thing he loves."),
]

folder = Path(tempfile.mkdtemp())
with (folder / "metadata.csv").open("w", newline="") as file:
    captions = csv.writer(file)
    captions.writerow(["file_name", "title"])
    for number, (person, words) in enumerate(QUOTES):
        picture = Image.new("RGB", (900, 420), "#f4efe2")
        pen = ImageDraw.Draw(picture)
        lines = "\n".join(textwrap.wrap(words, 36))
        pen.multiline_text(
            (60, 60), lines, fill="#222222", font=ImageFont.load_default(42), spacing=18
        )
        pen.text((500, 330), f"- {person}", fill="#444444", font=ImageFont.load_default(36))
        picture.save(folder / f"{number}.png")
        captions.writerow([f"{number}.png", f"{person} quote"])

# %%
figure, places = plt.subplots(1, 3, figsize=(10, 1.8))
for number, place in enumerate(places):
    place.imshow(Image.open(folder / f"{2 * number}.png"))
    place.axis("off")
plt.show()

# %% [markdown]
# From three names to a table, stage by stage. Each stage adds its columns, and an error column beside them.

# %%
spark = irbis.session()
people = spark.createDataFrame(
    [("Jane Austen quote",), ("Mark Twain quote",), ("Oscar Wilde quote",)], "query string"
)
services = local_services(folder)
url = services.__enter__()
read = (
    people.transform(irbis.ImageSearch(provider="local", url=url, count=10, outputCol="images"))
    .transform(irbis.GetBingURLs())  # a row for each picture found
    .transform(irbis.ImageDownloader())
    .transform(irbis.ReadImage(url=url, imageBytesCol="image", outputCol="read", deadline=120.0))
)

# %% [markdown]
# The reader gives pages of lines. The line that begins with a dash is the signature, the others are the
# quote; a few expressions of Spark SQL take them apart.

# %%
lines = "flatten(transform(read.analyzeResult.readResults, p -> transform(p.lines, l -> l.text)))"
quotes = (
    read.withColumn("lines", F.expr(lines))
    .selectExpr(
        "trim(substring(element_at(filter(lines, l -> l like '-%'), -1), 2)) AS signed",
        "array_join(filter(lines, l -> l not like '-%'), ' ') AS quote",
    )
    # The reader may lose the space within a name.
    .withColumn("person", F.regexp_replace("signed", "(?<=[a-z])(?=[A-Z])", " "))
    .transform(irbis.TextSentiment(url=url, textCol="quote", outputCol="said"))
    .selectExpr("person", "said.sentiment AS tone", "quote", "said.confidenceScores.*")
    .orderBy("person", "quote")
    .toPandas()
)
services.__exit__(None, None, None)
print(quotes[["person", "tone", "quote"]].to_string(index=False))

# %%
table = quotes.groupby("person")[["positive", "neutral", "negative"]].mean()
figure, axes = plt.subplots(figsize=(8, 2.6), layout="constrained")
table.plot.barh(stacked=True, ax=axes, color=["#2e8b57", "#c9c9c9", "#b5413b"])
axes.set(xlabel="mean share of each tone", ylabel="", xlim=(0, 1))
axes.legend(ncols=3, loc="lower center", bbox_to_anchor=(0.5, 1), frameon=False)
plt.show()

# %% [markdown]
# A word list has no sense of irony, as Oscar Wilde shows. With a key of Azure's the same stages ask a better
# judge: only `url` changes.
#
# **Try next.** `examples/quote_analysis.py`, the same with five people and nineteen quotes.
# `RecognizeDomainSpecificContent(model="celebrities")`, if Microsoft has approved you. `KeyPhraseExtractor`:
# what do they talk about?
