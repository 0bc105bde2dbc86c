"""Answers in the shape that the providers document; the contents are made up."""


def openverse(page=1, pages=2):
    return {
        "result_count": 22,
        "page_count": pages,
        "page_size": 20,
        "page": page,
        "results": [
            {
                "id": "0aff3595-8168-440b-83ff-7a80b65dea42",
                "title": f"Snow leopard {page}",
                "indexed_on": "2020-08-10T21:03:36.123456Z",
                "foreign_landing_url": "https://www.flickr.com/photos/1/2",
                "url": f"https://live.staticflickr.com/{page}.jpg",
                "creator": "Ann",
                "creator_url": "https://www.flickr.com/photos/1",
                "license": "by-sa",
                "license_version": "2.0",
                "license_url": "https://creativecommons.org/licenses/by-sa/2.0/",
                "provider": "flickr",
                "source": "flickr",
                "category": None,
                "filesize": None,
                "filetype": "jpg",
                "tags": [{"name": "cat", "accuracy": None}],
                "attribution": f'"Snow leopard {page}" by Ann is licensed under CC BY-SA 2.0.',
                "fields_matched": [],
                "mature": False,
                "height": 683,
                "width": 1024,
                "thumbnail": "https://api.openverse.org/v1/images/0aff/thumb/",
                "detail_url": "https://api.openverse.org/v1/images/0aff/",
                "related_url": "https://api.openverse.org/v1/images/0aff/related/",
                "unstable__sensitivity": [],
            },
            {"id": "1", "title": None, "url": None, "license": "cc0", "license_version": "1.0"},
        ],
    }


GBIF_SPECIES = {
    "offset": 0,
    "limit": 1,
    "endOfRecords": False,
    "count": 2,
    "results": [
        {
            "key": 5219426,
            "nubKey": 5219426,
            "scientificName": "Panthera uncia (Schreber, 1775)",
            "canonicalName": "Panthera uncia",
            "rank": "SPECIES",
            "taxonomicStatus": "ACCEPTED",
            "vernacularNames": [{"vernacularName": "Snow Leopard", "language": "eng"}],
        }
    ],
}


def gbif(offset=0, end=False):
    return {
        "offset": offset,
        "limit": 100,
        "endOfRecords": end,
        "count": 102,
        "results": [
            {
                "key": 4000000001 + offset,
                "datasetKey": "50c9509d-22c7-4a22-a47d-8c48425ef4a7",
                "scientificName": "Panthera uncia (Schreber, 1775)",
                "species": "Panthera uncia",
                "taxonomicStatus": "ACCEPTED",
                "license": "http://creativecommons.org/licenses/by-nc/4.0/legalcode",
                "references": "https://www.inaturalist.org/observations/1",
                "media": [
                    {
                        "type": "StillImage",
                        "format": "image/jpeg",
                        "references": "https://www.inaturalist.org/photos/1",
                        "created": "2020-01-01T00:00:00.000+00:00",
                        "creator": "Bob",
                        "publisher": "iNaturalist",
                        "license": "http://creativecommons.org/licenses/by/4.0/",
                        "rightsHolder": "Bob",
                        "identifier": f"https://inat.example/photos/{offset}/original.jpg",
                    },
                    {"type": "Sound", "identifier": "https://inat.example/1.mp3"},
                ],
            }
        ],
    }


def inaturalist(page=1, total=101):
    return {
        "total_results": total,
        "page": page,
        "per_page": 100,
        "results": [
            {
                "id": 10 + page,
                "uri": f"https://www.inaturalist.org/observations/{page}",
                "quality_grade": "research",
                "license_code": "cc-by-nc",
                "taxon": {"name": "Panthera uncia", "preferred_common_name": "Snow Leopard"},
                "user": {"login": "eve", "name": "Eve"},
                "photos": [
                    {
                        "id": page,
                        "license_code": "cc-by",
                        "original_dimensions": {"width": 2048, "height": 1536},
                        "url": f"https://inat.example/photos/{page}/square.jpg",
                        "attribution": "(c) Eve, some rights reserved (CC BY)",
                        "flags": [],
                    },
                    {"id": 9, "license_code": None, "url": "https://inat.example/9/square.jpg"},
                ],
            }
        ],
    }


def wikimedia(offset=0, more=True):
    body = {
        "batchcomplete": True,
        "query": {
            "pages": [
                _commons(offset + 2, "Second", "CC BY-SA 3.0"),
                _commons(offset + 1, "First", "Public domain"),
            ]
        },
    }
    if more:
        body["continue"] = {"gsroffset": offset + 50, "continue": "gsroffset||"}
    return body


def _commons(index, title, licence):
    return {
        "pageid": index,
        "ns": 6,
        "title": f"File:{title}.jpg",
        "index": index,
        "imagerepository": "local",
        "imageinfo": [
            {
                "size": 100000,
                "width": 2000,
                "height": 1500,
                "thumburl": f"https://upload.example/thumb/{index}.jpg",
                "thumbwidth": 320,
                "thumbheight": 240,
                "url": f"https://upload.example/{index}.jpg",
                "descriptionurl": f"https://commons.wikimedia.org/wiki/File:{title}.jpg",
                "mime": "image/jpeg",
                "extmetadata": {
                    "LicenseShortName": {"value": licence, "source": "commons-desc-page"},
                    "LicenseUrl": {"value": "https://creativecommons.org/licenses/by-sa/3.0"}
                    if "SA" in licence
                    else {},
                    "Artist": {
                        "value": '<a href="//c.example/wiki/User:Z" title="x">Zoë &amp; Co</a>'
                    },
                    "ObjectName": {"value": title},
                },
            }
        ],
    }


BRAVE = {
    "type": "images",
    "query": {"original": "snow leopard", "spellcheck_off": False, "show_strict_warning": False},
    "results": [
        {
            "type": "image_result",
            "title": "Snow leopard",
            "url": "https://zoo.example/leopard",
            "source": "zoo.example",
            "page_fetched": "2026-01-01T00:00:00Z",
            "thumbnail": {"src": "https://imgs.search.brave.com/a", "width": 500, "height": 333},
            "properties": {
                "url": "https://zoo.example/leopard.jpg",
                "placeholder": "https://imgs.search.brave.com/p",
                "width": 1200,
                "height": 800,
            },
            "meta_url": {"scheme": "https", "netloc": "zoo.example"},
            "confidence": "high",
        },
        {"type": "image_result", "title": "No address", "properties": {}},
    ],
    "extra": {"might_be_offensive": False},
}
