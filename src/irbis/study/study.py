"""The deck's classification experiment: what deep features, augmentation and ensembling each give."""

from __future__ import annotations

import json
import math
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from irbis import __version__
from irbis.detect.features import featurizer
from irbis.detect.progress import Steps
from irbis.errors import ParamError
from irbis.extras import require
from irbis.image.augmenter import ImageSetAugmenter
from irbis.image.unroller import UnrollImage
from irbis.model.hub import ModelDownloader, ModelSchema
from irbis.samples import PETS
from irbis.spark import session
from irbis.study.burst import GeneratedBurst
from irbis.study.comparing import Scored, compare
from irbis.study.looks import write_looks
from irbis.study.page import Shown, render
from irbis.study.split import NEAR, Split, split
from irbis.study.ways import RIDGES, WAYS, Taught, Way, answers, burst_ways, teach

__all__ = ["study"]

_PAIRS = (
    ("L120", "RGB32"),
    ("RGB32", "RN2"),
    ("RN2", "RN2+A"),
    ("RN2+A", "RN2+A+E"),
    ("RN2+A+E", "RN2+A+grey+E"),
)
_PIXELS = {"grey": (120, 1), "colour": (32, 3)}  # side, channels
_BURST_PAIRS = (
    ("one frame, RN2", "burst, RN2+E"),
    ("one frame, RN2+A+E", "burst, RN2+A+E"),
    ("burst, RN2+E", "burst, RN2+A+E"),
)


def study(
    target: str | None = None,
    images: Sequence[str | Path] = (),
    others: Sequence[str | Path] = (),
    out: str | Path = "out/study",
    *,
    frames: int = 5,
    seed: int = 0,
    show: bool = True,
) -> dict[str, Any]:
    """Compare ways to tell a target from other things, on pictures that taught none of them.

    The deck's page has two confusion matrices: raw pixels, and deep features with augmentation and
    temporal ensembling. Here each of these steps is measured by itself, with intervals.

    Parameters
    ----------
    target : str or None, default None
        What `images` show; None: the shipped cats, against the shipped dogs.
    images, others : sequence of str or Path
        Folders of pictures that show it, and that do not.
    out : str or Path, default "out/study"
        Folder for study.html and study.json.
    frames : int, default 5, from 2
        Frames of each generated burst. They are generated: no burst is read.
    seed : int, default 0, from 0
        Of what bursts draw and of the intervals. Which pictures are held out does not depend on it.
    show : bool, default True
        Progress bars on stderr.

    Returns
    -------
    dict
        What study.json holds.

    Raises
    ------
    DataError
        If a folder or a picture set can't be used.
    ParamError
        If a target comes without folders, or folders without a target; or for other values.
    MissingExtraError
        Without the extra ``viz``.
    """
    require("jinja2", extra="viz")
    if target is None and not images and not others:
        target, images, others = "cat", [PETS / "cats"], [PETS / "dogs"]
    if target is None or not images or not others:
        raise ParamError(
            f"target={target!r}, {len(images)} folders of images, {len(others)} of others",
            expected="all three, or none for the shipped pictures",
        )
    if frames < 2 or seed < 0:
        raise ParamError(f"frames={frames}, seed={seed}", expected="frames >= 2, seed >= 0")
    steps = Steps(show)
    with steps.step("start Spark"):
        spark = session()
    network = ModelDownloader().downloadByName("EfficientNetLite0")
    bursts = burst_ways(frames)
    shake = GeneratedBurst(frames=frames, seed=seed)
    with steps.step("read the pictures"):
        divided = split(spark, images, others)
    Path(out).mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out, prefix="looks-") as folder:
        folders = {kind: Path(folder, kind) for kind in (*_PIXELS, "deep", "bursts")}
        _look(divided, network, shake, folders, steps)
        with steps.step("fit"):
            taught = teach(spark, divided, folders, [*WAYS, *bursts])
        asked = {row["sha256"]: row["label"] for row in divided.catalog.select(held_out=True)}
        with steps.step("ask", total=len(WAYS) + len(bursts)) as bar:
            found: dict[str, dict[str, float]] = {}
            for way in (*WAYS, *bursts):
                place = folders["bursts" if way in bursts else way.features]
                found[way.name] = answers(spark, taught, way, place, asked)
                bar.update()
    with steps.step("compare"):
        # A picture that one of the ways could not read would spoil the pairs.
        known = sorted(set(asked).intersection(*found.values()))
        labels = np.array([asked[sha] for sha in known])
        groups = [divided.groups[sha] for sha in known]
        scored = {
            name: Scored(labels, np.array([said[sha] for sha in known]), groups)
            for name, said in found.items()
        }
        summary = _summary(target, divided, known, scored, taught, shake, network, seed)
    with steps.step("write the page"):
        page = render(summary, Shown.of(divided.catalog, shake), network)
        (Path(out) / "study.html").write_text(page, encoding="utf-8")
    summary["seconds"] = steps.seconds
    (Path(out) / "study.json").write_text(json.dumps(summary, indent=1), encoding="utf-8")
    return summary


