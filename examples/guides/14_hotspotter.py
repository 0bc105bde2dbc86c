# %% [markdown]
# # 14 Which individual is it? HotSpotter
#
# The deck's next step: not "a snow leopard", but "that one, whom we met in May". HotSpotter (Crall et al., 2013) compares
# spots and stripes: points of a coat are found again in another picture of the same coat. The samples have no
# animal twice, so we photograph twelve cats a second time ourselves: turned, shrunk, darker, and compressed. That is
# an easy case; real second pictures are not.

# %%
import io

import matplotlib.pyplot as plt
import numpy as np
import pyarrow as pa
from PIL import Image, ImageEnhance

import irbis
from irbis.samples import PETS

paths = sorted((PETS / "cats").iterdir())[::3][:16]
rng = np.random.default_rng(7)


def photographed(path, again):
    """A row of a sighting; `again`: with another camera, from another side."""
    picture = Image.open(path).convert("RGB")
    if again:
        picture = picture.rotate(rng.uniform(-15, 15), Image.Resampling.BICUBIC, expand=True)
        picture = picture.resize((int(picture.width * 0.8), int(picture.height * 0.9)))
        picture = ImageEnhance.Brightness(picture).enhance(rng.uniform(0.6, 0.9))
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=70)
    event = f"{path.stem} {'May' if again else 'March'}"
    return {"image": buffer.getvalue(), "individual": path.stem, "file": event, "event": event}


# %% [markdown]
# Twelve cats are known. We meet all of them again, and four strangers.

# %%
known = pa.Table.from_pylist([photographed(path, again=False) for path in paths[:12]])
met = pa.Table.from_pylist([photographed(path, again=True) for path in paths])
spotter = irbis.HotSpotter(annotationCol="file", eventCol="event", chipSize=320, maxKeypoints=500)
model = spotter.fit(known)  # or a Spark DataFrame; then keypoints are found on the executors
out = model.transform(met)

print("met                  taken for            inliers of the best, of the second")
for row in out.to_pylist():
    inliers = [c["inliers"] for c in row["candidates"]] + [0, 0]
    print(f"{row['individual']:<20} {row['prediction']:<20} {inliers[0]:>7} {inliers[1]:>4}")

# %% [markdown]
# The inliers are pairs of points that one transformation carries into each other; strangers have none here. Look at
# them before you believe a name: some lines end on the floor, which is the same in both pictures.

# %%
row = out.to_pylist()[4]
best = row["candidates"][0]
second = next(k for k in known.to_pylist() if k["file"] == best["annotation"])
left, right = (np.asarray(Image.open(io.BytesIO(r["image"]))) for r in (row, second))
height = max(left.shape[0], right.shape[0])
canvas = np.full((height, left.shape[1] + right.shape[1] + 10, 3), 255, np.uint8)
canvas[: left.shape[0], : left.shape[1]] = left
canvas[: right.shape[0], left.shape[1] + 10 :] = right
figure, axes = plt.subplots(figsize=(9, 4))
axes.imshow(canvas)
mine = [m for m in row["matches"] if m["annotation"] == best["annotation"]]
for match in mine[:40]:
    xs = [match["x"], match["known_x"] + left.shape[1] + 10]
    axes.plot(xs, [match["y"], match["known_y"]], color="orange", linewidth=0.8)
axes.set_title(
    f"{row['individual']}: {best['inliers']} inliers, probability {best['probability']:.2f}"
)
axes.axis("off")
plt.show()

# %% [markdown]
# What was a stranger today is known tomorrow: `add` writes what is new, and builds nothing again.

# %%
grown = model.add(met.slice(12, 1))
print(len(model.individuals()), "individuals, then", len(grown.individuals()))

# %% [markdown]
# **Try next.** `boxCol` and `maskCol`: without them the rocks behind an animal match too, and two animals at one camera
# become one. `irbis identify --known known.csv --queries pictures/ --out report.html`: a page on which a person decides.
# Nobody has a name yet? `HotSpotter(...).group(sightings)`. All of it: [identify](../../docs/identify.md).
