"""How good the stand-ins of `irbis services` are: dates on camera-trap pictures, sentiment, language.

    python benchmarks/stand_ins.py            # all; minutes
    python benchmarks/stand_ins.py --small    # four pictures

``--data`` (default $IRBIS_DATA, else ../shared/data) holds camera_trap_ocr; without it the reading of
text is left out and said so. Each line is a JSON object; see benchmarks/http.py.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from PIL import Image
from stamps import STAMPS
from texts import LANGUAGES, SENTIMENT

from irbis import LanguageDetector, ReadImage, TextSentiment
from irbis.image.codec import encode
from irbis.services.local.running import local_services

DATA = os.environ.get("IRBIS_DATA", str(Path(__file__).parents[2] / "shared" / "data"))


def main() -> None:
    """Read the command line and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path(DATA))
    parser.add_argument("--small", action="store_true", help="four pictures, as they are")
    asked = parser.parse_args()
    with local_services() as url:
        texts(url)
        dates(url, asked.data / "camera_trap_ocr", small=asked.small)


def tell(figure: str, case: str, value: float, unit: str, **more: Any) -> None:
    """Print one figure."""
    row = {"bench": "stand_ins", "figure": figure, "case": case, "value": value, "unit": unit}
    print(json.dumps({**row, "peers": {}, **more}, ensure_ascii=False), flush=True)


def texts(url: str) -> None:
    """Sentiment and language of short texts."""
    table = pa.table({"text": [text for text, _ in SENTIMENT]})
    found = TextSentiment(url=url).transform(table)["output"].to_pylist()
    said = [row["sentiment"] for row in found]
    wrong = [(t, w, s) for (t, w), s in zip(SENTIMENT, said, strict=True) if w != s]
    tell("right", "sentiment", len(SENTIMENT) - len(wrong), f"of {len(SENTIMENT)}", wrong=wrong)
    table = pa.table({"text": [text for text, _ in LANGUAGES]})
    found = LanguageDetector(url=url).transform(table)["output"].to_pylist()
    said = [row["detectedLanguage"]["iso6391Name"] for row in found]
    wrong = [(t, w, s) for (t, w), s in zip(LANGUAGES, said, strict=True) if w != s]
    tell("right", "language", len(LANGUAGES) - len(wrong), f"of {len(LANGUAGES)}", wrong=wrong)


def dates(url: str, folder: Path, *, small: bool) -> None:
    """Dates and times burnt into pictures, as they are and enlarged."""
    if not folder.is_dir():
        print(f"{folder} is not there: dates not measured", file=sys.stderr)
        return
    names = list(STAMPS)[:4] if small else list(STAMPS)
    for width in (None,) if small else (None, 1920):
        pictures = [_at(folder / name, width) for name in names]
        began = time.monotonic()
        stage = ReadImage(url=url, imageBytesCol="image", concurrency=2, deadline=600.0)
        out = stage.setPollingDelay(0.2).transform(pa.table({"image": pictures}))
        seconds = time.monotonic() - began
        case = "as they are" if width is None else f"enlarged to {width} px"
        lines = [_digits(row) for row in out["output"].to_pylist()]
        days = [_digits_of(STAMPS[n].split()[0]) for n in names]
        whole = [_digits_of(STAMPS[n]) for n in names]
        for figure, wanted in (("dates read right", days), ("dates and times read right", whole)):
            right = [any(w in line for line in held) for w, held in zip(wanted, lines, strict=True)]
            wrong = [n for n, ok in zip(names, right, strict=True) if not ok]
            tell(figure, case, sum(right), f"of {len(names)}", wrong=wrong)
        tell("reading", case, round(seconds / len(names), 2), "s a picture")


def _at(path: Path, width: int | None) -> bytes:
    if width is None:
        return path.read_bytes()
    image = Image.open(path).convert("RGB")
    size = (width, round(image.height * width / image.width))
    return encode(np.asarray(image.resize(size, Image.Resampling.BICUBIC)), quality=95)


def _digits(row: Any) -> list[str]:
    pages = [] if row is None else row["analyzeResult"]["readResults"]
    return [_digits_of(line["text"]) for page in pages for line in page["lines"]]


def _digits_of(text: str) -> str:
    return re.sub(r"\D", "", text)


if __name__ == "__main__":
    main()
