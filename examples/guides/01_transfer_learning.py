# %% [markdown]
# # 01 Transfer learning: a classifier from a handful of pictures
#
# A network that has seen a million photographs knows a lot about fur, ears and eyes. We cut its last
# layers off, and let a small classifier learn from what is left. That is the pipeline on the deck's page
# "Training a Deep Transfer Learner". The deck has snow leopards; we have the cats and dogs that ship
# with irbis (Oxford-IIIT Pet Dataset, CC BY-SA 4.0).

# %%
import tempfile

import matplotlib.pyplot as plt
from pyspark.ml.classification import LogisticRegression
from pyspark.sql import functions as F

import irbis as mml
from irbis.image.codec import decode
from irbis.samples import PETS

spark = mml.session()  # yours if one is active, else a local one

# %% [markdown]
# A camera trap takes bursts: some pictures of one animal, a second apart. We make believe that every
# three of our pictures are a burst at one station, and save them as Parquet, as the deck has them.

# %%
rows = [
    (f"{kind} {number // 3}", "ridge", bytearray(path.read_bytes()), float(kind == "cats"))
    for kind, step in (("cats", 3), ("dogs", 8))
    for number, path in enumerate(sorted((PETS / kind).iterdir())[::step][:18])
]
folder = tempfile.mkdtemp() + "/pictures"
schema = "group string, location string, image binary, label double"
spark.createDataFrame(rows, schema).write.parquet(folder)

# %% [markdown]
# The pipeline. `ImageSetAugmenter` adds each picture's mirror image, `cutOutputLayers=2` gives the 1280
# numbers in front of the network's last layer, and `EnsembleByKey` makes one answer of a burst's six.
# Pictures of one burst must not be parted, so we split by burst. `regParam` holds the weights down: there are
# many numbers, and few pictures.

# %%
network = mml.ModelDownloader().downloadByName("EfficientNetLite0")

model = mml.Pipeline(
    stages=[
        mml.ImageSetAugmenter(flipHorizontal=True),
        mml.ImageFeaturizer(cutOutputLayers=2).setModel(network),
        LogisticRegression(probabilityCol="prob", regParam=0.01),
        mml.EnsembleByKey(keys=["group", "location"], cols=["prob"]),
    ]
)

bursts = spark.read.parquet(folder)
teaches = F.substring("group", -1, 1).isin("0", "1", "2", "3")
fit_model = model.fit(bursts.where(teaches))
results = fit_model.transform(bursts.where(~teaches)).orderBy("group")

# %% [markdown]
# It has learned from twelve pictures of each kind. Its answers, for bursts that it never saw:

# %%
answers = results.select("group", F.col("mean(prob)").alias("prob")).collect()
for row in answers:
    print(f"{row['group']}: cat with probability {row['prob'][1]:.2f}")

# %%
first = {group: bytes(image) for group, _, image, _ in reversed(rows)}
figure, places = plt.subplots(1, len(answers), figsize=(10, 2.6))
for place, row in zip(places, answers, strict=True):
    place.imshow(decode(first[row["group"]]))
    place.set_title(f"{row['group']}\ncat: {row['prob'][1]:.2f}", fontsize=10)
    place.axis("off")
plt.show()

# %% [markdown]
# **Try next.** `fit_model.save(path)` and `irbis.load(path)`: the same model without Spark or Java. A
# broken file among the pictures: its row says what was wrong, and the others are answered all the same.
# Pictures of your own: `irbis.read_pictures` is in `irbis.image.reading`. How networks are found, and
# what their layers are called: [models](../../docs/models.md).
