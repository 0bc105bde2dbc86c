"""Generated sightings as rows of a table."""

import sys
from functools import cache
from pathlib import Path

import pyarrow as pa

sys.path[:0] = [str(Path(__file__).parents[2] / "benchmarks")]

BOX = pa.struct([(n, pa.float32()) for n in ("xmin", "ymin", "xmax", "ymax")])


@cache
def seen(individual, number, hard=0.4, station=0):
    """A generated sighting as a row: encoded, so that it is small to keep."""
    from identify_animals import sight

    from irbis.image.codec import encode

    found = sight(individual, number, hard=hard, station=station)
    return {
        "image": encode(found.picture),
        "mask": encode(found.mask, form="PNG"),
        "box": dict(zip(("xmin", "ymin", "xmax", "ymax"), found.box, strict=True)),
        "individual": f"animal {individual}",
        "file": f"{individual}-{number}",
        "station": f"station {station}",
        "event": f"{individual} {number}",
    }


def table(rows):
    schema = pa.schema(
        [
            ("image", pa.binary()),
            ("mask", pa.binary()),
            ("box", BOX),
            ("individual", pa.string()),
            ("file", pa.string()),
            ("station", pa.string()),
            ("event", pa.string()),
        ]
    )
    return pa.Table.from_pylist(list(rows), schema=schema)


PARAMS = {
    "boxCol": "box",
    "maskCol": "mask",
    "annotationCol": "file",
    "maxKeypoints": 300,
    "chipSize": 280,
}
