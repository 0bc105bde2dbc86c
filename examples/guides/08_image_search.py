# %% [markdown]
# # 08 No labels, no problem: from a search word to a classifier
#
# Who labels the pictures? Nobody: search for the animal, search for random words, and let the word that
# was searched be the label. This is the deck's "Bing powered snow leopard detection pipeline". Bing's API
# ended in 2025, so we ask `irbis services`, which speaks its contract over a folder. Our leopard is a cat.

# %%
import os

import matplotlib.pyplot as plt
from pyspark.ml.classification import LogisticRegression
from pyspark.sql import functions as F
from pyspark.sql.functions import lit

import irbis as mml
from irbis.image.codec import decode
from irbis.samples import PETS
from irbis.services.local.running import local_services

spark = mml.session()
os.environ["API_KEY"] = "any"
services = local_services(PETS, key=os.environ["API_KEY"])
url = services.__enter__()

# %% [markdown]
# Two searches. A search gives ten pictures a page, so the first one asks for three pages, by their offsets.

# %%
requestParameters = spark.createDataFrame(
    [("cat", 0), ("cat", 10), ("cat", 20)], "queries string, offsets int"
)
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
    .withColumn("labels", lit("endangered"))
)

random_words = spark.createDataFrame(
    [(word,) for word in ("pug", "beagle", "samoyed", "keeshond", "boxer")], "words string"
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
    .withColumn("labels", lit("other"))
)

# %% [markdown]
# Download them, and drop pictures that look the same as another: searches repeat themselves. A link that is
# dead, a page instead of a picture: such rows say so in `image_error`, and are left out here.

# %%
links = endangeredLinks.select("urls", "labels").union(randomLinks.select("urls", "labels"))
pictures = (
    links.transform(mml.ImageDownloader())
    .where("image IS NOT NULL")
    .transform(mml.PerceptualHash())
    .transform(mml.DropNearDuplicates(orderCols=["labels", "urls"]))
    .withColumn("label", F.when(F.col("labels") == "endangered", 1.0).otherwise(0.0))
    .persist()
)
pictures.groupBy("labels").count().show()
services.__exit__(None, None, None)

# %% [markdown]
# Then the pipeline of guide 01. Every third picture is held out, by its content.

# %%
held_out = F.conv(F.substring("image_info.sha256", 1, 4), 16, 10).cast("int") % 3 == 0
network = mml.ModelDownloader().downloadByName("EfficientNetLite0")
model = mml.Pipeline(
    stages=[
        mml.ImageFeaturizer(cutOutputLayers=2).setModel(network),
        LogisticRegression(probabilityCol="prob", regParam=0.01),
    ]
).fit(pictures.where(~held_out))
answers = model.transform(pictures.where(held_out)).select("image", "label", "prob").collect()
right = sum((row["prob"][1] > 0.5) == (row["label"] == 1.0) for row in answers)
print(f"{right} of {len(answers)} held-out pictures are right, and nobody labelled one")

# %%
surest = sorted(answers, key=lambda row: -row["prob"][1])
figure, places = plt.subplots(2, 6, figsize=(10, 3.8))
for place, row in zip(places.flat, surest[:6] + surest[-6:], strict=True):
    place.imshow(decode(bytes(row["image"])))
    place.set_title(f"cat: {row['prob'][1]:.2f}", fontsize=10)
    place.axis("off")
plt.show()

# %% [markdown]
# **Try next.** The world outside, where you have a network: `ImageSearch(provider="openverse")`, which also
# says who made each picture and under which licence. On the command line all of it, boxes and a detector
# included, is `irbis discover "snow leopard" --source openverse --out out/snow`. See
# [image search](../../docs/services.md).
