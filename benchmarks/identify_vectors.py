"""What a network's vectors add to local matches, on generated animals: with masks, and with boxes alone."""

import numpy as np
import pyarrow as pa
from identify_animals import sight
from identify_chips import Who, line
from identify_ranks import STATIONS, area, paired

from irbis import HotSpotter, ImageFeaturizer, ModelDownloader
from irbis.image.codec import encode

INDIVIDUALS = 50
_CORNERS = ("xmin", "ymin", "xmax", "ymax")


def _table(who: list[Who]) -> pa.Table:
    rows = []
    for individual, number, hard, station in who:
        seen = sight(individual, number, hard=hard, station=station)
        rows.append(
            {
                "image": encode(seen.picture, form="PNG"),
                "mask": encode(seen.mask, form="PNG"),
                "box": dict(zip(_CORNERS, seen.box, strict=True)),
                "individual": str(individual),
                "file": f"{individual}-{number}",
            }
        )
    return pa.Table.from_pylist(rows)


def _asked(known: pa.Table, queries: pa.Table, strangers: pa.Table, **params):
    usual = {"boxCol": "box", "annotationCol": "file", "maxKeypoints": 500, "matchesCol": None}
    model = HotSpotter(**usual, **params).fit(known)
    out, unknown = model.transform(queries).to_pylist(), model.transform(strangers).to_pylist()
    first = [(r["candidates"] or [{"name": None, "score": 0.0}])[0] for r in out]
    right = np.array([f["name"] == r["individual"] for f, r in zip(first, out, strict=True)])
    named = np.array([r["prediction"] == r["individual"] for r in out])
    true = np.where(right, [f["score"] for f in first], 0.0)
    false = [r["candidates"][0]["score"] if r["candidates"] else 0.0 for r in unknown]
    wrong = sum(r["prediction"] not in {"unknown", None} for r in unknown)
    return right, named, area(true, false), wrong / len(unknown)


def vectors(hard: float = 1.5) -> None:
    network = ModelDownloader().downloadByName("EfficientNetLite0")
    featurizer = ImageFeaturizer(cutOutputLayers=2).setModel(network)
    stations = np.random.default_rng(0).integers(0, STATIONS, (INDIVIDUALS, 2)).tolist()
    known = _table([(i, n, 1.0, stations[i][n]) for i in range(INDIVIDUALS) for n in range(2)])
    queries = _table([(i, 10, hard, 20) for i in range(INDIVIDUALS)])
    strangers = _table([(10_000 + i, 10, hard, 20) for i in range(INDIVIDUALS)])
    for name, mask in {"masks": "mask", "boxes without masks": None}.items():
        plain = _asked(known, queries, strangers, maskCol=mask)
        for weight in (None, 0.5):
            case = f"{2 * INDIVIDUALS} chips, difficulty {hard}, {name}"
            more = {} if weight is None else {"featurizer": featurizer, "featurizerWeight": weight}
            found = (
                plain if weight is None else _asked(known, queries, strangers, maskCol=mask, **more)
            )
            case += "" if weight is None else ", vectors too"
            right, named, under, wrong = found
            line("rank1", case, float(right.mean()), "share", paired(right, plain[0]))
            line("named_rightly", case, float(named.mean()), "share",
                 {**paired(named, plain[1]), "strangers named": wrong, "area": under})  # fmt: skip
