# %% [markdown]
# # 10 LIME for words and for rows of a table
#
# The idea of guide 09 needs no pictures: leave out words, or change columns, and ask again. First a pipeline of
# Spark ML that learns the tone of sentences from field diaries, then a function that sets a price.

# %%
import matplotlib.pyplot as plt
import numpy as np
import pyarrow as pa
from pyspark.ml.classification import LogisticRegression
from pyspark.ml.feature import CountVectorizer, Tokenizer

import irbis
from irbis import TabularLIME, TabularSHAP, TextLIME
from irbis.explain.table_explanation import TableExplanation
from irbis.explain.text_explanation import TextExplanation

spark = irbis.session()
good = """a wonderful day with a leopard on the ridge|great light and friendly people
the new camera works and the tent is warm|we found fresh tracks and all are happy
a quiet night and a wonderful sunrise|the horses are well and the people friendly"""
bad = """a terrible day with rain on the ridge|the battery is dead and the camera wet
we lost the tracks and all are tired|a cold night and a broken tent
the horses are ill and the food is terrible|no leopard and no light and wet boots"""
diary = [(line, 1.0) for line in good.replace("|", "\n").splitlines()]
diary += [(line, 0.0) for line in bad.replace("|", "\n").splitlines()]

tone = irbis.Pipeline(
    stages=[
        Tokenizer(inputCol="text", outputCol="words"),
        CountVectorizer(inputCol="words", outputCol="features"),
        LogisticRegression(regParam=0.05, maxIter=20),
    ]
).fit(spark.createDataFrame(diary, "text string, label double"))

# %% [markdown]
# The fitted pipeline is the model. Every word has a weight of its own: what the probability of a good day loses
# when the word is left out.

# %%
entry = "A wonderful morning on the ridge but the camera is broken and wet"
lime = TextLIME(model=tone, targetClasses=[1], metric="probability")
row = lime.transform(pa.table({"text": [entry]}))["explanation"][0].as_py()
said = TextExplanation.from_row(row)
print(f"a good day with probability {said.scores[0]:.2f}; r2 {said.r2[0]:.2f}")

figure, axes = plt.subplots(figsize=(8, 2.8), layout="constrained")
colours = np.where(said.weights[0] > 0, "tab:blue", "tab:orange")
axes.bar(range(len(said.words)), said.weights[0], color=colours)
axes.set_xticks(range(len(said.words)), said.words, rotation=50)
axes.axhline(0, color="grey", linewidth=0.8)
axes.set(ylabel="weight")
plt.show()

# %% [markdown]
# **Rows.** What is unusual about a row can only be said beside what is usual, so `TabularLIME` is fitted: on means
# and deviations of numbers, and on how often categories come. The model is a function of a pandas frame;
# `predict_proba` of scikit-learn would do as it is.

# %%
rng = np.random.default_rng(0)
houses = pa.table(
    {
        "rooms": rng.integers(1, 8, 200).astype(float),
        "age": rng.uniform(0, 90, 200),
        "town": rng.choice(["Naryn", "Osh", "Karakol"], 200),
    }
)


def price(frame):
    """In thousands; old houses are cheaper, but for those in Karakol."""
    aged = np.where(frame["town"] == "Karakol", 0.0, 0.4) * frame["age"]
    return 30 + 12 * frame["rooms"] - aged + 15 * (frame["town"] == "Osh")


asked = {
    "model": price,
    "inputCols": ["rooms", "age", "town"],
    "targetClasses": [0],
    "metric": "probability",
}
house = pa.table({"rooms": [6.0], "age": [80.0], "town": ["Karakol"]})
explained = {}
for stage in (TabularLIME(**asked), TabularSHAP(**asked)):
    row = stage.fit(houses).transform(house)["explanation"][0].as_py()
    explained[type(stage).__name__] = TableExplanation.from_row(row)
    found = explained[type(stage).__name__]
    print(
        type(stage).__name__, dict(zip(asked["inputCols"], found.weights[0].round(1), strict=True))
    )

# %% [markdown]
# The two answer different questions. LIME: what does one standard deviation more add, or this town in place of another?
# SHAP: how does this house come to its price, beside the mean of all? So SHAP's parts add up, to the last cent.

# %%
shap = explained["TabularSHAP"]
print(f"{shap.base[0]:.1f} + {shap.weights[0].sum():.1f} = {shap.scores[0]:.1f}")
figure, axes = plt.subplots(figsize=(6, 2.2), layout="constrained")
axes.barh(
    asked["inputCols"],
    shap.weights[0],
    color=np.where(shap.weights[0] > 0, "tab:blue", "tab:orange"),
)
axes.axvline(0, color="grey", linewidth=0.8)
axes.set(xlabel="adds to the price, in thousands")
plt.show()

# %% [markdown]
# **Try next.** `irbis.explain.text_html.explanation_html` for a page with the words marked; `TextSHAP`; a DataFrame
# in place of the table, so that a million rows are explained on a cluster: [Explanations](../../docs/explanations.md).
