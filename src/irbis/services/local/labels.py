"""What a picture shows, in ImageNet's 1000 words, by the packaged EfficientNet-Lite0."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from irbis.image.codec import Picture, encode
from irbis.model.hub import ModelDownloader
from irbis.process_cache import cached
from irbis.services.local.imagenet_words import words

__all__ = ["labels_of"]

_NETWORK = "EfficientNetLite0"


def labels_of(picture: Picture, most: int = 5, least: float = 0.05) -> list[tuple[str, float]]:
    """Likeliest labels with their probabilities, the best first; at least one."""
    from irbis.model.featurizer import ImageFeaturizer  # Spark ML's Params: a second to import

    stage = cached(
        "labels",
        lambda: ImageFeaturizer(
            cutOutputLayers=0, errors="raise", outputCol="probabilities"
        ).setModel(ModelDownloader().downloadByName(_NETWORK)),
    )
    table = pa.table({"image": [encode(picture, form="PNG")]})
    found = np.array(stage.transform(table)["probabilities"][0].as_py()["values"])
    best = np.argsort(-found, kind="stable")[:most]
    named = [(words(int(i)), round(float(found[i]), 4)) for i in best]
    return [named[0], *(pair for pair in named[1:] if pair[1] >= least)]
