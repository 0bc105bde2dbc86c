# %% [markdown]
# # 12 A detector that learns from guessed boxes
#
# "Transferring LIME's knowledge to Faster R-CNN", says the deck: boxes that a machine guessed teach a detector, which
# is faster than any explanation, and often better than its teacher, because mistakes that differ from picture to
# picture average out. Here boxes from guide 11's `CoLocalizer` teach one. Nobody draws anything.

# %%
import matplotlib.pyplot as plt
import numpy as np
import pyarrow as pa

from irbis import CoLocalizer, FasterRCNN, ImageFeaturizer, ModelDownloader
from irbis.detect.evaluate import centre_box, evaluate
from irbis.detect.examples import Example
from irbis.detect.sheet import comparison_sheet
from irbis.formats.coco import read_coco
from irbis.image.codec import decode
from irbis.samples import PETS

cats, dogs = sorted((PETS / "cats").iterdir()), sorted((PETS / "dogs").iterdir())
teaching, testing, others = cats[::3], cats[1:36:3], dogs[::15]
network = ModelDownloader().downloadByName("EfficientNetLite0")
pictures = pa.table({"image": [path.read_bytes() for path in teaching]})

# %% [markdown]
# The teacher: what do the cats have in common, and where is it?

# %%
features = ImageFeaturizer(cutOutputLayers=2).setModel(network).transform(pictures)["features"]
mean = np.mean([row["values"] for row in features.to_pylist()], axis=0)
teacher = CoLocalizer(model=network, coefficients=mean.tolist(), sizes=[320], label="cat")
guessed = teacher.fit(pictures).transform(pictures)["boxes"].to_pylist()


def corners(boxes):
    """Boxes as an array of (xmin, ymin, xmax, ymax)."""
    rows = [[b["xmin"], b["ymin"], b["xmax"], b["ymax"]] for b in boxes]
    return np.array(rows, np.float32).reshape(-1, 4)


# %% [markdown]
# The student. An example is a picture with its boxes; pictures of dogs, without boxes, teach what is none. On Spark
# `learner.fit(df)` takes rows of pictures and boxes. 25 steps at 224 pixels are a taste: the default is 120 at 320.


# %%
def example(picture, boxes):
    """A picture, its boxes, and class 1 for each."""
    return Example(decode(picture), boxes, np.ones(len(boxes), np.int64))


shown = zip(pictures["image"].to_pylist(), guessed, strict=True)
examples = [example(picture, corners(boxes)) for picture, boxes in shown if boxes]
examples += [example(path.read_bytes(), corners([])) for path in others]
learner = FasterRCNN(labels=["cat"], iterations=25, longSide=224)
detector = learner.fit_examples(examples)

figure, axes = plt.subplots(figsize=(6, 2.4), layout="constrained")
axes.plot(learner.losses)
axes.set(xlabel="step", ylabel="loss", ylim=(0, None))
plt.show()

# %% [markdown]
# `detector` is a stage like any other: it needs ONNX Runtime and no torch, on tables, DataFrames, streams and behind
# HTTP. We try it on twelve cats it has not seen. The box in the middle of the picture, which knows nothing, is
# the bar: on portraits of pets it is a high one.

# %%
asked = pa.table({"image": [path.read_bytes() for path in testing]})
found = detector.transform(asked)["detections"].to_pylist()
truth = read_coco(PETS / "annotations.json")
human = [truth[f"cats/{path.name}"].boxes for path in testing]
seen = [decode(content) for content in asked["image"].to_pylist()]
students = [(corners(d), np.array([b["score"] for b in d])) for d in found]
middles = [(centre_box(p.shape[1], p.shape[0])[None], np.ones(1)) for p in seen]
for name, predictions in {"detector": students, "middle box": middles}.items():
    measured = evaluate(predictions, human)
    print(f"{name:<11} mean IoU {measured.mean_iou:.2f}, CorLoc at 0.7 {measured.corloc70:.2f}")

# %%
sheet = comparison_sheet(seen[:8], human[:8], [boxes[:1] for boxes, _ in students[:8]], columns=4)
figure, axes = plt.subplots(figsize=(9, 4.6))
axes.imshow(sheet)
axes.axis("off")
plt.show()

# %% [markdown]
# White is a person's box, orange the detector's, with its IoU.
#
# **Try next.** The defaults, and all cats: some minutes, and better boxes. `scoreWeights=True`, if your boxes have
# scores worth something. Boxes of MegaDetector or of people in place of guesses, and what they gave in
# measurements: [training](../../docs/training.md).
