# %% [markdown]
# # 02 With and without deep features
#
# Is the network worth its time? The deck shows two confusion matrices: a logistic regression on pixels,
# and one on deep features of the pictures and their mirror images. We draw both. Each row of a matrix is
# what the pictures are, each column what they were taken for; a good classifier is dark on the diagonal.

# %%
import hashlib

import matplotlib.pyplot as plt
import numpy as np
from pyspark.ml.classification import LogisticRegression
from pyspark.sql import functions as F

import irbis
from irbis.samples import PETS

spark = irbis.session()
KINDS = ["dog", "cat"]

# %% [markdown]
# A third of the pictures is held out. Which ones, their content decides, so it is the same third in every
# run, whatever the files are called.

# %%
rows = []
for label, kind in enumerate(KINDS):
    for path in sorted((PETS / f"{kind}s").iterdir())[::2]:
        content = path.read_bytes()
        held_out = hashlib.sha256(content).digest()[0] % 3 == 0
        rows.append((path.name, bytearray(content), float(label), held_out))
pictures = spark.createDataFrame(
    rows, "name string, image binary, label double, held_out boolean"
).persist()
train, test = pictures.where("not held_out"), pictures.where("held_out")
print(f"{train.count()} pictures teach, {test.count()} test")

# %% [markdown]
# Both pipelines end the same way. The first one sees 32 x 32 pixels, the second one what the network makes
# of the picture and of its mirror image, whose two answers are averaged.

# %%
network = irbis.ModelDownloader().downloadByName("EfficientNetLite0")
learner = LogisticRegression(probabilityCol="prob", regParam=0.01, maxIter=30)
one_answer = irbis.EnsembleByKey(keys=["name", "label"], cols=["prob"])

pixels = irbis.Pipeline(
    stages=[irbis.UnrollImage(width=32, height=32, outputCol="features"), learner, one_answer]
)
deep = irbis.Pipeline(
    stages=[
        irbis.ImageSetAugmenter(flipHorizontal=True),
        irbis.ImageFeaturizer(cutOutputLayers=2).setModel(network),
        learner,
        one_answer,
    ]
)


def confusion(pipeline):
    """Rows: what it is; columns: what it was taken for; each row sums to 1."""
    said = pipeline.fit(train).transform(test)
    counts = np.zeros((2, 2))
    for row in said.select("label", F.col("mean(prob)").alias("prob")).collect():
        counts[int(row["label"]), int(row["prob"][1] > 0.5)] += 1
    return counts / counts.sum(axis=1, keepdims=True), np.trace(counts) / counts.sum()


# %%
figure, places = plt.subplots(1, 2, figsize=(8, 3.6), layout="constrained")
for place, (name, pipeline) in zip(
    places, {"pixels": pixels, "deep features": deep}.items(), strict=True
):
    matrix, right = confusion(pipeline)
    place.imshow(matrix, cmap="Blues", vmin=0, vmax=1)
    for (y, x), share in np.ndenumerate(matrix):
        place.text(x, y, f"{share:.2f}", ha="center", color="white" if share > 0.6 else "black")
    place.set(title=f"{name}: {right:.0%} right", xlabel="taken for", ylabel="is")
    place.set(xticks=[0, 1], xticklabels=KINDS, yticks=[0, 1], yticklabels=KINDS)
    print(f"{name}: {right:.0%} of the held-out pictures are right")
plt.show()

# %% [markdown]
# Dogs are the commoner kind, so a classifier that always says "dog" is right in two cases of three: look
# at the rows, not at the sum. And one caution: the network learned from ImageNet, which has cats and dogs.
# For an animal that it never saw the difference will be smaller.
#
# **Try next.** `cutOutputLayers=1`, the network's 1000 answers; `layerName="block10"`; only five pictures of
# each kind to learn from.
