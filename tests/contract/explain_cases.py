"""What explains models of texts and tables, and by Shapley values; the models are Python functions."""

import math

import numpy as np
import pyarrow as pa
from hypothesis import strategies as st

import irbis
import pictures

#: On Spark ImageLIME stands for them in this test; tests/explain/test_rows_on_spark.py runs and
#: saves those of texts and tables.
EXPLAINERS = ["ImageSHAP", "TabularLIMEModel", "TabularSHAPModel", "TextLIME", "TextSHAP"]


def bright(seen):
    return seen[:, :, : max(1, seen.shape[2] // 2)].mean(axis=(1, 2, 3)) / 255


def friendly(texts):
    return [0.9 if "good" in text else 0.3 if "bad" in text else 0.5 for text in texts]


def dear(frame):
    rooms = frame["rooms"].astype(float).replace([np.inf, -np.inf], 9).fillna(0)
    return 2.0 * rooms + (frame["town"] == "Oslo")


_texts = st.lists(st.one_of(st.none(), st.text("ab good猫,.\n", max_size=9)), max_size=4)
TEXTS = _texts.map(lambda rows: pa.table({"text": pa.array(rows, pa.string())}))
_TEXTS = pa.table({"text": ["a good cat, not bad", "", None, "bad", "猫 good\n\n good"]})

_HOUSE = pa.schema([("rooms", pa.float64()), ("town", pa.string()), ("pool", pa.bool_())])
_houses = st.fixed_dictionaries(
    {
        "rooms": st.one_of(st.none(), st.floats(-9, 9), st.sampled_from([math.nan, math.inf])),
        "town": st.sampled_from(["Oslo", "Rome", "", None]),
        "pool": st.sampled_from([True, False, None]),
    }
)
HOUSES = st.lists(_houses, max_size=4).map(lambda r: pa.Table.from_pylist(r, schema=_HOUSE))
_HOUSES = pa.table(
    {"rooms": [1.0, 2.0, None, math.nan, 5.0], "town": ["Oslo", "Bergen", "Oslo", None, "Rome"],
     "pool": [True, False, None, True, False]},
    schema=_HOUSE,
)  # fmt: skip


def explain_cases():
    """Name -> (stage, strategy of inputs, one rich input, examples to try)."""
    told = {"targetClasses": [0], "metric": "probability"}
    columns = {"inputCols": _HOUSES.column_names, "model": dear, **told}
    few = pictures.binary_table([pictures.GOOD[0], None, pictures.BAD[1], pictures.GOOD[2]])
    shown = irbis.ImageSHAP(model=bright, numSamples=16, numSegments=4, **told)
    lime = irbis.TabularLIME(numSamples=40, **columns).fit(_HOUSES)
    shap = irbis.TabularSHAP(**columns).fit(_HOUSES)
    return {
        "ImageSHAP": (shown, pictures.pictures, few, 5),
        "TabularLIMEModel": (lime, HOUSES, _HOUSES, 15),
        "TabularSHAPModel": (shap, HOUSES, _HOUSES, 10),
        "TextLIME": (
            irbis.TextLIME(model=friendly, targetClasses=[0], numSamples=16),
            TEXTS,
            _TEXTS,
            15,
        ),
        "TextSHAP": (
            irbis.TextSHAP(model=friendly, targetClasses=[0], numSamples=16),
            TEXTS,
            _TEXTS,
            15,
        ),
    }
