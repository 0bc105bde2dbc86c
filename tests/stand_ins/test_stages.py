"""Our stages against our stand-ins: they know nothing of each other but the contract."""

import pyarrow as pa
import pytest

import irbis

TEXTS = ["I love this place. It is wonderful!", "What a terrible day.", "", None]


def kinds(out):
    return [e and e["kind"] for e in out["output_error"].to_pylist()]


def test_text(url):
    table = pa.table({"text": TEXTS})
    out = irbis.TextSentiment(url=url).transform(table)
    assert [o and o["sentiment"] for o in out["output"].to_pylist()] == [
        "positive",
        "negative",
        None,
        None,
    ]
    assert kinds(out) == [None, None, "service", "null"]
    out = irbis.LanguageDetector(url=url).transform(table)
    assert out["output"][0].as_py()["detectedLanguage"]["iso6391Name"] == "en"
    out = irbis.KeyPhraseExtractor(url=url).transform(table)
    assert "wonderful" in out["output"][0].as_py()["keyPhrases"]
    out = irbis.NER(url=url).transform(pa.table({"text": ["Mark Twain was in Berlin in 1891."]}))
    found = {e["text"]: e["category"] for e in out["output"][0].as_py()["entities"]}
    assert found == {"Mark Twain": "Person", "Berlin": "Location", "1891": "DateTime"}


def test_pictures(url, stamped, cat, astronaut):
    table = pa.table({"image": [stamped, b"none"]})
    read = irbis.ReadImage(url=url, imageBytesCol="image", pollingDelay=0.05).transform(table)
    (page,) = read["output"][0].as_py()["analyzeResult"]["readResults"]
    assert [line["text"] for line in page["lines"]] == ["12/04/2015 04:51:54"]
    assert kinds(read)[1] == "status"
    old = irbis.OCR(url=url, imageBytesCol="image").transform(table)["output"][0].as_py()
    assert [w["text"] for r in old["regions"] for x in r["lines"] for w in x["words"]] == [
        "12/04/2015", "04:51:54",
    ]  # fmt: skip
    table = pa.table({"image": [cat]})
    tags = irbis.TagImage(url=url, imageBytesCol="image").transform(table)["output"][0].as_py()
    assert tags["tags"][0]["name"] == "siamese cat"
    said = irbis.DescribeImage(url=url, imageBytesCol="image").transform(table)["output"][0].as_py()
    assert said["description"]["captions"][0]["text"] == "a photo of a siamese cat"
    small = irbis.GenerateThumbnails(url=url, imageBytesCol="image", width=9, height=9).transform(
        table
    )
    assert small["output"][0].as_py().startswith(b"\xff\xd8")
    table = pa.table({"image": [astronaut]})
    faces = irbis.DetectFace(url=url, imageBytesCol="image").transform(table)["output"][0].as_py()
    assert faces[0]["faceRectangle"]["width"] > 50


@pytest.mark.parametrize(
    "stage",
    [
        irbis.EntityLinking(),
        irbis.DetectObjects(imageUrl="http://127.0.0.1/x.jpg", maxAttempts=1),
        irbis.RecognizeDomainSpecificContent(imageUrl="http://127.0.0.1/x.jpg", maxAttempts=1),
    ],
)
def test_what_has_no_stand_in_is_a_row_that_says_so(url, stage):
    out = stage.setUrl(url).setMaxAttempts(1).transform(pa.table({"text": ["a"]}))
    (error,) = out["output_error"].to_pylist()
    assert error["status"] == 501
    assert "No stand-in" in error["message"]
