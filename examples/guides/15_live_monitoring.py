# %% [markdown]
# # 15 Live monitoring: a page, and files for camera-trap programs
#
# Guide 03 pushed numbers to Power BI. Here pictures are looked at as they come, a page of irbis shows what is found, and
# the finds are written as the files that Timelapse, Agouti or GBIF read. On the command line this is
# `irbis watch FOLDER --model MODEL`.

# %%
import json
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.request import urlopen

import matplotlib.pyplot as plt
import numpy as np
import pyarrow as pa
from PIL import Image

import irbis
from irbis.detect.drawing import draw_boxes
from irbis.formats.camtrap_dp import Deployment, write_camtrap_dp
from irbis.formats.from_rows import from_rows
from irbis.formats.megadetector_pictures import write_megadetector_pictures
from irbis.image.codec import decode
from irbis.samples import PETS

place = Path(tempfile.mkdtemp())
incoming = place / "ridge"
incoming.mkdir()
cats = sorted((PETS / "cats").iterdir())

# %% [markdown]
# A detector: your own from guide 12 or 13, of course. So that this guide starts at once, it takes a localizer, which
# makes boxes too: where a picture looks like the mean of some cats.

# %%
network = irbis.ModelDownloader().downloadByName("EfficientNetLite0")
known = pa.table({"image": [path.read_bytes() for path in cats[:12]]})
features = irbis.ImageFeaturizer(cutOutputLayers=2).setModel(network).transform(known)["features"]
mean = np.mean([row["values"] for row in features.to_pylist()], axis=0)
detector = irbis.CamLocalizer(
    model=network, coefficients=mean.tolist(), sizes=[320], label="cat", outputCol="detections"
)

# %% [markdown]
# The stream, and the page. `ReadExif` finds out when a picture was taken, so we give ours the camera's date.

# %%
spark = irbis.session()
pictures = spark.readStream.file(str(incoming))
found = detector.transform(irbis.ReadExif().transform(pictures))
dashboard = irbis.Dashboard(
    found, title="Ridge", checkpoint=place / "checkpoint", results=place / "finds", threshold=0.1
).start()

start = datetime(2026, 3, 1, 5, tzinfo=UTC)
for number, path in enumerate(cats[20:50:5]):
    picture, exif = Image.open(path), Image.Exif()
    taken = (start + timedelta(minutes=50 * number)).strftime("%Y:%m:%d %H:%M:%S")
    exif[0x8769] = {0x9003: taken}  # DateTimeOriginal
    picture.save(place / path.name, exif=exif)
    (place / path.name).rename(incoming / path.name)
(incoming / "broken.jpg").write_bytes(b"cards get damaged")
dashboard.query.processAllAvailable()

# %% [markdown]
# In a browser you would open `dashboard.address`. We read what the page is told.

# %%
state = {"pictures": 0}
while state["pictures"] < 7:  # the page follows the stream, a moment behind
    time.sleep(0.2)
    with urlopen(dashboard.address + "/state.json") as answer:
        state = json.loads(answer.read())
dashboard.stop()
print(
    f"{state['pictures']} pictures, {state['failed']} of them can't be read:",
    state["failures"][0]["kind"],
)
for hour in state["hours"]:
    if hour["counts"]:
        print(hour["hour"], hour["counts"])

# %% [markdown]
# `results` has kept every row once, however often the query is killed. From there to the camera-trap people:

# %%
rows = [
    row.asDict(recursive=True) for row in spark.read.parquet(str(place / "finds" / "*")).collect()
]
traps = from_rows([{**row, "location": "ridge"} for row in rows], root=str(incoming))
write_megadetector_pictures(place / "detections.json", traps)
write_camtrap_dp(
    place / "package",
    [trap for trap in traps if trap.failure is None],
    [Deployment("ridge", latitude=42.4, longitude=78.3)],
)
print(json.loads((place / "detections.json").read_text())["images"][0])
print((place / "package" / "observations.csv").read_text().splitlines()[1])

# %%
figure, places = plt.subplots(1, 4, figsize=(10, 2.8), layout="constrained")
shown = sorted((row for row in rows if row["detections"]), key=lambda row: row["path"])
for axes, row in zip(places, shown, strict=False):
    boxes = [[b["xmin"], b["ymin"], b["xmax"], b["ymax"]] for b in row["detections"]]
    axes.imshow(draw_boxes(decode(Path(row["path"]).read_bytes()), boxes))
    axes.set_title(f"{row['taken']:%H:%M}")
    axes.axis("off")
plt.show()

# %% [markdown]
# **Try next.** Stop and start it with the same checkpoint: the page goes on where it was. `also=PowerBIWriter.batch(url)`:
# both at once. `GroupSequences` and `EnsembleByKey`: one answer a visit. See [monitoring](../../docs/monitoring.md).
