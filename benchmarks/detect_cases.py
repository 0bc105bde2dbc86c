"""The animals that boxes are measured on: pictures that teach, pictures that are measured, truth."""

import re
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from irbis.detect.truth import Truth
from irbis.image.codec import PictureError, decode
from irbis.samples import PETS


@dataclass(frozen=True)
class Case:
    """Weak labels of `teach` and `others`; boxes of `measured` are only compared with."""

    name: str
    teach: list[Path]
    others: list[Path]
    measured: list[Path]
    truth: dict[Path, np.ndarray]


def cases(data: Path, small: bool) -> list[Case]:
    if small:
        return [cats(16)]
    return [case(name, data) for name in ("raccoon", "kangaroo", "cats")]


def case(name: str, data: Path) -> Case:
    """One of them, without the pictures of the others."""
    if name == "cats":
        return cats()
    make = {"raccoon": raccoon, "kangaroo": kangaroo}[name]
    return make(data, sorted((data / "bigcats_web").rglob("*.jpg"))[::4])


def raccoon(data: Path, others: list[Path]) -> Case:
    paths = sorted((data / "raccoon_voc" / "images").glob("*.jpg"), key=number)
    truth = {p: voc(data / "raccoon_voc" / "annotations" / f"{p.stem}.xml") for p in paths}
    return Case("raccoon", paths[:120], others, paths[120:], truth)


def kangaroo(data: Path, others: list[Path]) -> Case:
    paths = [p for p in sorted((data / "kangaroo_part" / "images").glob("*.jpg")) if whole(p)]
    truth = {p: voc(data / "kangaroo_part" / "annots" / f"{p.stem}.xml") for p in paths}
    return Case("kangaroo", paths, others, paths, truth)


def cats(count: int = 70) -> Case:
    paths = sorted((PETS / "cats").iterdir())[:count]
    known = Truth.read(PETS / "annotations.json", "cat")
    truth = {p: known.find(str(p)) for p in paths}
    third = paths[2::3]
    teach = [p for p in paths if p not in set(third)]
    return Case("cats", teach, sorted((PETS / "dogs").iterdir())[: 2 * count], third, truth)


def whole(path: Path) -> bool:
    """One of the kangaroos is cut off: irbis reports it, and no box can be measured on it."""
    try:
        decode(path.read_bytes())
    except PictureError:
        return False
    return True


def number(path: Path) -> int:
    return int(re.findall(r"\d+", path.stem)[-1])


def voc(path: Path) -> np.ndarray:
    found = ET.parse(path).getroot().iter("object")
    corners = [
        [float(o.findtext(f"bndbox/{k}")) for k in ("xmin", "ymin", "xmax", "ymax")] for o in found
    ]
    return np.array(corners, np.float32).reshape(-1, 4)
