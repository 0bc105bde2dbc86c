"""Azure Face: where faces are, by the cascade of local binary patterns that scikit-image ships."""

from __future__ import annotations

from typing import Any

from PIL import Image

from irbis.image.picture import Picture
from irbis.process_cache import cached
from irbis.services.local.picture_in import picture_in
from irbis.services.local.vendor_error import azure_error
from irbis.services.local.wire import Answer, Call, RefusedError, Route, Service

__all__ = ["FACE", "find_faces"]

_SEEN = 640  # pixels of the longer side that is searched
_SMALLEST = 40  # pixels of a face in that
_VERSIONS = ("v1.0", "v1.2")


def find_faces(picture: Picture) -> list[dict[str, int]]:
    """Upright frontal faces, the largest first: left, top, width and height in pixels."""
    height, width = picture.shape[:2]
    by = max(1.0, max(height, width) / _SEEN)
    grey = Image.fromarray(picture).convert("RGB")
    if by > 1:
        grey = grey.resize((max(1, round(width / by)), max(1, round(height / by))))
    if min(grey.size) < _SMALLEST:
        return []
    import numpy as np

    found = cached("faces", _cascade).detect_multi_scale(
        img=np.asarray(grey),
        scale_factor=1.2,
        step_ratio=1,
        min_size=(_SMALLEST, _SMALLEST),
        max_size=grey.size[::-1],
    )
    faces = [
        {
            "left": round(f["c"] * by),
            "top": round(f["r"] * by),
            "width": round(f["width"] * by),
            "height": round(f["height"] * by),
        }
        for f in found
    ]
    return sorted(faces, key=lambda f: (-f["width"] * f["height"], f["left"], f["top"]))


def _cascade() -> Any:
    from skimage.data import lbp_frontal_face_cascade_filename
    from skimage.feature import Cascade

    return Cascade(lbp_frontal_face_cascade_filename())


def detect(call: Call) -> Answer:
    """Answer a request; ids and attributes are refused, as Azure refuses the unapproved."""
    if call.flag("returnFaceId", default=True):
        text = "Feature is not supported, missing approval for Identification, Verification: set returnFaceId=false."
        raise RefusedError(403, "InvalidRequest", text, inner="UnsupportedFeature")
    if call.query.get("returnfaceattributes") or call.flag("returnFaceLandmarks"):
        raise RefusedError(
            501, "NotImplemented", "No stand-in for landmarks and attributes of faces."
        )
    return Answer([{"faceRectangle": face} for face in find_faces(picture_in(call))])


def compare(_: Call) -> Answer:
    """Refuse: telling people apart needs an approved Azure resource."""
    raise RefusedError(501, "NotImplemented", "No stand-in compares faces: use an Azure endpoint.")


FACE = Service(
    name="faces",
    contract="Azure Face 1.0 and 1.2 detect",
    routes=tuple(
        Route("POST", f"/face/{version}/{path}", handle)
        for version in _VERSIONS
        for path, handle in (
            ("detect", detect),
            ("verify", compare),
            ("identify", compare),
            ("group", compare),
            ("findsimilars", compare),
        )
    ),
    refuse=azure_error,
)
