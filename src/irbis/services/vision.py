"""Azure AI Vision: what a picture shows, in words, tags, objects and more.

API         Computer Vision (Image Analysis)
Version     3.2 (Azure/azure-rest-api-specs, cognitiveservices/data-plane/ComputerVision)
Auth        Ocp-Apim-Subscription-Key, or an Entra ID token with the resource's own host name
End         1.0 to 3.1 ended on 2026-09-13. Image Analysis, whatever its version, ends on
            2028-09-25; whether that takes reading text (3.2) along, Microsoft has not said. It points to Content Understanding and to Foundry models. Celebrities are for
            approved customers only; ages and genders of faces may be left out of answers.
"""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar

from irbis.converters import optional, text, whole
from irbis.params import ParamField, param
from irbis.services.choices import encoded, some_of, written
from irbis.services.operation import Operation
from irbis.services.pictures import OnPicture, WithObjects
from irbis.services.retirement import API
from irbis.services.stage import ServiceStage, column_of

__all__ = [
    "FACE_RECTANGLE",
    "TAIL",
    "AnalyzeImage",
    "DescribeImage",
    "DetectObjects",
    "PictureStage",
    "TagImage",
    "VisionStage",
]

#: What most answers end with.
TAIL = "requestId string, metadata struct<width:int,height:int,format:string>, modelVersion string"
FACE_RECTANGLE = "struct<left:int,top:int,width:int,height:int>"
_BOX = "struct<x:int,y:int,w:int,h:int>"
_TAGS = "tags array<struct<name:string,confidence:double,hint:string>>"
_DESCRIPTION = (
    "description struct<tags:array<string>,captions:array<struct<text:string,confidence:double>>>"
)
_OBJECTS = (
    f"objects array<struct<rectangle:{_BOX},object:string,confidence:double,"
    "parents:array<struct<object:string,confidence:double>>>>"
)
_FEATURES = (
    "Adult",
    "Brands",
    "Categories",
    "Color",
    "Description",
    "Faces",
    "ImageType",
    "Objects",
    "Tags",
)


class PictureStage(ServiceStage):
    """Base of stages that send a picture."""

    expects: ClassVar[dict[str, str]] = {"imageBytes": "bytes"}

    imageUrl: ParamField[str | None] = param("address of the picture", optional(text), default=None)
    imageUrlCol: ParamField[str | None] = column_of("imageUrl")
    imageBytes: ParamField[bytes | None] = param(
        "the picture, encoded", optional(encoded), default=None
    )
    imageBytesCol: ParamField[str | None] = column_of("imageBytes")

    def ways(self) -> tuple[tuple[str, ...], ...]:
        """A picture, and what else the operation needs."""
        needs = self.operation().needs
        return (("imageUrl", *needs), ("imageBytes", *needs))

    def saved_params(self) -> dict[str, Any]:
        """What may be saved, the picture's bytes as text."""
        saved = super().saved_params()
        return {n: written(v) if isinstance(v, bytes) else v for n, v in saved.items()}


class VisionStage(PictureStage):
    """Base of the stages of Azure AI Vision."""

    api: ClassVar[API] = API(
        "Azure AI Vision",
        "3.2",
        retires=dt.date(2028, 9, 25),
        successor="Content Understanding, or Foundry models",
        hosts=(".cognitiveservices.azure.com", ".api.cognitive.microsoft.com"),
    )
    path: ClassVar[str]
    #: Query's names to the values that go there.
    query: ClassVar[tuple[tuple[str, str], ...]] = ()
    #: Values without which a row is not sent.
    needs: ClassVar[tuple[str, ...]] = ()
    made: ClassVar[type[OnPicture]] = OnPicture

    modelVersion: ParamField[str] = param("version of the model", text, default="latest")

    def operation(self) -> Operation:
        """See :mod:`irbis.services.pictures`."""
        return self.made(
            type=self.answer_type(),
            needs=self.needs,
            path=f"/vision/v{self.api.version}{self.path}",
            query=self.query,
            fixed=(("model-version", self.value("modelVersion")), *self.fixed()),
        )

    def fixed(self) -> tuple[tuple[str, Any], ...]:
        """Further parameters of the query, the same for all rows."""
        return ()


class WithLanguage(VisionStage):
    """Base of the stages that answer in a language."""

    query: ClassVar[tuple[tuple[str, str], ...]] = (("language", "language"),)

    language: ParamField[str | None] = param(
        "language of the answer: en, es, ja, pt or zh; None: en", optional(text), default=None
    )
    languageCol: ParamField[str | None] = column_of("language")


