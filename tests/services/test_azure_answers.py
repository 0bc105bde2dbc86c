"""What the stages make of answers: every field that Microsoft's definitions know, without loss."""

import jsonschema
import pyarrow as pa
import pytest
from azure_cases import FACE, KEY, PICTURE, cases
from test_azure_requests import answers
from vendor_schemas import filled, resolved

from irbis.testing import Reply

CASES = cases()
PARSED = {n: c for n, c in CASES.items() if n != "GenerateThumbnails"}
# What is the request's, not a row's: it would differ with how rows are cut into requests.
OF_THE_REQUEST = {
    "kind",
    "results.documents[].id",
    "results.statistics",
    "results.errors[].id",
    "results.errors[].error",
}


def ask(service, case, **params):
    stage = case.stage.copy().setUrl(service.url).setSubscriptionKey(KEY).setParams(**params)
    return stage.transform(case.table)


def lean(value):
    """Leave out what is null."""
    if isinstance(value, dict):
        return {k: lean(v) for k, v in value.items() if v is not None}
    return [lean(v) for v in value] if isinstance(value, list) else value


def rows_of(body):
    """What the rows of an answer should be, made of the answer itself."""
    if isinstance(body, dict) and "results" in body:
        results = body["results"]
        return [
            {k: v for k, v in {**d, "modelVersion": results["modelVersion"]}.items() if k != "id"}
            for d in results["documents"]
        ]
    if isinstance(body, dict) and "objects" in body:
        return [{**body, "objects": [_with_parents(o) for o in body["objects"]]}]
    return [body]


def _with_parents(found):
    parents, above = [], found.get("parent")
    while above:
        parents.append({k: v for k, v in above.items() if k != "parent"})
        above = above.get("parent")
    return {**{k: v for k, v in found.items() if k != "parent"}, "parents": parents}


@pytest.mark.parametrize("name", PARSED)
def test_published_examples_are_valid_and_parse_without_loss(name, service):
    case = CASES[name]
    jsonschema.validate(case.body, case.answer)
    body = case.body
    if "results" in body:  # the service repeats our ids
        body = {**body, "results": {**body["results"], "documents": []}}
        for at, document in enumerate(case.body["results"]["documents"]):
            body["results"]["documents"].append({**document, "id": str(at)})
    answers(service, case)
    if body is not case.body and "results" in body:
        service.script(case.path, Reply(body=body))
    out = ask(service, case)
    assert out["output_error"].null_count == out.num_rows
    assert [lean(v) for v in out["output"].to_pylist()] == rows_of(body)


@pytest.mark.parametrize("name", PARSED)
def test_every_documented_field_has_its_value(name, service):
    case = CASES[name]
    body = filled(case.answer)
    jsonschema.validate(body, case.answer)
    if "results" in body:
        (document,) = body["results"]["documents"]
        body["results"]["documents"] = [{**document, "id": str(i)} for i in range(len(case.table))]
        body["results"]["errors"] = []
    if name == "RecognizeDomainSpecificContent":  # "result" is any object; these are the two known
        category = filled(CASES["AnalyzeImage"].answer)["categories"][0]
        body["result"] = category["detail"]
    if name == "ReadImage":
        where = service.script("/read/2", Reply(body=body))
        service.script(case.path, Reply(202, headers={"Operation-Location": where}))
    else:
        service.script(case.path, Reply(body=body))
    out = ask(service, case)
    assert out["output_error"].null_count == out.num_rows
    assert [lean(v) for v in out["output"].to_pylist()] == rows_of(body)


@pytest.mark.parametrize("name", PARSED)
def test_no_field_is_missing_and_none_is_invented(name):
    case = CASES[name]
    documented = {
        _ours(p)
        for p in _paths(case.answer, case.answer)
        if not p.startswith(tuple(OF_THE_REQUEST))
    }
    parsed = set(_columns(case.stage.answer_type()))
    if name == "RecognizeDomainSpecificContent":
        parsed = {p for p in parsed if not p.startswith("result.")} | {"result"}
    assert parsed == documented


