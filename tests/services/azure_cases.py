"""Every stage of Azure's services, beside a call of Microsoft's own client that asks the same."""

import io
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
from azure.ai.textanalytics import TextAnalyticsClient
from azure.ai.textanalytics._generated.v2023_04_01 import models as language_models
from azure.ai.vision.face import FaceClient
from azure.ai.vision.face import models as face_models
from azure.cognitiveservices.vision.computervision import ComputerVisionClient
from azure.cognitiveservices.vision.computervision import models as vision_models
from azure.core.credentials import AzureKeyCredential
from msrest.authentication import CognitiveServicesCredentials
from vendor_schemas import list_of, schema_of

import irbis

HERE = Path(__file__).parent / "definitions"
LANGUAGE, VISION, FACE = (
    json.loads((HERE / f"{name}.json").read_text()) for name in ("language", "vision", "face")
)
KEY = "s3cret-k3y-of-the-tests"
URL = "https://example.org/leopard.jpg"
PICTURE = b"\xff\xd8 not really a picture \xff\xd9"
IDS = FACE["GroupFaces"]["parameters"]["body"]["faceIds"]


@dataclass
class Case:
    """One request of one stage.

    `client` asks the same of the same service; `request` and `answer` are the vendor's schemas of
    the bodies, `example` the name of a published pair, `replies` what the service answers.
    """

    stage: Any
    table: pa.Table
    path: str
    client: Callable[[str], Any]
    answer: dict[str, Any]
    request: dict[str, Any] | None = None
    example: str | None = None
    definitions: dict[str, Any] = field(default_factory=dict)

    @property
    def body(self) -> Any:
        return self.definitions[self.example]["responses"]["200"]["body"]


def text_client(url):
    return TextAnalyticsClient(
        url, AzureKeyCredential(KEY), api_version="2023-04-01", retry_total=0
    )


def vision_client(url):
    return ComputerVisionClient(url, CognitiveServicesCredentials(KEY))


def face_client(url):
    return FaceClient(url, AzureKeyCredential(KEY), api_version="v1.2", retry_total=0)


def _texts(name):
    documents = LANGUAGE[name]["parameters"]["body"]["analysisInput"]["documents"]
    return [d["text"] for d in documents]


def _language(name, stage, task, result, call):
    texts = _texts(name)
    return Case(
        stage=stage.setTextCol("text"),
        table=pa.table({"text": texts}),
        path="/language/:analyze-text",
        client=lambda url: call(text_client(url), texts),
        request=schema_of(getattr(language_models, task), language_models),
        answer=schema_of(getattr(language_models, result), language_models),
        example=name,
        definitions=LANGUAGE,
    )


def language_cases():
    """Name -> Case."""
    points = {"string_index_type": "UnicodeCodePoint", "model_version": "latest"}
    english = {"language": "en"}
    return {
        "TextSentiment": _language(
            "TextSentiment",
            irbis.TextSentiment(language="en", opinionMining=True),
            "AnalyzeTextSentimentAnalysisInput",
            "SentimentTaskResult",
            lambda c, t: c.analyze_sentiment(t, show_opinion_mining=True, **english, **points),
        ),
        "LanguageDetector": _language(
            "LanguageDetector",
            irbis.LanguageDetector(countryHint="fr"),
            "AnalyzeTextLanguageDetectionInput",
            "LanguageDetectionTaskResult",
            lambda c, t: c.detect_language(t, country_hint="fr", model_version="latest"),
        ),
        "KeyPhraseExtractor": _language(
            "KeyPhraseExtractor",
            irbis.KeyPhraseExtractor(language="en", showStats=True, loggingOptOut=True),
            "AnalyzeTextKeyPhraseExtractionInput",
            "KeyPhraseTaskResult",
            lambda c, t: c.extract_key_phrases(
                t, model_version="latest", show_stats=True, disable_service_logs=True, **english
            ),
        ),
        "NER": _language(
            "NER",
            irbis.NER(language="en"),
            "AnalyzeTextEntityRecognitionInput",
            "EntitiesTaskResult",
            lambda c, t: c.recognize_entities(t, **english, **points),
        ),
        "EntityLinking": _language(
            "EntityLinking",
            irbis.EntityLinking(language="en"),
            "AnalyzeTextEntityLinkingInput",
            "EntityLinkingTaskResult",
            lambda c, t: c.recognize_linked_entities(t, **english, **points),
        ),
        "PII": _language(
            "PII",
            irbis.PII(language="en", domain="phi", piiCategories=["PhoneNumber"]),
            "AnalyzeTextPiiEntitiesRecognitionInput",
            "PiiTaskResult",
            lambda c, t: c.recognize_pii_entities(
                t, domain_filter="phi", categories_filter=["PhoneNumber"], **english, **points
            ),
        ),
    }


