# %% [markdown]
# # 09 Why does it say that? LIME for pictures
#
# LIME (Ribeiro et al., 2016) cuts a picture into superpixels, hides some of them, asks the model again, and
# does so a hundred times. A linear model of the answers says which superpixels mattered. It works with any
# classifier, because it only asks.

# %%
import matplotlib.pyplot as plt
import numpy as np
import pyarrow as pa

from irbis import ImageFeaturizer, ImageLIME, ModelDownloader
from irbis.explain.explanation import Explanation
from irbis.explain.overlay import explanation_image
from irbis.image.codec import decode, encode
from irbis.samples import PETS

network = ModelDownloader().downloadByName("EfficientNetLite0")
model = ImageFeaturizer(cutOutputLayers=0, outputCol="probability").setModel(network)
paths = [PETS / "cats" / "Siamese_153.jpg", PETS / "cats" / "Maine_Coon_18.jpg"]
pictures = pa.table({"image": [path.read_bytes() for path in paths]})

# %% [markdown]
# What does the network say? ImageNet has a thousand classes; 284 is "Siamese cat", 281 "tabby".

# %%
said = [np.array(row["values"]) for row in model.transform(pictures)["probability"].to_pylist()]
for path, probabilities in zip(paths, said, strict=True):
    best = probabilities.argsort()[::-1][:3]
    print(path.name, {int(at): round(float(probabilities[at]), 2) for at in best})

# %% [markdown]
# And why? We ask for the class that it finds most probable. Blue superpixels speak for the class, orange ones
# against it. This runs on a table, in this process; on a DataFrame the samples spread over the cluster.


# %%
def explain(picture, target):
    """One explanation, and how it looks."""
    lime = ImageLIME(model=model, targetClasses=[target], numSamples=64, numSegments=24)
    row = lime.transform(picture).to_pylist()[0]
    found = Explanation.from_row(row["explanation"])
    return found, explanation_image(decode(row["image"]), found)


figure, places = plt.subplots(1, 4, figsize=(11, 3), layout="constrained")
for at in range(2):
    found, drawn = explain(pictures.slice(at, 1), int(said[at].argmax()))
    places[2 * at].imshow(decode(pictures["image"][at].as_py()))
    places[2 * at + 1].imshow(drawn)
    places[2 * at + 1].set_title(f"class {found.classes[0]}, r2 {found.r2[0]:.2f}")
for place in places:
    place.axis("off")
plt.show()

# %% [markdown]
# The tabby's background counts, too: a network takes what helps it. `r2` says how well the linear model describes what the network does: near 1, believe the weights; near 0,
# the parts act together and no list of weights can tell the story.
#
# Any Python function is a model too. This one likes blue pictures, so we know the answer: one half of the picture
# has a blue of 250, the other one of 30, so 250 / 280, or 89 %, of the weight belongs to the blue half.


# %%
def likes_blue(seen):
    """Pictures in (n, height, width, 3), a number for each out."""
    return seen[..., 2].mean(axis=(1, 2)) / 255


half = np.zeros((120, 180, 3), np.uint8)
half[:, :90] = (40, 60, 250)
half[:, 90:] = (220, 120, 30)

lime = ImageLIME(
    model=likes_blue,
    targetClasses=[0],
    metric="probability",
    fill="black",
    numSegments=12,
    numSamples=64,
)
row = lime.transform(pa.table({"image": [encode(half)]}))["explanation"][0].as_py()
found = Explanation.from_row(row)
blue = np.unique(found.segments[:, :90])
share = found.weights[0][blue].sum() / found.weights[0].sum()
print(f"{share:.0%} of the weight lies in superpixels of the blue half")

# %% [markdown]
# **Try next.** `ImageSHAP` in place of `ImageLIME`: Shapley values of the same superpixels. `sampler="adaptive"`:
# stops when the order of the superpixels no longer changes. Two classes at once: `targetClasses=[281, 284]`.
# Is an explanation any good? [Explanations](../../docs/explanations.md) has measures for that.