def _ours(path):
    path = path.removeprefix("results.documents[].").removeprefix("results.")
    return path.replace(".parent.", ".parents[].")


def _paths(schema, root, path="", seen=()):
    name, schema = schema.get("$ref"), resolved(schema, root)
    if name and name in seen:
        return
    if schema.get("type") == "object" and schema.get("properties"):
        for key, inner in schema["properties"].items():
            yield from _paths(inner, root, f"{path}.{key}" if path else key, (*seen, name))
    elif schema.get("type") == "array":
        yield from _paths(schema["items"], root, path + "[]", seen)
    else:
        yield path


def _columns(type_, path=""):
    if pa.types.is_struct(type_):
        for each in type_.fields:
            yield from _columns(each.type, f"{path}.{each.name}" if path else each.name)
    elif pa.types.is_list(type_):
        yield from _columns(type_.value_type, path + "[]")
    else:
        yield path


def test_a_thumbnail_is_its_bytes(service):
    case = CASES["GenerateThumbnails"]
    answers(service, case)
    assert ask(service, case)["output"].to_pylist() == [PICTURE]


def _published_errors():
    for name in ("DetectFace", "VerifyFaces with a person"):
        for status, reply in FACE[name]["responses"].items():
            if status != "200":
                yield pytest.param(name, int(status), reply["body"], id=f"{name} {status}")


@pytest.mark.parametrize(("name", "status", "body"), list(_published_errors()))
def test_published_errors(name, status, body, service):
    case = CASES[name]
    service.script(case.path, Reply(status, body=body))
    error = ask(service, case, maxAttempts=1)["output_error"][0].as_py()
    kinds = {401: "unauthorized", 403: "forbidden", 429: "throttled"}  # 404: of a face
    assert (error["kind"], error["status"]) == (kinds.get(status, "status"), status)
    assert body["error"]["message"] in error["message"]
    assert body["error"].get("code", "") in error["message"]


@pytest.mark.parametrize("name", ["TextSentiment", "AnalyzeImage", "OCR", "DetectFace"])
def test_errors_as_each_definition_shapes_them(name, service):
    from azure_cases import face_models, language_models, vision_models
    from vendor_schemas import schema_of

    model, models = {
        "TextSentiment": (language_models.ErrorResponse, language_models),
        "AnalyzeImage": (vision_models.ComputerVisionErrorResponse, vision_models),
        "OCR": (vision_models.ComputerVisionOcrError, vision_models),
        "DetectFace": (face_models.FaceErrorResponse, face_models),
    }[name]
    body = filled(schema_of(model, models))
    found = body.get("error", body)
    found.update(code="TheCode", message="The message.")
    inner = found.get("innererror")
    if inner:
        inner.update(code="TheInnerCode", message="The inner message.")
    case = CASES[name]
    service.script(case.path, Reply(400, body=body))
    error = ask(service, case)["output_error"][0].as_py()
    assert error["kind"] == "status"
    assert error["message"].startswith("400 Bad Request: TheCode: The message.")
    assert not inner or "TheInnerCode: The inner message." in error["message"]


def test_errors_of_documents(service):
    case = CASES["NER"]
    (good, _), wrong = rows_of(case.body), {"code": "InvalidArgument", "message": "Bad text."}
    inner = {"code": "InvalidDocument", "message": "The document is too long."}
    errors = [{"id": "1", "error": {**wrong, "innererror": inner}}]
    results = {"documents": [{**good, "id": "0"}], "errors": errors, "modelVersion": "1"}
    service.script(case.path, Reply(body={"kind": "EntityRecognitionResults", "results": results}))
    first, second = ask(service, case)["output_error"].to_pylist()
    assert first is None
    assert second == {
        "kind": "service",
        "message": "the service reports: InvalidArgument: Bad text. "
        "(InvalidDocument: The document is too long.)",
        "status": 200,
        "attempts": 1,
    }
