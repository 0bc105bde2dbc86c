"""A few boxes of training pictures, given by a person to choose the rule by."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from irbis.detect.calibrating import Calibration, calibrate
from irbis.detect.catalog import Catalog
from irbis.detect.heat import heat_of
from irbis.detect.truth import Truth

__all__ = ["by_hints"]


def by_hints(catalog: Catalog, localizer: Any, boxes: Path) -> Calibration:
    """Choose a localizer's rule by the boxes of training pictures in a COCO file.

    Parameters
    ----------
    catalog : Catalog
    localizer : CamLocalizer or CoLocalizerModel
        With a heatCol; its label is the category's name.
    boxes : Path
        Held-out pictures in it do not count.

    Raises
    ------
    DataError
        If it has no box of a training picture.
    """
    truth = Truth.read(boxes, localizer.value("label"))
    known = {
        row["sha256"]: found
        for row in catalog.select(1.0, False)
        if (found := truth.find(row["path"])) is not None and len(found)
    }
    images = catalog.images(1.0, False, known.keys())
    heats, shares = {}, {}
    for row in localizer.transform(images).select("sha256", "heat").toArrow().to_pylist():
        if row["heat"] is not None:
            sha, heat = row["sha256"], row["heat"]
            heats[sha] = heat_of(heat)
            sides = np.array([heat["pictureWidth"], heat["pictureHeight"]] * 2, np.float32)
            shares[sha] = known[sha] / sides
    return calibrate(heats, shares, (localizer.value("rule"), localizer.value("fraction")))
