"""Azure Vision 3.2: Read (202, then the result) and the older OCR, on one recognition."""

from __future__ import annotations

import threading
from collections import OrderedDict
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any
from uuid import uuid4

import numpy as np

from irbis.extras import require
from irbis.image.picture import Picture
from irbis.services.local.picture_in import picture_in
from irbis.services.local.recognition import Line, read_lines
from irbis.services.local.vendor_error import azure_error
from irbis.services.local.wire import Answer, Call, RefusedError, Route, Service

__all__ = ["reading"]

_KEPT = 1000  # results that wait to be fetched
_MODEL = "2022-04-30"  # of the shape of Azure's versions; what reads is RapidOCR 1.4


def reading() -> Service:
    """Make the service, with results of its own."""
    results = _Results()
    return Service(
        name="reading text",
        contract="Azure Vision 3.2 read/analyze and ocr",
        routes=(
            Route("POST", "/vision/v3.2/read/analyze", results.begin),
            Route("GET", "/vision/v3.2/read/analyzeResults/{id}", results.get),
            Route("POST", "/vision/v3.2/ocr", ocr),
        ),
        refuse=azure_error,
        parts=(("text in pictures", "rapidocr_onnxruntime", "services-ocr"),),
    )


class _Results:
    """Operations under way or done, the oldest forgotten first."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(1, "irbis-read")
        self._held: OrderedDict[str, tuple[str, Future[dict[str, Any]]]] = OrderedDict()
        self._lock = threading.Lock()

    def begin(self, call: Call) -> Answer:
        """Accept a picture and say where its text will be."""
        require("rapidocr_onnxruntime", extra="services-ocr")
        picture = picture_in(call)
        name = str(uuid4())
        with self._lock:
            self._held[name] = (_now(), self._pool.submit(_page, picture))
            while len(self._held) > _KEPT:
                self._held.popitem(last=False)
        where = f"{call.base}/vision/v3.2/read/analyzeResults/{name}"
        return Answer(None, 202, {"Operation-Location": where})

    def get(self, call: Call) -> Answer:
        """Say how far an operation is."""
        with self._lock:
            found = self._held.get(call.path["id"])
        if found is None:
            raise RefusedError(404, "BadArgument", "No operation of that id.")
        created, future = found
        body: dict[str, Any] = {"createdDateTime": created, "lastUpdatedDateTime": _now()}
        if not future.done():
            return Answer({"status": "running", **body})
        if future.exception() is not None:
            return Answer({"status": "failed", **body})
        result = {"version": "3.2.0", "modelVersion": _MODEL, "readResults": [future.result()]}
        return Answer({"status": "succeeded", **body, "analyzeResult": result})


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _page(picture: Picture) -> dict[str, Any]:
    height, width = picture.shape[:2]
    page = {"page": 1, "angle": 0, "width": width, "height": height, "unit": "pixel"}
    return {**page, "lines": [_line(line) for line in read_lines(picture)]}


def _line(line: Line) -> dict[str, Any]:
    words = [
        {"boundingBox": _flat(box), "text": text, "confidence": round(line.confidence, 3)}
        for text, box in _words(line)
    ]
    return {
        "boundingBox": _flat(line.corners),
        "appearance": {"style": {"name": "other", "confidence": 0.5}},
        "text": line.text.strip(),
        "words": words,
    }


def _words(line: Line) -> list[tuple[str, Any]]:
    """Words and where they stand, by their share of the line's letters: there is nothing better."""
    text, corners = line.text.strip(), line.corners
    found, at = [], 0
    for word in text.split():
        start = text.index(word, at)
        at = start + len(word)
        a, b = start / len(text), at / len(text)
        top, below = corners[1] - corners[0], corners[2] - corners[3]
        box = [corners[0] + a * top, corners[0] + b * top]
        box += [corners[3] + b * below, corners[3] + a * below]
        found.append((word, np.array(box)))
    return found


def _flat(corners: Any) -> list[int]:
    return [int(v) for v in np.rint(corners).reshape(-1)]


def ocr(call: Call) -> Answer:
    """Answer a request of the older OCR: regions of lines of words, boxes as left,top,width,height."""
    lines = read_lines(picture_in(call))
    regions = [
        {"boundingBox": _around(part), "lines": [_old(f) for f in part]} for part in _blocks(lines)
    ]
    return Answer({"language": "en", "textAngle": 0.0, "orientation": "Up", "regions": regions})


def _blocks(lines: list[Line]) -> list[list[Line]]:
    """Lines that follow each other closely are one region."""
    blocks = [[line] for line in lines[:1]]
    for before, line in pairwise(lines):
        high = line.box[3] - line.box[1]
        if line.box[1] - before.box[3] > 2 * high:
            blocks.append([])
        blocks[-1].append(line)
    return blocks


def _around(lines: list[Line]) -> str:
    every = np.concatenate([line.corners for line in lines])
    return _box(every)


def _box(corners: Any) -> str:
    low, high = np.rint(corners.min(axis=0)), np.rint(corners.max(axis=0))
    return ",".join(str(int(v)) for v in (*low, *(high - low)))


def _old(line: Line) -> dict[str, Any]:
    words = [{"boundingBox": _box(box), "text": text} for text, box in _words(line)]
    return {"boundingBox": _box(line.corners), "words": words}
