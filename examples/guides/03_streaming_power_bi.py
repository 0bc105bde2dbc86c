# %% [markdown]
# # 03 A stream, and a dashboard in Power BI
#
# A model that was fitted on a table runs on a stream as it is. Here pictures come to a folder, a classifier
# looks at each, and the answers are pushed to Power BI: the deck's page "Simple APIs matter". You need no
# account: `irbis services` has a stand-in that speaks Power BI's push API and keeps its limits.

# %%
import json
import shutil
import tempfile
from contextlib import ExitStack
from pathlib import Path
from urllib.request import urlopen

import matplotlib.pyplot as plt
from pyspark.ml.classification import LogisticRegression
from pyspark.ml.functions import vector_to_array
from pyspark.sql import functions as F

import irbis
from irbis.samples import PETS
from irbis.services.local.running import local_services

spark = irbis.session()
place = Path(tempfile.mkdtemp())
incoming = place / "incoming"
incoming.mkdir()
cats, dogs = (sorted((PETS / kind).iterdir()) for kind in ("cats", "dogs"))

# %% [markdown]
# The model: a classifier on deep features, fitted on ten pictures of each kind. `DropColumns` at the end
# keeps pictures and features from leaving the worker: Power BI takes numbers and strings.

# %%
rows = [(bytearray(p.read_bytes()), float(p in cats)) for p in cats[::7] + dogs[::15]]
network = irbis.ModelDownloader().downloadByName("EfficientNetLite0")
fit_model = irbis.Pipeline(
    stages=[
        irbis.ImageFeaturizer(cutOutputLayers=2).setModel(network),
        LogisticRegression(probabilityCol="prob", regParam=0.01),
        irbis.DropColumns(cols=["image", "features", "rawPrediction"]),
    ]
).fit(spark.createDataFrame(rows, "image binary, label double"))

# %% [markdown]
# The deck's three lines. `spark.readStream.file` gives path, size, time and content of each new picture.

# %%
streaming_df = spark.readStream.file(str(incoming))
results = (
    fit_model.transform(streaming_df)
    .withColumn("cat", vector_to_array("prob")[1])
    .select(F.element_at(F.split("path", "/"), -1).alias("picture"), "modified", "cat")
)

services = ExitStack()
url = services.enter_context(local_services(key="any"))
powerbi_url = f"{url}/powerbi/beta/tenant/datasets/traps/rows?key=secret"  # as the portal shows it
stream = (
    irbis.PowerBIWriter.stream(results, powerbi_url)
    .option("checkpointLocation", str(place / "checkpoint"))
    .start()
)

# %% [markdown]
# The camera's pictures arrive, in two visits. A file is put there under a name with a dot and renamed when
# it is whole: a stream takes a file once, as it is when it is first seen.

# %%
for visit in (cats[5:40:12] + dogs[4:50:20], cats[41::12] + dogs[64::20]):
    for picture in visit:
        shutil.copy(picture, incoming / f".{picture.name}")
        (incoming / f".{picture.name}").rename(incoming / picture.name)
    stream.processAllAvailable()
stream.stop()

# %% [markdown]
# What has Power BI received? The stand-in tells.

# %%
with urlopen(f"{url}/powerbi/received/traps?rows=true") as answer:
    received = json.loads(answer.read())
services.close()
pushed = received["rows"]["RealTimeData"]
print(f"{len(pushed)} rows in {received['requests']} requests; the first one: {pushed[0]}")

figure, axes = plt.subplots(figsize=(8, 3.6), layout="constrained")
colours = ["tab:blue" if row["picture"][0].isupper() else "tab:orange" for row in pushed]
axes.bar(
    [row["picture"].removesuffix(".jpg") for row in pushed],
    [r["cat"] for r in pushed],
    color=colours,
)
axes.set(ylabel="probability of a cat", title="blue: cats, orange: dogs")
axes.tick_params(axis="x", rotation=60)
plt.show()

# %% [markdown]
# **Try next.** Start the stream again with the same checkpoint: nothing is sent twice. An address of your
# own semantic model, with a key from Power BI's portal. Or no Power BI at all: guide 15 has a live page.
# What happens to rows that Power BI refuses: [monitoring](../../docs/monitoring.md).
