"""Decoding JPEGs straight to a reduced size, beside full decoding: time, and what it changes.

    python benchmarks/decoding.py              # pictures of --data, $IRBIS_DATA or ../shared/data
    python benchmarks/decoding.py --small      # the shipped pictures only

Prints one JSON object a line: {"bench", "figure", "case", "value", "unit", "peers"}. Both ways run in
turns on the same pictures in memory, best of five in CPU time; the full way is the peer.
"""

import argparse
import json
import os
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from irbis import ImageFeaturizer, ModelDownloader
from irbis.image.codec import Picture, PictureError, decode, encode
from irbis.image.fingerprint import difference_hash
from irbis.image.pixels import resized
from irbis.samples import PETS

HASH = (288, 256)  # what PerceptualHash asks for
TARGETS = {"224 x 224": ((224, 224), None), "120 x 120": ((120, 120), None), "hash": ((9, 8), HASH)}


def line(figure: str, case: str, value: float, unit: str, peers: dict[str, float]) -> None:
    found = {"bench": "decoding", "figure": figure, "case": case, "value": round(value, 4)}
    rounded = {name: round(v, 4) for name, v in peers.items()}
    print(json.dumps({**found, "unit": unit, "peers": rounded}), flush=True)


def read(folder: Path) -> list[bytes]:
    files = [
        p.read_bytes() for p in sorted(folder.rglob("*")) if p.suffix.lower() in (".jpg", ".jpeg")
    ]
    good = []
    for data in files:
        try:
            decode(data)
            good.append(data)
        except PictureError as error:
            print(json.dumps({"bench": "decoding", "left out": str(error)}))
    return good


def timed(run: Callable[[bytes], Picture], files: list[bytes]) -> tuple[float, list[Picture]]:
    start = time.process_time()
    found = [run(data) for data in files]
    return (time.process_time() - start) / len(files), found


def measure(name: str, files: list[bytes], rounds: int) -> None:
    for target, (size, enough) in TARGETS.items():
        at_least = enough or size

        def full(data: bytes, size: tuple[int, int] = size) -> Picture:
            return resized(decode(data), *size)

        def reduced(
            data: bytes, size: tuple[int, int] = size, at_least: tuple[int, int] = at_least
        ) -> Picture:
            return resized(decode(data, at_least), *size)

        times: list[tuple[float, float]] = []
        for _ in range(rounds):
            slow, whole = timed(full, files)
            fast, part = timed(reduced, files)
            times.append((slow, fast))
        best = [1000 * min(t) for t in zip(*times, strict=True)]
        case = f"{name}, {len(files)} pictures, {target}"
        line("time", case, best[1], "CPU ms a picture", {"full": best[0]})
        line("speed-up", case, best[0] / best[1], "times", {})
        off = [np.abs(a.astype(int) - b).mean() for a, b in zip(whole, part, strict=True)]
        line("difference", case, float(np.mean(off)), "of 255", {"worst picture": max(off)})


def hashes(name: str, files: list[bytes]) -> None:
    """Share of pictures that have the hash of a copy: recompressed, and at half and 0.7 of the size."""
    pairs = []
    for data in files:
        picture = decode(data)
        height, width = picture.shape[:2]
        copies = [resized(picture, int(width * s), int(height * s)) for s in (0.5, 0.7)]
        pairs += [(data, encode(picture, 60)), *((data, encode(c)) for c in copies)]

    def same(at_least: tuple[int, int] | None) -> float:
        alike = [
            difference_hash(decode(a, at_least)) == difference_hash(decode(b, at_least))
            for a, b in pairs
        ]
        return float(np.mean(alike))

    line("same hash as its copy", f"{name}, {len(pairs)} pairs", same(HASH), "share",
         {"full": same(None), "at least 72 x 64": same((72, 64))})  # fmt: skip


def features(name: str, files: list[bytes]) -> None:
    """What a network makes of the difference: EfficientNet-Lite0, pooled features and first label."""
    network = ModelDownloader().downloadByName("EfficientNetLite0")
    pooled, scores = (
        ImageFeaturizer(cutOutputLayers=cut).setModel(network).make_function() for cut in (2, 0)
    )
    cosines, agree = [], []
    for data in files:
        pair = [decode(data), decode(data, (pooled.width, pooled.height))]
        a, b = (pooled.forward(pooled.tensor(p)[None])[0] for p in pair)
        cosines.append(float(a @ b / np.linalg.norm(a) / np.linalg.norm(b)))
        a, b = (scores.forward(scores.tensor(p)[None])[0] for p in pair)
        agree.append(a.argmax() == b.argmax())
    line("features", name, float(np.mean(cosines)), "cosine to full", {"least": min(cosines)})
    line("label", name, float(np.mean(agree)), "share that is full's", {})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true")
    default = os.environ.get("IRBIS_DATA", str(Path(__file__).parents[2] / "shared" / "data"))
    parser.add_argument("--data", type=Path, default=Path(default))
    options = parser.parse_args()
    folders = [PETS] if options.small else []
    if not options.small:
        folders = [options.data / n for n in ("camera_trap_ocr", "kangaroo_part")]
    for folder in folders:
        if not folder.is_dir():
            print(json.dumps({"bench": "decoding", "left out": f"no {folder.name} in --data"}))
            continue
        files = read(folder)[: 60 if options.small else None]
        measure(folder.name, files, 2 if options.small else 5)
        hashes(folder.name, files)
        features(folder.name, files)


if __name__ == "__main__":
    main()
