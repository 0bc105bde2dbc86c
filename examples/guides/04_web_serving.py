# %% [markdown]
# # 04 The model as a web service
#
# The same model, the same API, and now strangers ask over HTTP: the deck's page "Web Serving with the Same
# API". A serving DataFrame is a stream whose rows are requests; its sink sends the replies.

# %%
import json
import time
import urllib.error
import urllib.request

import matplotlib.pyplot as plt
import numpy as np
from pyspark.ml.classification import LogisticRegression
from pyspark.sql.types import BinaryType

import irbis
from irbis.image.codec import decode
from irbis.samples import PETS

spark = irbis.session()
cats, dogs = (sorted((PETS / kind).iterdir()) for kind in ("cats", "dogs"))
rows = [(bytearray(p.read_bytes()), float(p in cats)) for p in cats[::7] + dogs[::15]]
network = irbis.ModelDownloader().downloadByName("EfficientNetLite0")
fitModel = irbis.Pipeline(
    stages=[
        irbis.ImageFeaturizer(cutOutputLayers=2).setModel(network),
        LogisticRegression(regParam=0.01),
    ]
).fit(spark.createDataFrame(rows, "image binary, label double"))

# %% [markdown]
# `continuousServer` puts the web server into Spark's Python workers, where the model runs. `server()`, in
# its place, goes through Spark's micro-batches: slower, but any query will do. Port 0 is any free one, and
# 127.0.0.1 means that only this machine may ask.

# %%
serving_df = (
    spark.readStream.continuousServer()
    .address("127.0.0.1", 0, "cat_detector")
    .load()
    .parseRequest(BinaryType())
)
results = fitModel.transform(serving_df)
query = results.makeReply("probability").writeStream.server().replyTo("cat_detector").start()
print(query.status["message"])

# %% [markdown]
# Any language that speaks HTTP can ask now; `curl --data-binary @cat.jpg ADDRESS` does.


# %%
def ask(content):
    """Post a picture; the reply is JSON."""
    with urllib.request.urlopen(query.address, content) as reply:
        return json.loads(reply.read())["probability"][1]


asked = cats[5:30:12] + dogs[4:50:20]
figure, places = plt.subplots(1, len(asked), figsize=(10, 2.4))
for place, path in zip(places, asked, strict=True):
    place.imshow(decode(path.read_bytes()))
    place.set_title(f"cat: {ask(path.read_bytes()):.2f}")
    place.axis("off")
plt.show()

# %% [markdown]
# Not a picture? Then the reply says so, and nobody else is bothered.

# %%
try:
    ask(b"to be or not to be")
except urllib.error.HTTPError as error:
    print(error.code, json.loads(error.read())["detail"])

# %% [markdown]
# How long does it take? One client, one request after the other. Most of it is the network's own
# forward; what serving itself takes is in the [benchmarks](../../docs/benchmarks.md).

# %%
content, took = asked[0].read_bytes(), []
for _ in range(40):
    began = time.perf_counter()
    ask(content)
    took.append(1000 * (time.perf_counter() - began))
print(f"median {np.median(took):.1f} ms, slowest {max(took):.1f} ms")
query.stop()

# %% [markdown]
# **Try next.** `fitModel.save(path)`, then `irbis serve PATH` on a machine without Java: the same service,
# with documentation at `/docs` and metrics at `/metrics`. Tokens, TLS, limits, Kubernetes:
# [Spark Serving](../../docs/serving.md).
