# %% [markdown]
# # 06 Text, vision and faces as stages
#
# "Intelligent and Distributed Microservices in SparkML", says the deck: Azure's services by name, each a
# stage. Here they are asked of `irbis services`, stand-ins on this machine that speak the same contracts with
# small open models. With an account of yours you would set `.setLocation(...)` and `.setSubscriptionKey(...)`.

# %%
import io
from contextlib import ExitStack

import matplotlib.pyplot as plt
import numpy as np
import pyarrow as pa
from PIL import Image, ImageDraw, ImageFont

import irbis
from irbis.samples import PETS
from irbis.services.local.running import local_services

services = ExitStack()
url = services.enter_context(local_services(PETS))

# %% [markdown]
# **Text.** Two stages in a row, on a table: what language is it, and what tone has it? The same objects take
# Spark DataFrames, batch or streaming.

# %%
reviews = pa.table(
    {
        "text": [
            "The guide was wonderful and we saw three snow leopards!",
            "It rained for a week, and the food was terrible.",
            "Der Schneeleopard ist selten zu sehen.",
            "Camp four lies at 3900 metres.",
            None,
        ]
    }
)
text = irbis.PipelineModel(
    [
        irbis.LanguageDetector(url=url, outputCol="language"),
        irbis.TextSentiment(url=url, outputCol="sentiment"),
    ]
)
for row in text.transform(reviews).to_pylist():
    if row["sentiment"] is None:
        print("no answer:", row["sentiment_error"]["kind"])
        continue
    language, tone = row["language"]["detectedLanguage"]["name"], row["sentiment"]["sentiment"]
    print(f"{language:<8} {tone:<9} {row['text']}")

# %% [markdown]
# A camp that "lies" at 3900 metres sounds bad to a list of words.
#
# **Vision.** What is in a picture, and how sure is the service?

# %%
shown = [PETS / "cats" / "Siamese_153.jpg", *sorted((PETS / "dogs").iterdir())[30:90:30]]
pictures = pa.table({"image": [path.read_bytes() for path in shown]})
tagged = irbis.TagImage(url=url, imageBytesCol="image", outputCol="seen").transform(pictures)
figure, places = plt.subplots(1, len(shown), figsize=(9, 3.4))
for place, path, seen in zip(places, shown, tagged["seen"].to_pylist(), strict=True):
    place.imshow(Image.open(path))
    best = [f"{tag['name']} {tag['confidence']:.2f}" for tag in seen["tags"][:3]]
    place.set_title("\n".join(best), fontsize=9)
    place.axis("off")
plt.show()

# %% [markdown]
# **Text in pictures.** A camera trap burns date and temperature into its pictures; `ReadImage` reads them.
# Azure's answer has pages, lines, words and their places, and so has the stand-in's.

# %%
trap = Image.open(PETS / "cats" / "Maine_Coon_18.jpg").resize((960, 720))
pen = ImageDraw.Draw(trap)
pen.rectangle((0, 660, 960, 720), fill="black")
pen.text((20, 668), "2026-03-01 05:42:17   -12 C", fill="white", font=ImageFont.load_default(40))
buffer = io.BytesIO()
trap.save(buffer, "JPEG")
read = irbis.ReadImage(url=url, imageBytesCol="image", outputCol="read", deadline=60.0)
page = read.transform(pa.table({"image": [buffer.getvalue()]}))["read"][0].as_py()
lines = page["analyzeResult"]["readResults"][0]["lines"]
print([line["text"] for line in lines])

figure, axes = plt.subplots(figsize=(4.5, 3.4))
axes.imshow(trap)
for line in lines:
    corners = np.array(line["boundingBox"]).reshape(4, 2)
    axes.fill(*corners.T, fill=False, edgecolor="orange", linewidth=2)
axes.axis("off")
plt.show()
services.close()

# %% [markdown]
# **Try next.** `NER` for names and places, `DetectFace`, `DescribeImage`; a wrong key (start the stand-ins with
# `key="secret"`) and what the rows then say. What each stand-in can and can't do, and which services retire
# when: [services](../../docs/services.md). One more service is a page of code: [add a service](../../docs/add_a_service.md).
