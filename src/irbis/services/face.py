"""Azure AI Face: faces in pictures, and whose they are.

API         Face
Version     1.2 (Azure/azure-rest-api-specs, ai/data-plane/Face)
Auth        Ocp-Apim-Subscription-Key, or an Entra ID token with the resource's own host name
End         no date was found. Emotion and gender are gone since 2023-06-30; age, smile, hair and
            facial hair are restricted. Face ids, verifying, identifying, grouping and finding are
            for approved customers only: detection with returnFaceId=False is for all.
"""

from __future__ import annotations

from typing import ClassVar

from irbis.converters import flag, one_of, optional, whole
from irbis.params import ParamField, param
from irbis.services.choices import some_of
from irbis.services.operation import Operation
from irbis.services.pictures import OnPicture
from irbis.services.retirement import API
from irbis.services.stage import column_of
from irbis.services.vision import FACE_RECTANGLE, PictureStage

__all__ = ["DetectFace"]

_API = API(
    "Azure AI Face",
    "1.2",
    hosts=(".cognitiveservices.azure.com", ".api.cognitive.microsoft.com"),
)
_POINT = "struct<x:double,y:double>"
_LANDMARKS = [
    "pupilLeft",
    "pupilRight",
    "noseTip",
    "mouthLeft",
    "mouthRight",
    "eyebrowLeftOuter",
    "eyebrowLeftInner",
    "eyeLeftOuter",
    "eyeLeftTop",
    "eyeLeftBottom",
    "eyeLeftInner",
    "eyebrowRightInner",
    "eyebrowRightOuter",
    "eyeRightInner",
    "eyeRightTop",
    "eyeRightBottom",
    "eyeRightOuter",
    "noseRootLeft",
    "noseRootRight",
    "noseLeftAlarTop",
    "noseRightAlarTop",
    "noseLeftAlarOutTip",
    "noseRightAlarOutTip",
    "upperLipTop",
    "upperLipBottom",
    "underLipTop",
    "underLipBottom",
]
_ATTRIBUTES = (
    "accessories",
    "age",
    "blur",
    "exposure",
    "facialHair",
    "glasses",
    "hair",
    "headPose",
    "mask",
    "noise",
    "occlusion",
    "qualityForRecognition",
    "smile",
)


class DetectFace(PictureStage):
    """Faces in a picture: where they are, landmarks, attributes.

    The answer is a list of structs of faceId, recognitionModel, faceRectangle, faceLandmarks and
    faceAttributes; what was not asked for is null.

    Parameters
    ----------
    imageUrl, imageUrlCol, imageBytes, imageBytesCol : default None
        Address that the service can reach, or encoded bytes, of up to 6 MB; one of the four.
    returnFaceId, returnFaceIdCol : bool, default returnFaceId False
        Ids to verify, identify, group and find with; for approved customers only.
    returnFaceLandmarks, returnFaceLandmarksCol : bool, default returnFaceLandmarks False
    returnFaceAttributes, returnFaceAttributesCol : list of str, default None
        Some of accessories, blur, exposure, glasses, headPose, mask, noise, occlusion,
        qualityForRecognition; with approval age, facialHair, hair, smile.
    returnRecognitionModel : bool, default False
    detectionModel : str, default "detection_03"
        Also "detection_01" and "detection_02".
    recognitionModel : str, default "recognition_04"
        Also "recognition_01" to "recognition_03".
    faceIdTimeToLive : int, seconds, default None, range 60 to 86400
        How long ids are kept; None: a day.

    Examples
    --------
    >>> import pyarrow as pa
    >>> from irbis.testing import Reply, fake_service
    >>> body = [{"faceRectangle": {"left": 394, "top": 54, "width": 78, "height": 78}}]
    >>> with fake_service() as service:
    ...     url = service.script("/face/v1.2/detect", Reply(body=body))
    ...     stage = DetectFace(url=service.url, imageUrlCol="url")
    ...     out = stage.transform(pa.table({"url": ["https://example.org/face.jpg"]}))
    >>> out["output"][0].as_py()[0]["faceRectangle"]
    {'left': 394, 'top': 54, 'width': 78, 'height': 78}
    """

    api: ClassVar[API] = _API
    expects: ClassVar[dict[str, str]] = {
        **PictureStage.expects,
        "returnFaceId": "flag",
        "returnFaceLandmarks": "flag",
        "returnFaceAttributes": "texts",
    }
    answer = (
        f"array<struct<faceId:string,recognitionModel:string,faceRectangle:{FACE_RECTANGLE},"
        f"faceLandmarks:struct<{','.join(f'{name}:{_POINT}' for name in _LANDMARKS)}>,"
        "faceAttributes:struct<age:double,smile:double,"
        "facialHair:struct<moustache:double,beard:double,sideburns:double>,glasses:string,"
        "headPose:struct<pitch:double,roll:double,yaw:double>,"
        "hair:struct<bald:double,invisible:boolean,"
        "hairColor:array<struct<color:string,confidence:double>>>,"
        "occlusion:struct<foreheadOccluded:boolean,eyeOccluded:boolean,mouthOccluded:boolean>,"
        "accessories:array<struct<type:string,confidence:double>>,"
        "blur:struct<blurLevel:string,value:double>,"
        "exposure:struct<exposureLevel:string,value:double>,"
        "noise:struct<noiseLevel:string,value:double>,"
        "mask:struct<noseAndMouthCovered:boolean,type:string>,qualityForRecognition:string>>>"
    )

    returnFaceId: ParamField[bool | None] = param(
        "ids, for approved customers", optional(flag), default=False
    )
    returnFaceIdCol: ParamField[str | None] = column_of("returnFaceId")
    returnFaceLandmarks: ParamField[bool | None] = param(
        "27 points of each face", optional(flag), default=False
    )
    returnFaceLandmarksCol: ParamField[str | None] = column_of("returnFaceLandmarks")
    returnFaceAttributes: ParamField[list[str] | None] = param(
        "attributes to tell", optional(some_of(*_ATTRIBUTES)), default=None
    )
    returnFaceAttributesCol: ParamField[str | None] = column_of("returnFaceAttributes")
    returnRecognitionModel: ParamField[bool] = param("tell the model too", flag, default=False)
    detectionModel: ParamField[str] = param(
        "model that finds faces",
        one_of("detection_01", "detection_02", "detection_03"),
        default="detection_03",
    )
    recognitionModel: ParamField[str] = param(
        "model behind the ids",
        one_of("recognition_01", "recognition_02", "recognition_03", "recognition_04"),
        default="recognition_04",
    )
    faceIdTimeToLive: ParamField[int | None] = param(
        "seconds that ids are kept; None: a day", optional(whole(60, 86400)), default=None
    )

    def operation(self) -> Operation:
        """See :class:`irbis.services.pictures.OnPicture`."""
        names = ("returnFaceId", "returnFaceLandmarks", "returnFaceAttributes")
        fixed = (
            "returnRecognitionModel",
            "detectionModel",
            "recognitionModel",
            "faceIdTimeToLive",
        )
        return OnPicture(
            type=self.answer_type(),
            path=f"/face/v{self.api.version}/detect",
            query=tuple((name, name) for name in names),
            fixed=tuple((name, self.value(name)) for name in fixed),
        )
