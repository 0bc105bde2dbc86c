# %% [markdown]
# # 11 From explanations to boxes
#
# The deck's trick: if LIME knows which superpixels made the classifier say "leopard", then the box around them is
# a box around the leopard, and nobody had to draw it. How good are such boxes? The samples come with boxes that
# people drew; we only compare with them.

# %%
import matplotlib.pyplot as plt
import numpy as np
import pyarrow as pa

from irbis import BoxesFromWeights, CoLocalizer, ImageFeaturizer, ImageLIME, ModelDownloader
from irbis.detect.drawing import HUMAN, draw_boxes
from irbis.detect.evaluate import iou_matrix
from irbis.formats.coco import read_coco
from irbis.image.codec import decode
from irbis.samples import PETS

network = ModelDownloader().downloadByName("EfficientNetLite0")
paths = sorted((PETS / "cats").iterdir())[3:39:3]
pictures = pa.table({"image": [path.read_bytes() for path in paths]})
truth = read_coco(PETS / "annotations.json")
drawn_by_people = [truth[f"cats/{path.name}"].boxes for path in paths]

# %% [markdown]
# ImageNet has five classes of house cats (281 to 285). Their sum is our classifier: a Python function would do, but
# LIME is quicker with a stage, so it explains the first four pictures by the most probable of the five.

# %%
featurizer = ImageFeaturizer(cutOutputLayers=0, outputCol="probability").setModel(network)
four = pictures.slice(0, 4)
said = np.array([row["values"] for row in featurizer.transform(four)["probability"].to_pylist()])
explained = []
for at in range(4):
    target = 281 + int(said[at, 281:286].argmax())
    lime = ImageLIME(model=featurizer, targetClasses=[target], numSamples=64, numSegments=24)
    explained.append(lime.transform(four.slice(at, 1)))
explained = pa.concat_tables(explained)

# %% [markdown]
# "mask = union(superpixels | top 70 % of weights)", says the slide. Read literally that is most of the picture.
# Other rules take fewer: "mass" takes the superpixels that hold 80 % of the positive weight.


# %%
def corners(boxes):
    """Rows (xmin, ymin, xmax, ymax) of the first box."""
    return np.array([[b["xmin"], b["ymin"], b["xmax"], b["ymax"]] for b in boxes[:1]]).reshape(
        -1, 4
    )


def overlaps(rows):
    """IoU of each picture's box with a person's."""
    pairs = zip(rows, drawn_by_people, strict=False)
    return [float(iou_matrix(corners(b), t).max(initial=0.0)) for b, t in pairs]


found = {}
for rule in ("deck", "positive", "mass"):
    boxer = BoxesFromWeights(rule=rule, label="cat", outputCol="boxes")
    found[f"LIME, {rule}"] = boxer.transform(explained)["boxes"].to_pylist()

# %% [markdown]
# There is another way to a heat map, which asks no question twice: what do the pictures of one thing have in common?
# `CoLocalizer` learns it from all twelve, with one forward a picture where LIME needs 64. It is what `irbis discover`
# uses. It wants the weights of a linear classifier; the mean of the features will do for a guide.

# %%
features = ImageFeaturizer(cutOutputLayers=2).setModel(network).transform(pictures)["features"]
mean = np.mean([row["values"] for row in features.to_pylist()], axis=0)
learner = CoLocalizer(model=network, coefficients=mean.tolist(), sizes=[320], label="cat")
found["in common"] = learner.fit(pictures).transform(four)["boxes"].to_pylist()

print(f"{'IoU with a person':<16} " + " ".join(f"{n + 1:>5}" for n in range(4)))
for name, rows in found.items():
    print(f"{name:<17} " + " ".join(f"{value:5.2f}" for value in overlaps(rows)))

# %%
figure, places = plt.subplots(2, 4, figsize=(10, 5), layout="constrained")
for across, name in enumerate(("LIME, mass", "in common")):
    for at, place in enumerate(places[across]):
        picture = draw_boxes(decode(four["image"][at].as_py()), drawn_by_people[at], HUMAN)
        place.imshow(draw_boxes(picture, corners(found[name][at])))
        place.set_title(f"{name}: {overlaps(found[name])[at]:.2f}", fontsize=10)
        place.axis("off")
plt.show()

# %% [markdown]
# White is a person's box, orange the machine's. Four pictures prove nothing: [boxes](../../docs/detection.md) has the
# measurements, and how the rules were chosen.
#
# **Try next.** `numSamples=256`; `CamLocalizer`, which needs one forward and no learning; `maxObjects=3`.
