"""Pictures for a discovery from a search: two folders, and who made what is in them."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from irbis.errors import DataError, ParamError
from irbis.http.secrets import redact_url
from irbis.image.near_duplicates import DropNearDuplicates
from irbis.image.perceptual_hash import PerceptualHash
from irbis.services.search.bing import BingImageSearch
from irbis.services.search.downloader import ImageDownloader
from irbis.services.search.image_search import ImageSearch
from irbis.services.search.urls import GetBingURLs
from irbis.spark import session

__all__ = ["SOURCES", "WORDS", "Gathered", "gather"]

logger = logging.getLogger("irbis.detect")

SOURCES = ("openverse", "gbif", "inaturalist", "wikimedia", "bing", "brave", "local")
#: What the others are searched by, unless the user names words.
WORDS = (
    "forest", "mountain", "river", "street", "house", "car", "flower", "dog", "bird", "boat",
    "bridge", "tree",
)  # fmt: skip
_SPECIES_ONLY = ("gbif", "inaturalist")
#: The same for providers that know species only.
_SPECIES = (
    "Vulpes vulpes", "Cervus elaphus", "Sus scrofa", "Corvus corax", "Quercus robur",
    "Bufo bufo", "Capra ibex", "Lepus europaeus", "Pica pica", "Ursus arctos", "Bellis perennis",
    "Martes martes",
)  # fmt: skip
_EXTENSIONS = {
    "JPEG": "jpg",
    "PNG": "png",
    "WEBP": "webp",
    "GIF": "gif",
    "BMP": "bmp",
    "TIFF": "tif",
}
#: Pictures a second of each host: those of open providers mostly lie on a few.
_RATES = dict.fromkeys(("openverse", "gbif", "inaturalist", "wikimedia"), 4.0)
#: Bing's names for what a result has; it knows no author and no licence.
_BING = {"title": "name", "landing_page": "hostPageUrl"}
_TOLD = ("title", "creator", "license", "license_url", "attribution", "landing_page")


@dataclass(frozen=True)
class Gathered:
    """What was fetched.

    Parameters
    ----------
    images, others : Path
        Folders.
    credits : list of dict
        file, url, title, creator, license, license_url, attribution, landing_page, source, query.
    failed : int
        Addresses that gave no picture.
    """

    images: Path
    others: Path
    credits: list[dict[str, Any]]
    failed: int


def gather(
    target: str,
    out: str | Path,
    *,
    source: str,
    words: Sequence[str] = (),
    count: int = 100,
    url: str | None = None,
    key: str | None = None,
    search_others: bool = True,
) -> Gathered:
    """Search a target and others, download them, and write down whose they are.

    Parameters
    ----------
    target : str
        What to search for, and the word for it afterwards.
    out : str or Path
        Folder: ``pictures/target``, ``pictures/other`` and ``credits.json`` are put there. If they
        are there already, of the same search, nothing is asked again.
    source : str
        One of :data:`SOURCES`.
    words : sequence of str
        What the others are searched by. Default: :data:`WORDS`.
    count : int, default 100
        Results of the target at most, and as many of the others together.
    url, key : str, optional
        Endpoint of the source, and what it asks for.
    search_others : bool, default True
        False: the user has others.

    Raises
    ------
    ParamError
        For a source that is not known.
    DataError
        If nothing was found, or another search is there, or an unfinished one.
    """
    if source not in SOURCES:
        raise ParamError(f"source={source!r}", expected=f"one of {', '.join(SOURCES)}")
    chosen = list(words) or list(_SPECIES if source in _SPECIES_ONLY else WORDS)
    folder, record = Path(out) / "pictures", Path(out) / "credits.json"
    asked = {
        "target": target, "source": source, "words": chosen if search_others else [],
        "count": count, "url": None if url is None else redact_url(url),
    }  # fmt: skip
    known = _known(record, asked, folder)
    if known is not None:
        return known
    each = max(1, -(-count // len(chosen)))
    searches = [("target", [target], count)]
    searches += [("other", chosen, each)] if search_others else []
    rows: list[dict[str, Any]] = []
    failed = 0
    taken: set[str] = set()
    for side, queries, most in searches:
        found = _fetch(_searched(source, queries, most, url, key), _RATES.get(source))
        saved, lost = _save(found, folder / side, side, source, taken)
        rows += saved
        failed += lost
    record.write_text(
        json.dumps({"asked": asked, "failed": failed, "credits": rows}, indent=1), encoding="utf-8"
    )
    return Gathered(folder / "target", folder / "other", rows, failed)


def _known(record: Path, asked: Mapping[str, Any], folder: Path) -> Gathered | None:
    if not record.is_file():
        if folder.exists():  # pictures of which nobody knows whose they are
            raise DataError(
                f"{folder} without {record.name}",
                expected="both or none",
                do=f"delete {folder}, which a stopped search may have left, or name another --out",
            )
        return None
    held = json.loads(record.read_text(encoding="utf-8"))
    if held["asked"] != asked:
        raise DataError(
            f"{record}, of another search",
            expected=f"{asked}",
            do="name another --out, or delete credits.json and pictures/ there",
        )
    return Gathered(folder / "target", folder / "other", held["credits"], held["failed"])


def _searched(
    source: str, queries: Sequence[str], most: int, url: str | None, key: str | None
) -> DataFrame:
    search: Any
    if source == "bing":
        pages = [(q, at, min(150, most - at)) for q in queries for at in range(0, most, 150)]
        search = BingImageSearch(countCol="count", offsetCol="offset", imageType="Photo")
    else:
        pages = [(q, 0, most) for q in queries]
        search = ImageSearch(provider=source, count=most)
    search = search.copy().setParams(url=url, subscriptionKey=key, outputCol="images")
    frame = session().createDataFrame(pages, "query string, offset int, count int")
    found = search.transform(frame).persist()
    for row in found.where("images_error is not null").select("query", "images_error").collect():
        logger.warning("search for %r: %s", row[0], row[1]["message"])
    return GetBingURLs().transform(found)


def _fetch(found: DataFrame, rate: float | None) -> DataFrame:
    fields = found.schema["images"].dataType.fieldNames()
    named = {
        name: next((n for n in (name, _BING.get(name)) if n in fields), None) for name in _TOLD
    }
    columns = [
        (F.lit(None) if field is None else F.col(f"images.{field}")).cast("string").alias(name)
        for name, field in named.items()
    ]
    kept = found.select("query", "urls", *columns)
    # By the driver: few enough for its memory, and one client for the hosts that hold them.
    download = ImageDownloader(execution="driver", requestsPerSecond=rate)
    return PerceptualHash().transform(download.transform(kept.dropDuplicates(["urls"]))).persist()


def _save(
    found: DataFrame, folder: Path, side: str, source: str, taken: set[str]
) -> tuple[list[dict[str, Any]], int]:
    good = found.where("image is not null and hash is not null")
    lost = found.count() - good.count()
    once = DropNearDuplicates(orderCols=["urls"]).transform(good).orderBy("urls")
    folder.mkdir(parents=True, exist_ok=True)
    rows: list[dict[str, Any]] = []
    for row in once.toLocalIterator():
        info = row["image_info"]
        if info["sha256"] in taken:  # both a target and another: it teaches nothing
            continue
        taken.add(info["sha256"])
        name = f"{info['sha256'][:16]}.{_EXTENSIONS[info['format']]}"
        (folder / name).write_bytes(bytes(row["image"]))
        told = {n: row[n] for n in row.asDict() if n not in _NOT_TOLD}
        rows.append(
            {"file": f"pictures/{side}/{name}", **told, "source": source, "url": row["urls"]}
        )
    found.unpersist()
    if not rows:
        raise DataError(
            f"no picture for the {side}",
            expected="results of the search that can be downloaded",
            do="look at the warnings above; try other words or another source",
        )
    return rows, lost


_NOT_TOLD = {"urls", "image", "image_info", "image_error", "hash", "hash_error"}