def _vision(stage, path, result, call, example=None, **columns):
    table = pa.table(columns or {"url": [URL]})
    return Case(
        stage=stage if columns else stage.setImageUrlCol("url"),
        table=table,
        path=f"/vision/v3.2/{path}",
        client=lambda url: call(vision_client(url)),
        request=schema_of(vision_models.ImageUrl, vision_models) if not columns else None,
        answer=schema_of(getattr(vision_models, result), vision_models),
        example=example or type(stage).__name__,
        definitions=VISION,
    )


FEATURES = VISION["AnalyzeImage"]["parameters"]["visualFeatures"]
DETAILS = VISION["AnalyzeImage"]["parameters"]["details"]


def vision_cases():
    """Name -> Case; a name may have a remark behind the stage's."""
    analyze = {"visual_features": FEATURES, "details": DETAILS, "language": "es"}
    return {
        "AnalyzeImage": _vision(
            irbis.AnalyzeImage(visualFeatures=FEATURES, details=DETAILS, language="es"),
            "analyze",
            "ImageAnalysis",
            lambda c: c.analyze_image(URL, **analyze),
        ),
        "AnalyzeImage of bytes": _vision(
            irbis.AnalyzeImage(
                imageBytesCol="bytes",
                visualFeatures="Tags",
                descriptionExclude=["Celebrities"],
                language="en",
            ),
            "analyze",
            "ImageAnalysis",
            lambda c: c.analyze_image_in_stream(
                io.BytesIO(PICTURE), visual_features=["Tags"], description_exclude=["Celebrities"]
            ),
            example="AnalyzeImage",
            bytes=[PICTURE],
        ),
        "DescribeImage": _vision(
            irbis.DescribeImage(maxCandidates=3, language="en"),
            "describe",
            "ImageDescription",
            lambda c: c.describe_image(URL, max_candidates=3),
        ),
        "TagImage": _vision(
            irbis.TagImage(language="en"), "tag", "TagResult", lambda c: c.tag_image(URL)
        ),
        "DetectObjects": _vision(
            irbis.DetectObjects(), "detect", "DetectResult", lambda c: c.detect_objects(URL)
        ),
        "OCR": _vision(
            irbis.OCR(language="unk"),
            "ocr",
            "OcrResult",
            lambda c: c.recognize_printed_text(URL, detect_orientation=True),
        ),
        "ReadImage": _vision(
            irbis.ReadImage(language="en", pages=["2", "3"], initialPollingDelay=0, pollingDelay=0),
            "read/analyze",
            "ReadOperationResult",
            lambda c: c.read(URL, language="en", pages=["2", "3"], raw=True),
            example="ReadImageResult",
        ),
        "GenerateThumbnails": _vision(
            irbis.GenerateThumbnails(width=100, height=80, smartCropping=True),
            "generateThumbnail",
            "ImageType",  # the answer is a picture: no schema
            lambda c: list(c.generate_thumbnail(100, 80, URL, smart_cropping=True)),
        ),
        "RecognizeDomainSpecificContent": _vision(
            irbis.RecognizeDomainSpecificContent(language="en"),
            "models/celebrities/analyze",
            "DomainModelResults",
            lambda c: c.analyze_image_by_domain("celebrities", URL),
        ),
    }


def _face(stage, path, result, call, example=None, many=True, **columns):
    answer = schema_of(getattr(face_models, result), face_models)
    name = example or type(stage).__name__
    return Case(
        stage=stage,
        table=pa.table({n: pa.array([v]) for n, v in columns.items()}),
        path=f"/face/v1.2/{path}",
        client=lambda url: call(face_client(url)),
        answer=list_of(answer) if many else answer,
        example=name,
        definitions=FACE,
    )


