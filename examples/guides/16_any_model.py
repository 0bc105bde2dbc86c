# %% [markdown]
# # 16 Any model, and a stage of your own
#
# Everything in these guides is a stage: Params, what it writes, and one pure function from Arrow batch to Arrow batch.
# `OnnxModel` makes a stage of any network, whoever trained it and for whatever. For the rest, write one: three
# methods and a function.

# %%
import tempfile
from dataclasses import dataclass

import matplotlib.pyplot as plt
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from onnx import numpy_helper, save
from onnx.parser import parse_model

from irbis import OnnxModel, ParamField, PipelineModel, Stage, param
from irbis.converters import number, text
from irbis.schema import column, field_of, put
from irbis.testing import check_stage

# %% [markdown]
# **A network of somebody else.** Two animals walk in two half moons; a network tells their tracks apart. It has a
# hidden layer that nobody trained and an output layer by least squares, so that the guide needs no framework: what
# matters is the ONNX file. torch, TensorFlow and scikit-learn export such files.

# %%
rng = np.random.default_rng(0)
angle = rng.uniform(0, np.pi, 400)
second = np.arange(400) % 2
x = np.where(second, 1 - np.cos(angle), np.cos(angle)) + rng.normal(0, 0.15, 400)
y = np.where(second, 0.5 - np.sin(angle), np.sin(angle)) + rng.normal(0, 0.15, 400)
tracks = np.column_stack([x, y]).astype(np.float32)

hidden = rng.normal(0, 2, (2, 60)).astype(np.float32)
bias = rng.normal(0, 2, 60).astype(np.float32)
out, *_ = np.linalg.lstsq(np.tanh(tracks @ hidden + bias), 4.0 * second - 2.0, rcond=1e-3)
out = out[:, None].astype(np.float32)

model = parse_model("""<ir_version: 8, opset_import: ["": 17]>
moons (float[n, 2] point) => (float[n, 1] probability) {
    a = MatMul(point, hidden)
    b = Add(a, bias)
    c = Tanh(b)
    d = MatMul(c, out)
    probability = Sigmoid(d)
}""")
weights = {"hidden": hidden, "bias": bias, "out": out}
model.graph.initializer.extend(numpy_helper.from_array(v, k) for k, v in weights.items())
path = tempfile.mkdtemp() + "/moons.onnx"
save(model, path)

# %% [markdown]
# `feedDict` says which column goes into which input, `fetchDict` which column is made of which output. Rows that do not
# fit are error rows.

# %%
moons = OnnxModel(
    model=path, feedDict={"point": "track"}, fetchDict={"probability": "probability"}, batchSize=64
)
told = moons.transform(pa.table({"track": [[0.0, 1.0], [1.0, -0.5], [1.0], None]}))
for row in told.to_pylist():
    print(row["track"], row["probability"], row["probability_error"])

# %% [markdown]
# **A stage of your own**: who was it, or can't we tell? The function is a dataclass, so that it can travel to workers.


# %%
@dataclass(frozen=True)
class DecideFunction:
    source: str
    target: str
    margin: float

    def __call__(self, batch):
        sure = pc.list_element(column(batch, self.source), 0)
        far = pc.greater(pc.abs(pc.subtract(sure, 0.5)), self.margin)
        who = pc.if_else(pc.greater(sure, 0.5), "second", "first")
        return put(batch, self.target, pc.if_else(far, who, "unsure"))


class Decide(Stage):
    inputCol: ParamField[str] = param("lists of one probability", text, default="probability")
    outputCol: ParamField[str] = param("who it was", text, default="animal")
    margin: ParamField[float] = param("how far from 0.5", number(0, 0.5), default=0.2)

    def input_columns(self):
        return [self.getInputCol()]

    def output_fields(self, schema):
        field_of(schema, self.getInputCol(), reader="Decide")
        return [pa.field(self.getOutputCol(), pa.string())]

    def make_function(self):
        return DecideFunction(self.getInputCol(), self.getOutputCol(), self.getMargin())


check_stage(Decide(), told.select(["probability"]))  # raises if a promise is broken
both = PipelineModel([moons, Decide(margin=0.3)])

# %%
across, up = np.meshgrid(np.linspace(-1.6, 2.6, 80), np.linspace(-1.2, 1.7, 60))
grid = np.column_stack([across.ravel(), up.ravel()])
seen = both.transform(pa.table({"track": grid.tolist()}))["animal"].to_numpy(zero_copy_only=False)
figure, axes = plt.subplots(figsize=(6, 4), layout="constrained")
for name, colour in (("first", "#cfe2f3"), ("unsure", "#eeeeee"), ("second", "#fce5cd")):
    axes.scatter(*grid[seen == name].T, color=colour, marker="s", s=22, label=name)
axes.scatter(x, y, c=np.where(second, "tab:orange", "tab:blue"), s=6)
axes.legend(loc="upper right", markerscale=2)
plt.show()

# %% [markdown]
# In corners where no track ever was it is sure all the same: a network does not know what it has not seen.
#
# **Try next.** The pair on a Spark DataFrame, in one Python pass; `both.save(path)` (put the class into a module first,
# as loading imports it) and `irbis serve`. `FixedMiniBatchTransformer` and `FlattenBatch`, for a stage that wants lists:
# [mini-batching](../../docs/batching.md). [Write a stage](../../docs/write_a_stage.md) says what is promised.
