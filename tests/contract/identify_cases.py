"""The stage of identify in the contract tests."""

import sys
from pathlib import Path

import pyarrow as pa
from hypothesis import strategies as st

import irbis

sys.path[:0] = [str(Path(__file__).parents[1] / "identify")]


def identify_cases():
    """Name -> (stage, strategy of inputs, one rich input, examples to try)."""
    from sightings import PARAMS, seen, table

    known = table([seen(0, 0), seen(1, 0)])
    stage = irbis.HotSpotter(**PARAMS, stationCol="station", shardSize=1).fit(known)
    good = seen(0, 5, station=1)
    rows = [
        good,
        {**good, "image": None},
        {**good, "image": b"no picture"},
        {**good, "box": None},
        {**good, "mask": None, "station": None},
        {**good, "station": "station 0"},
    ]
    some = st.lists(st.sampled_from(rows), max_size=3).map(table)
    rich = pa.concat_tables([table(rows[:3]), table(rows[3:])])
    return {"HotSpotterModel": (stage, some, rich, 4)}