def face_cases():
    """Name -> Case; a name may have a remark behind the stage's."""
    detect = FACE["DetectFace"]["parameters"]
    attributes = detect["returnFaceAttributes"].split(",")
    models = {"detection_model": "detection_01", "recognition_model": "recognition_03"}
    asked = {
        "return_face_id": True,
        "return_face_landmarks": True,
        "return_face_attributes": attributes,
        "return_recognition_model": True,
        "face_id_time_to_live": 60,
    }
    stage = {
        "returnFaceId": True,
        "returnFaceLandmarks": True,
        "returnFaceAttributes": attributes,
        "returnRecognitionModel": True,
        "detectionModel": "detection_01",
        "recognitionModel": "recognition_03",
        "faceIdTimeToLive": 60,
    }
    most = {"maxNumOfCandidatesReturnedCol": "most"}
    return {
        "DetectFace": _face(
            irbis.DetectFace(imageUrlCol="url", **stage),
            "detect",
            "FaceDetectionResult",
            lambda c: c.detect_from_url(url=detect["body"]["url"], **models, **asked),
            url=detect["body"]["url"],
        ),
        "DetectFace of bytes": _face(
            irbis.DetectFace(imageBytesCol="bytes", **stage),
            "detect",
            "FaceDetectionResult",
            lambda c: c.detect(PICTURE, **models, **asked),
            bytes=PICTURE,
        ),
        "VerifyFaces": _face(
            irbis.VerifyFaces(faceId1Col="a", faceId2Col="b"),
            "verify",
            "FaceVerificationResult",
            lambda c: c.verify_face_to_face(face_id1=IDS[0], face_id2=IDS[1]),
            many=False,
            a=IDS[0],
            b=IDS[1],
        ),
        "VerifyFaces with a person": _face(
            irbis.VerifyFaces(faceIdCol="a", personIdCol="b", largePersonGroupId="g"),
            "verify",
            "FaceVerificationResult",
            lambda c: c.verify_from_large_person_group(
                face_id=IDS[0], person_id=IDS[1], large_person_group_id="g"
            ),
            example="VerifyFaces with a person",
            many=False,
            a=IDS[0],
            b=IDS[1],
        ),
        "IdentifyFaces": _face(
            irbis.IdentifyFaces(
                faceIdsCol="ids", largePersonGroupId="g", confidenceThreshold=0.7, **most
            ),
            "identify",
            "FaceIdentificationResult",
            lambda c: c.identify_from_large_person_group(
                face_ids=IDS[:1],
                large_person_group_id="g",
                max_num_of_candidates_returned=9,
                confidence_threshold=0.7,
            ),
            ids=IDS[:1],
            most=9,
        ),
        "GroupFaces": _face(
            irbis.GroupFaces(faceIdsCol="ids"),
            "group",
            "FaceGroupingResult",
            lambda c: c.group(face_ids=IDS),
            many=False,
            ids=IDS,
        ),
        "FindSimilarFace": _face(
            irbis.FindSimilarFace(faceIdCol="id", largeFaceListId="l", **most),
            "findsimilars",
            "FaceFindSimilarResult",
            lambda c: c.find_similar_from_large_face_list(
                face_id=IDS[0],
                large_face_list_id="l",
                max_num_of_candidates_returned=3,
                mode="matchPerson",
            ),
            id=IDS[0],
            most=3,
        ),
        "FindSimilarFace among ids": _face(
            irbis.FindSimilarFace(faceIdCol="id", faceIdsCol="ids", mode="matchFace", **most),
            "findsimilars",
            "FaceFindSimilarResult",
            lambda c: c.find_similar(
                face_id=IDS[0],
                face_ids=IDS[1:3],
                max_num_of_candidates_returned=3,
                mode="matchFace",
            ),
            example="FindSimilarFace among ids",
            id=IDS[0],
            ids=IDS[1:3],
            most=3,
        ),
    }


def cases():
    """All of them."""
    return {**language_cases(), **vision_cases(), **face_cases()}
