# %% [markdown]
# # 13 The whole job: a word becomes a detector
#
# `irbis discover` strings guides 01 to 12 together: a classifier from folders of pictures, what it looks at, boxes, a
# Faster R-CNN, and a report that measures all of it on pictures that no step has seen. On the command line:
#
#     irbis discover cat --images pics/cats --others pics/dogs --out out/cat
#     irbis detect out/cat/detector new_pictures/ --out detections.json
#
# Here it runs from Python, on 20 cats and 20 dogs and with a short training, so that it takes a minute. `make demo`
# does it in full.

# %%
import shutil
import tempfile
from pathlib import Path

import matplotlib.pyplot as plt
import pyarrow as pa

import irbis
from irbis.detect.drawing import draw_boxes
from irbis.image.codec import decode
from irbis.samples import PETS

place = Path(tempfile.mkdtemp())
for kind in ("cats", "dogs"):
    (place / kind).mkdir()
    files = sorted((PETS / kind).iterdir())
    for path in files[:: len(files) // 20][:20]:
        shutil.copy(path, place / kind)

# %% [markdown]
# `truth` are boxes that people drew. They are only compared with: nothing learns from them.

# %%
out = place / "out"
report = irbis.discover(
    "cat",
    [place / "cats"],
    [place / "dogs"],
    out,
    truth=PETS / "annotations.json",
    iterations=20,
    show=False,
)

# %%
print(f"pictures: {report['images']}")
print(f"classifier: {report['classifier']['accuracy']:.0%} of the held-out pictures are right")
for what in ("pseudo_boxes", "detector"):
    print(
        f"{what}: CorLoc at 0.5 {report[what]['corloc']:.2f}, at 0.7 {report[what]['corloc70']:.2f}"
    )
print(f"box in the middle: CorLoc at 0.7 {report['pseudo_boxes']['centre_box_corloc70']:.2f}")
print("left behind:", sorted(path.name for path in out.iterdir()))

# %% [markdown]
# A handful of held-out cats and twenty steps make no figures to quote; see [benchmarks](../../docs/benchmarks.md). But the
# detector is there, and it loads again, with Spark or without. Four cats that were not in the job:

# %%
detector = irbis.load(str(out / "detector"))
known = {path.name for path in (place / "cats").iterdir()}
new = [path for path in sorted((PETS / "cats").iterdir()) if path.name not in known][::12][:4]
table = pa.table({"image": [path.read_bytes() for path in new]})
figure, places = plt.subplots(1, len(new), figsize=(10, 3), layout="constrained")
for axes, row in zip(places, detector.transform(table).to_pylist(), strict=True):
    best = row["detections"][:1]
    boxes = [[b["xmin"], b["ymin"], b["xmax"], b["ymax"]] for b in best]
    axes.imshow(draw_boxes(decode(row["image"]), boxes))
    axes.set_title(", ".join(f"{b['label']} {b['score']:.2f}" for b in best))
    axes.axis("off")
plt.show()

# %% [markdown]
# A second run takes from `out/steps` all that did not change: pictures are known by content, so rename them freely.

# %%
again = irbis.discover(
    "cat",
    [place / "cats"],
    [place / "dogs"],
    out,
    truth=PETS / "annotations.json",
    iterations=20,
    show=False,
)
print(f"{report['seconds']['total']:.0f} s the first time, {again['seconds']['total']:.0f} s again")
print("reused:", ", ".join(again["reused"]))

# %% [markdown]
# **Try next.** Open `report.html` in `out`. `boxes="lime"`, the deck's own way; `calibrate=`, if you can draw ten
# boxes. Your own animal: pictures that mostly show it, and pictures of the same places without it.
