"""How long a training takes, and how many pictures a core looks at, in a process without torch."""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

PICTURES = 300
ROUNDS = 3


def speed(*, small: bool) -> Iterator[dict]:
    from irbis import FasterRCNN

    learner = FasterRCNN(labels=["cat"], iterations=4 if small else 120)
    learned = examples(24 if small else PICTURES)
    start = time.perf_counter()
    detector = learner.fit_examples(learned)
    taken = time.perf_counter() - start
    case = f"{len(learned)} pictures, {learner.value('iterations')} steps"
    yield {
        "bench": "detect", "figure": "training_seconds", "case": case, "value": round(taken, 1),
        "unit": f"s on {os.cpu_count()} cores", "n": len(learned), "interval": None,
        "peers": {"asked": 360.0},
    }  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "detector.onnx")
        path.write_bytes(detector.files()[0].locate().read_bytes())
        command = [sys.executable, __file__, str(path), str(12 if small else 100)]
        said = subprocess.run(command, capture_output=True, text=True, check=True)
    yield json.loads(said.stdout)


def examples(count: int) -> list:
    """The shipped pictures, and as many of their mirror images as it takes."""
    from irbis.detect.examples import Example
    from irbis.detect.truth import Truth
    from irbis.image.codec import decode
    from irbis.samples import PETS

    known = Truth.read(PETS / "annotations.json", "cat")
    paths = [p for name in ("cats", "dogs") for p in sorted((PETS / name).iterdir())]
    found = []
    for path in paths[:: 1 if count > len(paths) else len(paths) // count][:count]:
        boxes = np.asarray(known.find(str(path)), np.float32).reshape(-1, 4)
        found.append(Example(decode(path.read_bytes()), boxes, np.ones(len(boxes), np.int64)))
    for example in found[: count - len(found)]:
        width = example.picture.shape[1]
        boxes = example.boxes.copy()
        boxes[:, [0, 2]] = width - example.boxes[:, [2, 0]]
        found.append(Example(np.flip(example.picture, axis=1), boxes, example.labels))
    return found


def measure(model: Path, count: int) -> dict:
    """Resizing, network and boxes of decoded pictures; one thread; torch can't be imported."""
    sys.modules["torch"] = None
    from irbis.detect.detection import DetectionSession
    from irbis.image.codec import decode
    from irbis.samples import PETS

    paths = [p for name in ("cats", "dogs") for p in sorted((PETS / name).iterdir())][:count]
    seen = [decode(p.read_bytes()) for p in paths]
    session = DetectionSession(model)
    rates = []
    for _ in range(ROUNDS + 1):  # the first one warms up
        start = time.perf_counter()
        for picture in seen:
            session.detect(picture)
        rates.append(len(seen) / (time.perf_counter() - start))
    kept = sorted(rates[1:])
    return {
        "bench": "detect", "figure": "pictures_per_second", "case": "onnxruntime, without torch",
        "value": round(kept[len(kept) // 2], 2), "unit": "1/s a core at 320 px", "n": len(seen),
        "interval": [round(kept[0], 2), round(kept[-1], 2)], "rounds": ROUNDS,
        "peers": {"asked": 12.0},
    }  # fmt: skip


if __name__ == "__main__":
    print(json.dumps(measure(Path(sys.argv[1]), int(sys.argv[2]))))
