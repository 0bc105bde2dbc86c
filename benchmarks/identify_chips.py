"""Keypoints of generated animals, and known sets of them: what the cases of identify.py have in common."""

import json
import os
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np
from identify_animals import sight

from irbis.identify.cells import cell_count, learn_cells
from irbis.identify.chip import cut
from irbis.identify.keypoints import Keypoints, KeypointSettings, find_keypoints
from irbis.identify.known_set import KnownSet
from irbis.identify.shard import Annotation, Shard, pack
from irbis.image.picture import PictureError

Who = tuple[int, int, float, int]  # individual, number, difficulty, station


def line(figure: str, case: str, value: float, unit: str, peers: dict[str, float] | None = None):
    found = {"bench": "identify", "figure": figure, "case": case, "value": round(value, 4)}
    rounded = {name: round(v, 4) for name, v in (peers or {}).items()}
    print(json.dumps({**found, "unit": unit, "peers": rounded}), flush=True)


def _chip(who: Who, most: int, masked: bool) -> Keypoints:
    import cv2

    cv2.setNumThreads(1)
    individual, number, hard, station = who
    seen = sight(individual, number, hard=hard, station=station)
    try:
        chip = cut(seen.picture, seen.box, 400, seen.mask if masked else None)
        return find_keypoints(chip, KeypointSettings(most=most))
    except PictureError:  # too small: an error row, which finds nobody
        empty = np.zeros((0, 4), np.float32), np.zeros((0, 128), np.uint8)
        return Keypoints(*empty, 1, 1, (0.0, 0.0, 1.0, 1.0))


def chips(who: list[Who], most: int, masked: bool = True) -> list[Keypoints]:
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        return list(pool.map(partial(_chip, most=most, masked=masked), who, chunksize=4))


def annotated(who: list[Who], found: list[Keypoints]) -> list[Annotation]:
    return [
        Annotation(f"{w[0]}-{w[1]}", str(w[0]), None, None, k)
        for w, k in zip(who, found, strict=True)
    ]


def known_set(annotations: list[Annotation], folder: Path) -> KnownSet:
    pool = np.concatenate([a.keypoints.descriptors for a in annotations])
    cells = learn_cells(pool, cell_count(len(pool)), 0)
    return KnownSet(cells, [shard(annotations, cells, folder, "all")])


def shard(annotations, cells, folder: Path, name: str) -> Shard:
    paths = folder / f"{name}.index", folder / f"{name}.arrow"
    for path, content in zip(paths, pack(annotations, cells), strict=True):
        path.write_bytes(content)
    return Shard(*paths)
