# %% [markdown]
# # 05 HTTP on Spark: any web service is a stage
#
# A column of values goes out as requests, the answers come back as a column. Slow services are asked many
# rows at a time, unreliable ones are asked again, and a call that failed is a row that says why: it never
# ends the job. Our service is one that comes with irbis for tests; it misbehaves on demand.

# %%
import json
import time
from contextlib import ExitStack

import matplotlib.pyplot as plt
import pyarrow as pa

import irbis
from irbis import JSONOutputParser, SimpleHTTPTransformer
from irbis.testing import Reply, fake_service

services = ExitStack()
service = services.enter_context(fake_service())


def longest_word(seen):
    """Answer a request; this is the service's side."""
    words = json.loads(seen.body)["data"].split()
    return Reply(body={"longest": max(words, key=len), "words": len(words)}, latency=0.05)


url = service.script("/longest", longest_word)

# %% [markdown]
# The deck's snippet. The type of the answer is declared, so what comes back has columns, not just text.

# %%
spark = irbis.session()
df = spark.createDataFrame(
    [("the snow leopard sleeps",), ("ounce is an old name for it",), (None,)], "data string"
)
replies = (
    SimpleHTTPTransformer()
    .setOutputParser(JSONOutputParser().setDataType("longest string, words int"))
    .setUrl(url)
    .setInputCol("data")
    .setOutputCol("results")
    .setConcurrency(3)
    .transform(df)
)
replies.select("data", "results.longest", "results.words", "results_error.kind").show(
    truncate=False
)

# %% [markdown]
# A null is not sent; its row says so. What if the service stumbles? Once it is overloaded, once it says
# nonsense, once it closes the line. With `POST` among the methods that may be repeated, all but the
# nonsense heal by themselves. A pyarrow table does as well as a DataFrame, and needs no Spark.

# %%
service.script(
    "/moody", Reply(503), longest_word, Reply(how="bad_json"), Reply(how="close"), longest_word
)
moody = SimpleHTTPTransformer(
    url=service.url + "/moody",
    inputCol="data",
    outputCol="results",
    outputParser=JSONOutputParser(dataType="longest string, words int"),
    retryMethods=["POST"],
    concurrency=1,
    backoff=0.01,
)
told = moody.transform(
    pa.table({"data": ["patient clients win", "clear words help", "keep the line"]})
)
for row in told.to_pylist():
    error = row["results_error"]
    print(f"{row['data']:<20} {row['results']}  {error and (error['kind'], error['message'][:50])}")

# %% [markdown]
# The service takes 50 ms for each answer. Asked one by one, 60 rows take three seconds; asked together,
# hardly longer than one.

# %%
sentences = pa.table({"data": [f"sentence number {n}" for n in range(60)]})
seconds = {}
for concurrency in (1, 4, 16, 64):
    stage = moody.copy().setUrl(url).setConcurrency(concurrency)
    began = time.perf_counter()
    stage.transform(sentences)
    seconds[str(concurrency)] = time.perf_counter() - began
services.close()

figure, axes = plt.subplots(figsize=(6, 2.6), layout="constrained")
axes.bar_label(axes.barh(list(seconds), list(seconds.values())), fmt="%.2f s", padding=3)
axes.set(xlabel="seconds for 60 rows", ylabel="concurrency", xlim=(0, 1.2 * max(seconds.values())))
axes.invert_yaxis()
plt.show()

# %% [markdown]
# **Try next.** `requestsPerSecond`, for a service with a price list; `setMiniBatcher(...)`, for one that
# takes many values in one request; `CustomInputParser`, for one that does not speak JSON. All kinds of
# errors, and what is sent again: [HTTP on Spark](../../docs/http.md).
