"""What the stages send: as Microsoft's own clients send it, and valid by the definitions."""

import json
from urllib.parse import parse_qs

import jsonschema
import pytest
from azure_cases import FACE, HERE, IDS, KEY, LANGUAGE, PICTURE, VISION, cases

import irbis
from irbis.testing import Reply

CASES = cases()
JSON = {"Content-Type": "application/json"}


def answers(service, case):
    """Let the service answer as in the published example."""
    if case.path.endswith("generateThumbnail"):
        service.script(case.path, Reply(body=PICTURE, headers={"Content-Type": "image/jpeg"}))
    elif case.path.endswith("read/analyze"):
        where = service.script("/read/1", Reply(body=case.body, headers=JSON))
        service.script(case.path, Reply(202, headers={"Operation-Location": where}))
    else:
        service.script(case.path, Reply(body=case.body, headers=JSON))


def sent(service, case, call):
    """Return the one request for the case's path."""
    service.clear()
    answers(service, case)
    call()
    (seen,) = [s for s in service.requests if s.path == case.path]
    assert seen.headers["ocp-apim-subscription-key"] == KEY
    return seen


def by_stage(service, case):
    stage = case.stage.copy().setUrl(service.url).setSubscriptionKey(KEY)
    return sent(service, case, lambda: stage.transform(case.table))


def plain(seen):
    """What a request says, with the ids of documents, which are a client's own affair, counted."""
    kind = seen.headers["content-type"].partition(";")[0]
    if kind != "application/json":
        return seen.method, seen.path, parse_qs(seen.query), kind, seen.body
    body = json.loads(seen.body)
    for at, document in enumerate(body.get("analysisInput", {}).get("documents", [])):
        document["id"] = at
    return seen.method, seen.path, parse_qs(seen.query), kind, body


@pytest.mark.parametrize("name", CASES)
def test_as_the_vendors_client_sends_it(name, service):
    case = CASES[name]
    theirs = plain(sent(service, case, lambda: case.client(service.url)))
    assert plain(by_stage(service, case)) == theirs


@pytest.mark.parametrize("name", [n for n, c in CASES.items() if c.request])
def test_valid_by_the_definition(name, service):
    case = CASES[name]
    jsonschema.validate(json.loads(by_stage(service, case).body), case.request)


def test_published_requests_of_language(service):
    for name, example in LANGUAGE.items():
        case, wanted = CASES[name], example["parameters"]["body"]
        body = json.loads(by_stage(service, case).body)
        assert body["kind"] == wanted["kind"]
        assert wanted["parameters"].items() <= body["parameters"].items()
        texts = [d["text"] for d in body["analysisInput"]["documents"]]
        assert texts == [d["text"] for d in wanted["analysisInput"]["documents"]]


@pytest.mark.parametrize(
    ("name", "stage"),
    [
        ("VerifyFaces", irbis.VerifyFaces()),
        ("VerifyFaces with a person", irbis.VerifyFaces()),
        ("IdentifyFaces", irbis.IdentifyFaces()),
        ("GroupFaces", irbis.GroupFaces()),
        ("FindSimilarFace", irbis.FindSimilarFace()),
        ("FindSimilarFace among ids", irbis.FindSimilarFace()),
    ],
)
def test_published_requests_of_face(name, stage, service):
    wanted = FACE[name]["parameters"]["body"]
    stage = stage.copy().setParams(**wanted, url=service.url, subscriptionKey=KEY)
    case = CASES[name]
    import pyarrow as pa

    seen = sent(service, case, lambda: stage.transform(pa.table({"row": [1]})))
    assert json.loads(seen.body) == wanted


def test_published_requests_of_vision(service):
    seen = by_stage(service, CASES["AnalyzeImage"])
    wanted = VISION["AnalyzeImage"]["parameters"]
    query = parse_qs(seen.query)
    assert query["visualFeatures"] == [",".join(wanted["visualFeatures"])]
    assert query["details"] == [",".join(wanted["details"])]
    assert list(json.loads(seen.body)) == list(wanted["ImageUrl"])
    read = parse_qs(by_stage(service, CASES["ReadImage"]).query)
    assert read["pages"] == [",".join(VISION["ReadImage"]["parameters"]["Pages"])]


@pytest.mark.parametrize(
    ("schema", "stage"),
    [
        (
            "VerifyFaceToPersonRequest",
            irbis.VerifyFaces(faceId=IDS[0], personId=IDS[1], personGroupId="g"),
        ),
        ("IdentifyRequest", irbis.IdentifyFaces(faceIds=IDS[:2], personGroupId="g")),
        ("FindSimilarRequest", irbis.FindSimilarFace(faceId=IDS[0], faceListId="l")),
    ],
)
def test_groups_and_lists_of_the_small_kind(schema, stage, service):
    import pyarrow as pa

    document = json.loads((HERE / "face_v1.0.json").read_text())
    service.clear()
    stage.copy().setUrl(service.url).transform(pa.table({"row": [1]}))
    rule = {"$ref": f"#/components/schemas/{schema}", **document}
    jsonschema.validate(json.loads(service.requests[-1].body), rule)
