"""Image search over a folder: Bing's v7 contract, and our own with licences and authors."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from PIL import Image

from irbis.image.codec import decode
from irbis.services.local.image_index import ImageIndex, IndexedImage
from irbis.services.local.vendor_error import bing_error
from irbis.services.local.wire import Answer, Call, Handler, RefusedError, Route, Service

__all__ = ["image_search"]

_THUMBNAIL = 300
_MOST = 150  # results a request, as Bing had it
_SAFE = ("off", "moderate", "strict")
#: Which licences pass Bing's filter of that name; "Any" is every picture with a known licence.
_LICENCES: dict[str, Callable[[str], bool]] = {
    "any": bool,
    "public": lambda code: code.startswith(("cc0", "pdm", "public domain")),
    "share": lambda code: code != "",
    "sharecommercially": lambda code: code != "" and "nc" not in code,
    "modify": lambda code: code != "" and "nd" not in code,
    "modifycommercially": lambda code: code != "" and "nd" not in code and "nc" not in code,
}
_KINDS = ("animatedgif", "clipart", "line", "photo", "shopping", "transparent")


def image_search(index: ImageIndex) -> Service:
    """Make the service of an index."""
    return Service(
        name="image search",
        contract="Bing Image Search v7; irbis v1 (licence and author)",
        routes=(
            *(Route("GET", path, _bing(index)) for path in _BING_PATHS),
            Route("GET", "/irbis/v1/images/search", _own(index)),
            Route("GET", "/pictures/{id}/{name}", _picture(index), keyed=False),
            Route("GET", "/thumbnails/{id}", _thumbnail(index), keyed=False),
        ),
        refuse=bing_error,
    )


_BING_PATHS = ("/v7.0/images/search", "/bing/v7.0/images/search")


def _bing(index: ImageIndex) -> Handler:
    def answer(call: Call) -> Answer:
        query, found = _found(index, call)
        count = call.whole("count", 35, 1, _MOST)
        offset = call.whole("offset", 0, 0, 1 << 31)
        page = found[offset : offset + count]
        body = {
            "_type": "Images",
            "readLink": f"{call.base}{_BING_PATHS[0]}?q={quote(query)}",
            "webSearchUrl": f"{call.base}{_BING_PATHS[0]}?q={quote(query)}",
            "totalEstimatedMatches": len(found),
            "nextOffset": offset + len(page),
            "value": [_bing_image(image, call.base) for image in page],
        }
        return Answer(body)

    return answer


def _bing_image(image: IndexedImage, base: str) -> dict[str, Any]:
    wide, high = _small(image)
    page = image.metadata.get("landing_page", _url(image, base))
    published = datetime.fromtimestamp(image.path.stat().st_mtime, UTC)
    return {
        "webSearchUrl": page,
        "name": _title(image),
        "thumbnailUrl": f"{base}/thumbnails/{image.id}",
        "datePublished": published.strftime("%Y-%m-%dT%H:%M:%S.0000000Z"),
        "contentUrl": _url(image, base),
        "hostPageUrl": page,
        "contentSize": f"{image.size} B",
        "encodingFormat": image.form.lower(),
        "hostPageDisplayUrl": page.partition("://")[2],
        "width": image.width,
        "height": image.height,
        "thumbnail": {"width": wide, "height": high},
        "imageInsightsToken": f"mid_{image.id}",
        "imageId": image.id,
    }


def _own(index: ImageIndex) -> Handler:
    def answer(call: Call) -> Answer:
        query, found = _found(index, call)
        count = call.whole("count", 35, 1, _MOST)
        offset = call.whole("offset", 0, 0, 1 << 31)
        page = found[offset : offset + count]
        results = [
            {
                "url": _url(image, call.base),
                "thumbnail": f"{call.base}/thumbnails/{image.id}",
                "width": image.width,
                "height": image.height,
                "title": _title(image),
                **{
                    name: image.metadata.get(name)
                    for name in ("creator", "license", "license_url", "attribution")
                },
                "landing_page": image.metadata.get("landing_page", _url(image, call.base)),
            }
            for image in page
        ]
        return Answer({"query": query, "total": len(found), "offset": offset, "results": results})

    return answer


def _found(index: ImageIndex, call: Call) -> tuple[str, list[IndexedImage]]:
    query = call.query.get("q", "").strip()
    if not query:
        raise RefusedError(400, "ParameterMissing", "Required parameter is missing.", parameter="q")
    for name, known in (
        ("safesearch", _SAFE),
        ("license", ("all", *_LICENCES)),
        ("imagetype", _KINDS),
    ):
        if call.query.get(name, known[0]).lower() not in known:
            text = f"Parameter has invalid value; known: {', '.join(known)}."
            raise RefusedError(400, "ParameterInvalidValue", text, parameter=name)
    found = index.search(query)
    kind = call.query.get("imagetype", "").lower()
    if kind == "animatedgif":
        found = [image for image in found if image.form == "GIF"]
    elif kind not in {"", "photo"}:
        found = []  # nothing here tells drawings from photographs
    allows = _LICENCES.get(call.query.get("license", "").lower())
    if allows is not None:
        found = [i for i in found if allows(i.metadata.get("license", "").lower())]
    return query, found


def _title(image: IndexedImage) -> str:
    return image.metadata.get("title") or image.path.stem.replace("_", " ")


def _url(image: IndexedImage, base: str) -> str:
    return f"{base}/pictures/{image.id}/{quote(image.path.name)}"


def _small(image: IndexedImage) -> tuple[int, int]:
    by = min(1.0, _THUMBNAIL / max(image.width, image.height))
    return max(1, round(image.width * by)), max(1, round(image.height * by))


def _known(index: ImageIndex, call: Call) -> IndexedImage:
    image = index.images.get(call.path["id"])
    if image is None:
        raise RefusedError(404, "ParameterInvalidValue", "No picture of that id.")
    return image


def _picture(index: ImageIndex) -> Handler:
    def answer(call: Call) -> Answer:
        image = _known(index, call)
        return Answer(image.path.read_bytes(), type=f"image/{image.form.lower()}")

    return answer


def _thumbnail(index: ImageIndex) -> Handler:
    def answer(call: Call) -> Answer:
        image = _known(index, call)
        size = _small(image)
        out = io.BytesIO()
        Image.fromarray(decode(image.path.read_bytes(), size)).resize(size).save(out, "JPEG")
        return Answer(out.getvalue(), type="image/jpeg")

    return answer
