"""Microsoft's own Python clients, pointed at the stand-ins."""

import io

import pytest
from azure.ai.textanalytics import TextAnalyticsClient
from azure.ai.vision.face import FaceClient
from azure.cognitiveservices.vision.computervision import ComputerVisionClient
from azure.core.credentials import AzureKeyCredential
from azure.core.exceptions import HttpResponseError
from msrest.authentication import CognitiveServicesCredentials

KEY = AzureKeyCredential("any")


@pytest.fixture(scope="module")
def texts(url):
    return TextAnalyticsClient(url, KEY)


@pytest.fixture(scope="module")
def pictures(url):
    return ComputerVisionClient(url, CognitiveServicesCredentials("any"))


def test_sentiment(texts):
    good, bad = texts.analyze_sentiment(["I love it. It is great!", "This is terrible."])
    assert (good.sentiment, bad.sentiment) == ("positive", "negative")
    assert [s.offset for s in good.sentences] == [0, 11]
    assert good.confidence_scores.positive > 0.8


def test_an_empty_document_is_its_own_error(texts):
    good, bad = texts.analyze_sentiment(["fine", ""])
    assert not good.is_error
    assert bad.error.code == "InvalidDocument"


def test_language(texts):
    found = texts.detect_language(["Der Schneeleopard lebt in den Bergen.", "Where are you?"])
    assert [f.primary_language.iso6391_name for f in found] == ["de", "en"]


def test_key_phrases_and_entities(texts):
    text = ["The Snow Leopard Trust opposed the decision in Geneva on 14 September 2017."]
    (phrases,) = texts.extract_key_phrases(text)
    assert "Snow Leopard Trust" in phrases.key_phrases
    (entities,) = texts.recognize_entities(text)
    found = {e.text: (e.category, e.subcategory) for e in entities.entities}
    assert found["Geneva"] == ("Location", "GPE")
    assert text[0][entities.entities[-1].offset :].startswith(entities.entities[-1].text)


def test_what_has_no_stand_in_says_so(texts):
    with pytest.raises(HttpResponseError, match="No stand-in for EntityLinking") as caught:
        texts.recognize_linked_entities(["Berlin"])
    assert caught.value.status_code == 501


def test_tags_and_thumbnails(pictures, cat):
    found = pictures.tag_image_in_stream(io.BytesIO(cat))
    assert found.tags[0].name == "siamese cat"
    assert (found.metadata.width, found.metadata.height) == (320, 242)
    small = b"".join(pictures.generate_thumbnail_in_stream(50, 40, io.BytesIO(cat)))
    from irbis.image.codec import decode

    assert decode(small).shape == (40, 50, 3)


def test_text_in_a_picture(pictures, stamped):
    started = pictures.read_in_stream(io.BytesIO(stamped), raw=True)
    name = started.headers["Operation-Location"].rpartition("/")[2]
    while True:
        found = pictures.get_read_result(name)
        if found.status not in ("notStarted", "running"):
            break
    (page,) = found.analyze_result.read_results
    assert [line.text for line in page.lines] == ["12/04/2015 04:51:54"]


def test_faces(url, astronaut):
    client = FaceClient(url, KEY, api_version="v1.2")
    asked = {"detection_model": "detection_03", "recognition_model": "recognition_04"}
    found = client.detect(astronaut, return_face_id=False, **asked)
    box = found[0].face_rectangle
    assert abs(box.left + box.width / 2 - 225) < 40
    assert abs(box.top + box.height / 2 - 115) < 50
    with pytest.raises(HttpResponseError, match="missing approval"):
        client.detect(astronaut, return_face_id=True, **asked)