def _look(
    divided: Split,
    network: ModelSchema,
    shake: GeneratedBurst,
    folders: dict[str, Path],
    steps: Steps,
) -> None:
    pictures, asked = divided.catalog.images(), divided.catalog.images(held_out=True)
    for kind, (side, channels) in _PIXELS.items():
        with steps.step(f"{kind} pixels"):
            unroll = UnrollImage(width=side, height=side, nChannels=channels, outputCol="features")
            write_looks(pictures, [unroll], folders[kind])
    with steps.step("deep features"):
        augment = ImageSetAugmenter(flipHorizontal=True, grey=True)
        write_looks(pictures, [augment, featurizer(network)], folders["deep"])
    with steps.step("generated bursts"):
        mirror = ImageSetAugmenter(flipHorizontal=True, inputCol="seen")
        seen = featurizer(network).setInputCol("seen")
        write_looks(asked, [shake, mirror, seen], folders["bursts"])


def _summary(
    target: str,
    divided: Split,
    known: list[str],
    scored: dict[str, Scored],
    taught: Taught,
    shake: GeneratedBurst,
    network: ModelSchema,
    seed: int,
) -> dict[str, Any]:
    catalog = divided.catalog
    first = scored["L120"]
    counts = {
        "target": len(catalog.select(1.0)),
        "other": len(catalog.select(0.0)),
        "failed": len(catalog.failures),
        "left_out": divided.left_out,
        "asked": len(known),
        "asked_target": int(first.labels.sum()),
        "groups": len(set(first.groups)),
    }

    def figures(ways: Sequence[Way]) -> list[dict[str, Any]]:
        return [
            {"name": w.name, "title": w.title, "says": w.says, **scored[w.name].all(seed)}
            for w in ways
        ]

    def pairs(names: Sequence[tuple[str, str]]) -> list[dict[str, Any]]:
        return [{"first": a, "second": b, **compare(scored[a], scored[b], seed)} for a, b in names]

    drawn = ("frames", "crop", "brightness", "noise", "seed")
    found: dict[str, Any] = _finite(
        {
            "target": target,
            "version": __version__,
            "network": network.name,
            "images": counts,
            "always_no": 1 - float(first.labels.mean()),
            "split": f"a third held out; dHashes at most {NEAR} bits apart on one side",
            "ridges": {"tried": list(RIDGES), "chosen": taught.ridges},
            "ways": figures(WAYS),
            "steps": pairs(_PAIRS),
            "generated_bursts": {
                "made_by": {name: shake.value(name) for name in drawn},
                "ways": figures(burst_ways(shake.value("frames"))),
                "steps": pairs(_BURST_PAIRS),
            },
        }
    )
    return found


def _finite(value: Any) -> Any:
    """JSON knows no NaN: what could not be measured is null."""
    if isinstance(value, dict):
        return {k: _finite(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_finite(v) for v in value]
    return None if isinstance(value, float) and math.isnan(value) else value
