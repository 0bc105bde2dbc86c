"""The stages of Azure's services: a fake service answers each text, picture or face as it deserves."""

import json
from hashlib import sha1

import pyarrow as pa
from hypothesis import strategies as st

import irbis
from irbis.testing import Reply

_FAST = {"backoff": 0.0, "maxAttempts": 2, "concurrency": 4}
_SCORES = {"positive": 0.5, "neutral": 0.25, "negative": 0.25}


def _document(text):
    return {
        "sentiment": "positive",
        "confidenceScores": _SCORES,
        "sentences": [{"text": text, "offset": 0, "length": len(text)}],
        "detectedLanguage": {"name": text, "iso6391Name": "en"},
        "keyPhrases": text.split(),
        "redactedText": "*" * len(text),
        "entities": [{"text": word, "category": "Other"} for word in text.split()],
        "warnings": [],
    }


def _texts(seen):
    documents = json.loads(seen.body)["analysisInput"]["documents"]
    results = {"documents": [], "errors": [], "modelVersion": "1"}
    for document in documents:
        if document["text"]:
            results["documents"].append({"id": document["id"], **_document(document["text"])})
        else:
            error = {"code": "InvalidArgument", "message": "Document text is empty."}
            results["errors"].append({"id": document["id"], "error": error})
    return Reply(body={"results": results})


def _mark(seen):
    return sha1(seen.body).hexdigest()


def _picture(seen):
    if b"denied" in seen.body:
        error = {"code": "PermissionDenied", "message": "Access denied."}
        return Reply(403, body={"error": error})
    if b"odd" in seen.body:
        return Reply(body="no JSON")
    return Reply(body={"requestId": _mark(seen), "language": "en", "objects": []})


def _faces(seen):
    return Reply(body=[{"faceId": _mark(seen), "confidence": 0.5}])


def _face(seen):
    return Reply(body={"isIdentical": True, "groups": [[_mark(seen)]], "messyGroup": []})


def _accepted(seen):
    where = f"http://{seen.headers['host']}/contract/read?of={_mark(seen)}"
    failed = b"denied" in seen.body
    return Reply(202, headers={"Operation-Location": where + ("&failed" if failed else "")})


def _read(seen):
    if "failed" in seen.query:
        return Reply(body={"status": "failed"})
    return Reply(body={"status": "succeeded", "createdDateTime": seen.query})


def _table(values):
    number = len(values)
    return pa.table(
        {
            "id": range(number),
            "text": pa.array(values, pa.string()),
            "bytes": pa.array([None if v is None else v.encode() for v in values], pa.binary()),
            "ids": pa.array(
                [None if v is None else [v, "b"] for v in values], pa.list_(pa.string())
            ),
        }
    )


_VALUES = ["snow leopard", "", "denied", "odd", None, "snow leopard", "ünïcode"]


def service_cases(service):
    """Name -> (stage, strategy of inputs, one rich input, examples to try)."""
    service.script("/language/:analyze-text", _texts)
    for path in ("analyze", "describe", "tag", "detect", "ocr", "generateThumbnail"):
        service.script(f"/vision/v3.2/{path}", _picture)
    service.script("/vision/v3.2/models/celebrities/analyze", _picture)
    service.script("/vision/v3.2/read/analyze", _accepted)
    service.script("/contract/read", _read)
    for path in ("detect", "identify", "findsimilars"):
        service.script(f"/face/v1.2/{path}", _faces)
    for path in ("verify", "group"):
        service.script(f"/face/v1.2/{path}", _face)
    here = {"url": service.url, **_FAST}
    by_url, by_bytes = {"imageUrlCol": "text", **here}, {"imageBytesCol": "bytes", **here}
    stages = [
        irbis.TextSentiment(**here, batchSize=2),
        irbis.LanguageDetector(**here, batchSize=3),
        irbis.KeyPhraseExtractor(**here),
        irbis.NER(**here),
        irbis.EntityLinking(**here),
        irbis.PII(**here),
        irbis.AnalyzeImage(**by_url),
        irbis.DescribeImage(**by_bytes),
        irbis.TagImage(**by_bytes),
        irbis.DetectObjects(**by_url),
        irbis.OCR(**by_bytes),
        irbis.ReadImage(**by_url, initialPollingDelay=0.0, pollingDelay=0.0),
        irbis.GenerateThumbnails(**by_bytes, width=8, height=8),
        irbis.RecognizeDomainSpecificContent(**by_url),
        irbis.DetectFace(**by_bytes),
        irbis.VerifyFaces(faceId1Col="text", faceId2="b", **here),
        irbis.IdentifyFaces(faceIdsCol="ids", largePersonGroupId="g", **here),
        irbis.GroupFaces(faceIdsCol="ids", **here),
        irbis.FindSimilarFace(faceIdCol="text", largeFaceListId="l", **here),
    ]
    values = st.lists(st.sampled_from(_VALUES), max_size=6).map(_table)
    rich = _table(_VALUES)
    return {type(stage).__name__: (stage, values, rich, 3) for stage in stages}
