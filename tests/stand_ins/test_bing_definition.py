"""Bing's image search: our stage and the stand-in, beside what Microsoft's own client declares."""

import json
from pathlib import Path

import jsonschema
import pyarrow as pa
import pytest
from azure.cognitiveservices.search.imagesearch import models
from vendor_schemas import schema_of

from irbis import BingImageSearch
from irbis.http.ddl import parse
from irbis.testing import Reply, fake_service

# Version 7.0 documents them; the client, of 2019, does not know them.
NEWER = {"isFamilyFriendly", "creativeCommons"}


def _images(**more):
    body = {"_type": "Images", "value": [], **more}
    return Reply(200, headers={"Content-Type": "application/json"}, body=body)


def test_the_stand_ins_answer_is_as_declared(ask):
    status, document, _ = ask("/v7.0/images/search?q=Siamese%20cat&count=2")
    assert status == 200
    for image in document["value"]:
        for name in NEWER:
            image.pop(name, None)
    schema = schema_of(models.Images, models)
    for model in schema["$defs"].values():  # the client's own mark of a class: Bing sends it on top
        model["required"] = [name for name in model.get("required", []) if name != "_type"]
    jsonschema.validate(document, schema)


def test_every_field_of_an_image_that_we_read_is_declared():
    fields = {f.name: f.type for f in parse(BingImageSearch.answer).fields}
    image = {f.name for f in fields["value"].value_type.fields}
    declared = {m["key"] for m in models.ImageObject._attribute_map.values()}
    assert image - NEWER <= declared
    whole = {m["key"] for m in models.Images._attribute_map.values()}
    assert set(fields) <= whole


def _lean(value):
    """Without the nulls of fields that were not in the answer."""
    if isinstance(value, dict):
        return {k: _lean(v) for k, v in value.items() if v is not None}
    return [_lean(v) for v in value] if isinstance(value, list) else value


def test_the_published_example_is_read_without_loss():
    path = Path(__file__).parents[1] / "services" / "definitions" / "bing.json"
    body = json.loads(path.read_text())["ImageSearch"]["responses"]["200"]["body"]
    with fake_service() as service:
        service.script("/v7.0/images/search", _images(**body))
        stage = BingImageSearch(url=service.url, outputCol="images")
        found = stage.transform(pa.table({"query": ["degas"]}))
    assert _lean(found["images"][0].as_py()) == body


@pytest.mark.parametrize("field", ["contentUrl", "thumbnail", "imageId", "accentColor"])
def test_an_answer_with_every_field_is_read(field):
    image = {
        "contentUrl": "http://x/a.jpg", "thumbnail": {"width": 3, "height": 4}, "imageId": "I", "accentColor": "ABCDEF",
    }  # fmt: skip
    with fake_service() as service:
        service.script("/v7.0/images/search", _images(value=[image]))
        stage = BingImageSearch(url=service.url, outputCol="images")
        found = stage.transform(pa.table({"query": ["x"]}))["images"][0].as_py()
    assert found["value"][0][field] == image[field]
