"""Azure AI Vision: printed and written text, thumbnails, celebrities and landmarks.

The API, its version, how it knows who asks and its end: :mod:`irbis.services.vision`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, ClassVar

from irbis.converters import flag, number, one_of, optional, text, whole
from irbis.http.converters import texts
from irbis.params import ParamField, param
from irbis.services.operation import Operation
from irbis.services.pictures import PolledOnPicture, Thumbnail
from irbis.services.retirement import API
from irbis.services.stage import column_of
from irbis.services.vision import FACE_RECTANGLE, TAIL, VisionStage, WithLanguage

_READING: API = replace(VisionStage.api, name="Azure AI Vision, reading text", retires=None)

__all__ = ["OCR", "GenerateThumbnails", "ReadImage", "RecognizeDomainSpecificContent"]


class OCR(VisionStage):
    """Printed text in a picture, at once: the older model, for few words.

    The answer is a struct of language, textAngle (radians), orientation, regions (of lines, of words
    with text; a boundingBox is "left,top,width,height") and modelVersion.

    Parameters
    ----------
    imageUrl, imageUrlCol, imageBytes, imageBytesCol : default None
        See :class:`AnalyzeImage`.
    detectOrientation : bool, default True
        Find out which side is up.
    language, languageCol : str, default None
        Of the text, such as "en"; None: found by the service.
    modelVersion : str, default "latest"
    """

    api: ClassVar[API] = _READING
    path = "/ocr"
    query = (("language", "language"),)
    answer = (
        "language string, textAngle double, orientation string, regions array<struct<"
        "boundingBox:string,lines:array<struct<boundingBox:string,words:array<struct<"
        "boundingBox:string,text:string>>>>>>, modelVersion string"
    )

    detectOrientation: ParamField[bool] = param("find out which side is up", flag, default=True)
    language: ParamField[str | None] = param(
        "language of the text; None: found by the service", optional(text), default=None
    )
    languageCol: ParamField[str | None] = column_of("language")

    def fixed(self) -> tuple[tuple[str, Any], ...]:
        """Whether the orientation is looked for."""
        return (("detectOrientation", self.value("detectOrientation")),)


class ReadImage(VisionStage):
    """Printed and written text in a picture or document: asynchronous, for much text.

    The answer is a struct of status, createdDateTime, lastUpdatedDateTime and analyzeResult
    (version, modelVersion, readResults: a page each, of lines, of words; a boundingBox has four
    corners, x and y each).

    Parameters
    ----------
    imageUrl, imageUrlCol, imageBytes, imageBytesCol : default None
        See :class:`AnalyzeImage`; also PDF and TIFF.
    language, languageCol : str, default None
        BCP-47 code of the text; None: found by the service.
    pages : list of str, default []
        Pages of a document, such as ["1", "3-5"]; empty: all.
    readingOrder : {"basic", "natural"}, default "basic"
    initialPollingDelay : float, seconds, default 0.3
        Before the result is asked for.
    pollingDelay : float, seconds, default 1.0
        Between two askings, unless the service says Retry-After. The deadline bounds them all.
    modelVersion : str, default "latest"
    """

    api: ClassVar[API] = _READING
    path = "/read/analyze"
    query = (("language", "language"),)
    answer = (
        "status string, createdDateTime string, lastUpdatedDateTime string, analyzeResult struct<"
        "version:string,modelVersion:string,readResults:array<struct<page:int,language:string,"
        "angle:double,width:double,height:double,unit:string,lines:array<struct<language:string,"
        "boundingBox:array<double>,appearance:struct<style:struct<name:string,confidence:double>>,"
        "text:string,words:array<struct<boundingBox:array<double>,text:string,"
        "confidence:double>>>>>>>"
    )

    language: ParamField[str | None] = param(
        "language of the text; None: found by the service", optional(text), default=None
    )
    languageCol: ParamField[str | None] = column_of("language")
    pages: ParamField[list[str]] = param("pages of a document; empty: all", texts, default=[])
    readingOrder: ParamField[str] = param(
        "order of the lines", one_of("basic", "natural"), default="basic"
    )
    initialPollingDelay: ParamField[float] = param(
        "seconds before the result is asked for", number(0), default=0.3
    )
    pollingDelay: ParamField[float] = param("seconds between two askings", number(0), default=1.0)

    def operation(self) -> Operation:
        """See :class:`irbis.services.polling.Polled`."""
        return PolledOnPicture(
            type=self.answer_type(),
            path=f"/vision/v{self.api.version}{self.path}",
            query=self.query,
            fixed=(
                ("model-version", self.value("modelVersion")),
                ("pages", self.value("pages")),
                ("readingOrder", self.value("readingOrder")),
            ),
            first_delay=self.value("initialPollingDelay"),
            delay=self.value("pollingDelay"),
        )


class GenerateThumbnails(VisionStage):
    """Small pictures of pictures, cut around what matters.

    The answer is binary: the thumbnail, encoded.

    Parameters
    ----------
    imageUrl, imageUrlCol, imageBytes, imageBytesCol : default None
        See :class:`AnalyzeImage`.
    width, widthCol, height, heightCol : int, pixels, default None, range 1 to 1024
        Size of the thumbnail. A row without one is not sent.
    smartCropping : bool, default False
        Cut around what matters, instead of the middle.
    modelVersion : str, default "latest"
    """

    path = "/generateThumbnail"
    query = (("width", "width"), ("height", "height"))
    needs = ("width", "height")
    made = Thumbnail
    expects: ClassVar[dict[str, str]] = {
        **VisionStage.expects,
        "width": "whole",
        "height": "whole",
    }
    answer = "binary"

    width: ParamField[int | None] = param("width, pixels", optional(whole(1, 1024)), default=None)
    widthCol: ParamField[str | None] = column_of("width")
    height: ParamField[int | None] = param("height, pixels", optional(whole(1, 1024)), default=None)
    heightCol: ParamField[str | None] = column_of("height")
    smartCropping: ParamField[bool] = param("cut around what matters", flag, default=False)

    def fixed(self) -> tuple[tuple[str, Any], ...]:
        """How to cut."""
        return (("smartCropping", self.value("smartCropping")),)


class RecognizeDomainSpecificContent(WithLanguage):
    """Celebrities or landmarks in a picture. Celebrities are for approved customers only.

    The answer is a struct of result (celebrities: name, confidence, faceRectangle; landmarks: name,
    confidence), requestId, metadata and modelVersion.

    Parameters
    ----------
    imageUrl, imageUrlCol, imageBytes, imageBytesCol : default None
        See :class:`AnalyzeImage`.
    model, modelCol : {"celebrities", "landmarks"}, default model "celebrities"
    language, languageCol, modelVersion
        See :class:`AnalyzeImage`.
    """

    path = "/models/{model}/analyze"
    needs = ("model",)
    answer = (
        "result struct<celebrities:array<struct<name:string,confidence:double,"
        f"faceRectangle:{FACE_RECTANGLE}>>,landmarks:array<struct<name:string,confidence:double>>>"
        f", {TAIL}"
    )

    model: ParamField[str | None] = param(
        "what to recognise", optional(one_of("celebrities", "landmarks")), default="celebrities"
    )
    modelCol: ParamField[str | None] = column_of("model")
