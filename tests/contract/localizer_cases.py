"""Stages that turn pictures or heat maps into boxes."""

import numpy as np
import pyarrow as pa
from explain_cases import bright
from hypothesis import strategies as st

import irbis
import pictures


def localizer_cases(network):
    """As in stages.py: name -> (stage, strategy of inputs, one rich input, examples to try)."""
    few = pictures.binary_table([pictures.GOOD[0], None, pictures.BAD[1], pictures.GOOD[2]])
    weights = np.random.default_rng(0).normal(size=1280).tolist()
    given = {"model": network, "coefficients": weights, "sizes": [64], "heatCol": "heat"}
    cam = irbis.CamLocalizer(**given, maxObjects=3)
    model = irbis.CoLocalizer(**given, minLogit=None).fit(few)
    columns = (cam.transform(few)["heat"], model.transform(few)["heat"])
    heats = pa.table(dict(zip("ab", columns, strict=True)))
    # Any explainer will do; ImageLIME has a case of its own, with a network.
    lime = irbis.ImageLIME(
        model=bright, targetClasses=[0], metric="probability", numSamples=8, numSegments=5
    )
    return {
        "CamLocalizer": (cam, pictures.pictures, few, 4),
        "CoLocalizerModel": (model, pictures.pictures, few, 4),
        "HeatFusion": (irbis.HeatFusion(inputCols=["a", "b"]), st.just(heats), heats, 1),
        "LimeLocalizer": (
            irbis.LimeLocalizer(explainer=lime, heatCol="heat"),
            pictures.pictures,
            few,
            3,
        ),
    }