class AnalyzeImage(WithLanguage):
    """Everything that Vision sees in a picture, by the features that are asked for.

    The answer is a struct of categories (with celebrities and landmarks), adult, color, imageType,
    tags, description, faces, objects, brands, requestId, metadata and modelVersion; what was not
    asked for is null. An object's `parents` are the service's nested `parent`, as a list, the
    nearest first.

    Parameters
    ----------
    imageUrl, imageUrlCol, imageBytes, imageBytesCol : default None
        Address that the service can reach, or encoded bytes, of up to 4 MB; one of the four.
    visualFeatures, visualFeaturesCol : list of str, default None
        Some of Adult, Brands, Categories, Color, Description, Faces, ImageType, Objects, Tags;
        None: Categories.
    details, detailsCol : list of str, default None
        Celebrities, Landmarks: names within categories.
    descriptionExclude : list of str, default []
        Celebrities, Landmarks: not to be named in the description.
    language, languageCol : str, default None
        Of the answer: "en", "es", "ja", "pt" or "zh"; None: "en".
    modelVersion : str, default "latest"

    Examples
    --------
    >>> import pyarrow as pa
    >>> from irbis.testing import Reply, fake_service
    >>> body = {"tags": [{"name": "snow leopard", "confidence": 0.98}], "modelVersion": "2021-04-01"}
    >>> with fake_service() as service:
    ...     url = service.script("/vision/v3.2/analyze", Reply(body=body))
    ...     stage = AnalyzeImage(url=service.url, imageBytesCol="picture", visualFeatures=["Tags"])
    ...     out = stage.transform(pa.table({"picture": [b"...a JPEG..."]}))
    >>> out["output"][0].as_py()["tags"]
    [{'name': 'snow leopard', 'confidence': 0.98, 'hint': None}]
    """

    path = "/analyze"
    query = (
        *WithLanguage.query,
        ("visualFeatures", "visualFeatures"),
        ("details", "details"),
    )
    made = WithObjects
    expects: ClassVar[dict[str, str]] = {
        **VisionStage.expects,
        "visualFeatures": "texts",
        "details": "texts",
    }
    answer = (
        "categories array<struct<name:string,score:double,detail:struct<"
        f"celebrities:array<struct<name:string,confidence:double,faceRectangle:{FACE_RECTANGLE}>>,"
        "landmarks:array<struct<name:string,confidence:double>>>>>, "
        "adult struct<isAdultContent:boolean,isRacyContent:boolean,isGoryContent:boolean,"
        "adultScore:double,racyScore:double,goreScore:double>, "
        "color struct<dominantColorForeground:string,dominantColorBackground:string,"
        "dominantColors:array<string>,accentColor:string,isBWImg:boolean>, "
        "imageType struct<clipArtType:int,lineDrawingType:int>, "
        f"{_TAGS}, {_DESCRIPTION}, "
        f"faces array<struct<age:int,gender:string,faceRectangle:{FACE_RECTANGLE}>>, {_OBJECTS}, "
        f"brands array<struct<name:string,confidence:double,rectangle:{_BOX}>>, {TAIL}"
    )

    visualFeatures: ParamField[list[str] | None] = param(
        "what to look for; None: Categories", optional(some_of(*_FEATURES)), default=None
    )
    visualFeaturesCol: ParamField[str | None] = column_of("visualFeatures")
    details: ParamField[list[str] | None] = param(
        "names within categories", optional(some_of("Celebrities", "Landmarks")), default=None
    )
    detailsCol: ParamField[str | None] = column_of("details")
    descriptionExclude: ParamField[list[str]] = param(
        "what the description must not name", some_of("Celebrities", "Landmarks"), default=[]
    )

    def fixed(self) -> tuple[tuple[str, Any], ...]:
        """What the description must not name."""
        return (("descriptionExclude", self.value("descriptionExclude")),)


class DescribeImage(WithLanguage):
    """A sentence about a picture, and tags.

    The answer is a struct of description (tags; captions with text and confidence), requestId,
    metadata and modelVersion.

    Parameters
    ----------
    imageUrl, imageUrlCol, imageBytes, imageBytesCol : default None
        See :class:`AnalyzeImage`.
    maxCandidates, maxCandidatesCol : int, default None
        Captions at most; None: 1.
    descriptionExclude : list of str, default []
        Celebrities, Landmarks: not to be named.
    language, languageCol, modelVersion
        See :class:`AnalyzeImage`.
    """

    path = "/describe"
    query = (*WithLanguage.query, ("maxCandidates", "maxCandidates"))
    expects: ClassVar[dict[str, str]] = {**VisionStage.expects, "maxCandidates": "whole"}
    answer = f"{_DESCRIPTION}, {TAIL}"

    maxCandidates: ParamField[int | None] = param(
        "captions at most; None: 1", optional(whole(1)), default=None
    )
    maxCandidatesCol: ParamField[str | None] = column_of("maxCandidates")
    descriptionExclude: ParamField[list[str]] = param(
        "what the description must not name", some_of("Celebrities", "Landmarks"), default=[]
    )

    def fixed(self) -> tuple[tuple[str, Any], ...]:
        """What the description must not name."""
        return (("descriptionExclude", self.value("descriptionExclude")),)


class TagImage(WithLanguage):
    """Tags of a picture, with confidences.

    The answer is a struct of tags (name, confidence, hint), requestId, metadata and modelVersion.

    Parameters
    ----------
    imageUrl, imageUrlCol, imageBytes, imageBytesCol : default None
        See :class:`AnalyzeImage`.
    language, languageCol, modelVersion
        See :class:`AnalyzeImage`.
    """

    path = "/tag"
    answer = f"{_TAGS}, {TAIL}"


class DetectObjects(VisionStage):
    """Objects in a picture and where they are.

    The answer is a struct of objects (rectangle, object, confidence, parents), requestId, metadata
    and modelVersion.

    Parameters
    ----------
    imageUrl, imageUrlCol, imageBytes, imageBytesCol : default None
        See :class:`AnalyzeImage`.
    modelVersion : str, default "latest"
    """

    path = "/detect"
    made = WithObjects
    answer = f"{_OBJECTS}, {TAIL}"
