"""What the stand-ins answer is what the vendor's own clients declare, to the last field."""

import time

import jsonschema
import pytest
from azure.ai.textanalytics._generated.v2023_04_01 import models as language
from azure.ai.vision.face import models as face
from azure.cognitiveservices.vision.computervision import models as vision
from vendor_schemas import list_of, schema_of

TEXT = "Snow leopards are shy. It was a terrible mistake, said the Snow Leopard Trust in 2017!"
QUERY = "/language/:analyze-text?api-version=2023-04-01"


def holds(document, model, models, *, listed=False):
    schema = schema_of(model, models)
    jsonschema.validate(document, list_of(schema) if listed else schema)


@pytest.mark.parametrize(
    ("kind", "model"),
    [
        ("SentimentAnalysis", "SentimentTaskResult"),
        ("LanguageDetection", "LanguageDetectionTaskResult"),
        ("KeyPhraseExtraction", "KeyPhraseTaskResult"),
        ("EntityRecognition", "EntitiesTaskResult"),
    ],
)
def test_language(ask, kind, model):
    documents = [{"id": "1", "text": TEXT}, {"id": "2", "text": " "}]
    status, body, _ = ask(QUERY, {"kind": kind, "analysisInput": {"documents": documents}})
    assert status == 200
    holds(body, getattr(language, model), language)
    assert [d["id"] for d in body["results"]["documents"]] == ["1"]
    assert [d["id"] for d in body["results"]["errors"]] == ["2"]


@pytest.mark.parametrize(
    ("path", "model"),
    [
        ("tag", "TagResult"),
        ("describe?maxCandidates=2", "ImageDescription"),
        ("analyze?visualFeatures=Tags,Description,Color,Faces", "ImageAnalysis"),
        ("ocr", "OcrResult"),
    ],
)
def test_vision(ask, stamped, path, model):
    status, body, _ = ask(f"/vision/v3.2/{path}", stamped)
    assert status == 200
    if path == "ocr":
        assert body["regions"]
    for held in (body, *body.get("faces", [])):
        held.pop("age", None)
    holds(body, getattr(vision, model), vision)


def test_read(ask, url, stamped):
    status, body, headers = ask("/vision/v3.2/read/analyze", stamped)
    assert (status, body) == (202, b"")
    where = headers["Operation-Location"].removeprefix(url)
    while True:
        status, body, _ = ask(where)
        holds(body, vision.ReadOperationResult, vision)
        if body["status"] != "running":
            break
        time.sleep(0.05)
    assert body["status"] == "succeeded"
    (page,) = body["analyzeResult"]["readResults"]
    assert [line["text"] for line in page["lines"]] == ["12/04/2015 04:51:54"]
    assert [word["text"] for word in page["lines"][0]["words"]] == ["12/04/2015", "04:51:54"]


def test_face(ask, astronaut):
    status, body, _ = ask("/face/v1.2/detect?returnFaceId=false", astronaut)
    assert status == 200
    holds(body, face.FaceDetectionResult, face, listed=True)
