"""Snow leopards: no boxes of them are here. Whoever has some names them, and gets the figures asked."""

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from irbis import Detector, discover
from irbis.detect.bootstrap import intervals
from irbis.detect.detection import DetectionSession
from irbis.detect.evaluate import centre_box, evaluate
from irbis.detect.truth import Truth
from irbis.image.codec import decode
from irbis.image.reading import EXTENSIONS

TARGET = "snow leopard"
ASKED = {"ap50": 0.85, "pictures_above_all_others": 19 / 22}


def not_taken() -> Iterator[dict]:
    for figure, asked in ASKED.items():
        yield {
            "bench": "detect", "figure": figure, "case": "snow_leopard", "value": None,
            "unit": "share", "n": 0, "interval": None,
            "peers": {"asked": round(asked, 4)}, "why": "no boxes here: --exam FOLDER --truth FILE",
        }  # fmt: skip


def exam(data: Path, pictures: Path, truth: Path) -> Iterator[dict]:
    """The main job at its defaults on the web's pictures, then its detector on the exam's."""
    web = data / "bigcats_web"
    mine = web / "snow_leopard_panthera_uncia"
    others = [p for p in sorted(web.iterdir()) if p.is_dir() and p != mine]
    yield from taken(TARGET, [mine], others, pictures, truth)


def taken(
    target: str,
    images: Sequence[Path],
    others: Sequence[Path],
    pictures: Path,
    truth: Path,
    *,
    iterations: int = 120,
) -> Iterator[dict]:
    """Pictures without a box in the truth are those without the animal."""
    known = Truth.read(truth, target)
    with tempfile.TemporaryDirectory() as folder:
        discover(target, images, others, folder, iterations=iterations)
        detector = Detector.load(str(Path(folder, "detector")))
        session = DetectionSession(detector.files()[0].locate())
        paths = sorted(p for p in pictures.rglob("*") if p.suffix.lower()[1:] in EXTENSIONS)
        seen = [decode(p.read_bytes()) for p in paths]
        found = [session.detect(picture)[::2] for picture in seen]
    none = np.zeros((0, 4), np.float32)
    true = [none if (t := known.find(str(p))) is None else t for p in paths]
    best = np.array([scores.max(initial=0.0) for _, scores in found])
    has = np.array([len(t) > 0 for t in true])
    sizes = [picture.shape[1::-1] for picture in seen]
    centre = [(centre_box(*size)[None], np.ones(1, np.float32)) for size in sizes]
    values = {
        "ap50": evaluate(found, true).ap50,
        "pictures_above_all_others": float((best[has] > best[~has].max(initial=0.0)).mean()),
    }
    bounds = {"ap50": intervals(found, true, ["ap50"])["ap50"]}
    peers = {"ap50": {"centre box": round(evaluate(centre, true).ap50, 4)}}
    for figure, value in values.items():
        low_high = bounds.get(figure)
        yield {
            "bench": "detect", "figure": figure, "case": target.replace(" ", "_"),
            "value": round(value, 4), "unit": "share", "n": int(has.sum()),
            "interval": low_high and [round(v, 4) for v in low_high], "others": int((~has).sum()),
            "peers": peers.get(figure, {}) | {"asked": round(ASKED[figure], 4)},
        }  # fmt: skip
