"""Azure AI Face: whose detected faces are. For approved customers only.

The API, its version, how it knows who asks and its end: :mod:`irbis.services.face`.
"""

from __future__ import annotations

from typing import Any, ClassVar

from irbis.converters import number, one_of, optional, text, whole
from irbis.http.converters import texts
from irbis.params import ParamField, param
from irbis.services.face import DetectFace
from irbis.services.face_ids import OnFaces
from irbis.services.operation import Operation
from irbis.services.retirement import API
from irbis.services.stage import ServiceStage, column_of

__all__ = ["FindSimilarFace", "GroupFaces", "IdentifyFaces", "VerifyFaces"]


class FacesStage(ServiceStage):
    """Base of stages that ask about detected faces."""

    api: ClassVar[API] = DetectFace.api
    path: ClassVar[str]
    #: Sets of values, of which a row must have exactly one.
    asked: ClassVar[tuple[tuple[str, ...], ...]]
    more: ClassVar[tuple[str, ...]] = ()

    def operation(self) -> Operation:
        """See :class:`irbis.services.face_ids.OnFaces`."""
        return OnFaces(
            type=self.answer_type(),
            path=f"/face/v{self.api.version}{self.path}",
            ways=self.asked,
            more=self.more,
            fixed=self.fixed(),
        )

    def ways(self) -> tuple[tuple[str, ...], ...]:
        """Sets of values, of which a row must have one."""
        return self.asked

    def fixed(self) -> tuple[tuple[str, Any], ...]:
        """What is the same for all rows."""
        return ()


class VerifyFaces(FacesStage):
    """Whether two faces, or a face and a person, are the same.

    The answer is a struct of isIdentical and confidence.

    Parameters
    ----------
    faceId1, faceId1Col, faceId2, faceId2Col : str, default None
        Two ids of :class:`DetectFace`; or
    faceId, faceIdCol, personId, personIdCol : str, default None
        an id and a person, with the person's
    largePersonGroupId, largePersonGroupIdCol, personGroupId, personGroupIdCol : str, default None
        group, of one kind or the other.
    """

    path = "/verify"
    asked = (
        ("faceId1", "faceId2"),
        ("faceId", "personId", "largePersonGroupId"),
        ("faceId", "personId", "personGroupId"),
    )
    answer = "isIdentical boolean, confidence double"

    faceId1: ParamField[str | None] = param("id of a face", optional(text), default=None)
    faceId1Col: ParamField[str | None] = column_of("faceId1")
    faceId2: ParamField[str | None] = param("id of the other", optional(text), default=None)
    faceId2Col: ParamField[str | None] = column_of("faceId2")
    faceId: ParamField[str | None] = param("id of a face", optional(text), default=None)
    faceIdCol: ParamField[str | None] = column_of("faceId")
    personId: ParamField[str | None] = param("id of a person", optional(text), default=None)
    personIdCol: ParamField[str | None] = column_of("personId")
    largePersonGroupId: ParamField[str | None] = param(
        "the person's large group", optional(text), default=None
    )
    largePersonGroupIdCol: ParamField[str | None] = column_of("largePersonGroupId")
    personGroupId: ParamField[str | None] = param(
        "the person's group", optional(text), default=None
    )
    personGroupIdCol: ParamField[str | None] = column_of("personGroupId")


class IdentifyFaces(FacesStage):
    """The persons of a group that faces may belong to.

    The answer is a list, for each face: faceId, candidates (personId, confidence).

    Parameters
    ----------
    faceIds, faceIdsCol : list of str, default None
        Up to 10 ids of :class:`DetectFace`.
    largePersonGroupId, largePersonGroupIdCol, personGroupId, personGroupIdCol : str, default None
        Trained group to look in, of one kind or the other.
    maxNumOfCandidatesReturned, maxNumOfCandidatesReturnedCol : int, default None, range 1 to 100
        Candidates of each face; None: 10.
    confidenceThreshold, confidenceThresholdCol : float, default None, range 0 to 1
        None: the service's own.
    """

    path = "/identify"
    asked = (("faceIds", "largePersonGroupId"), ("faceIds", "personGroupId"))
    more = ("maxNumOfCandidatesReturned", "confidenceThreshold")
    expects: ClassVar[dict[str, str]] = {
        "faceIds": "texts",
        "maxNumOfCandidatesReturned": "whole",
        "confidenceThreshold": "number",
    }
    answer = (
        "array<struct<faceId:string,candidates:array<struct<personId:string,confidence:double>>>>"
    )

    faceIds: ParamField[list[str] | None] = param("ids of faces", optional(texts), default=None)
    faceIdsCol: ParamField[str | None] = column_of("faceIds")
    largePersonGroupId: ParamField[str | None] = param(
        "large group to look in", optional(text), default=None
    )
    largePersonGroupIdCol: ParamField[str | None] = column_of("largePersonGroupId")
    personGroupId: ParamField[str | None] = param("group to look in", optional(text), default=None)
    personGroupIdCol: ParamField[str | None] = column_of("personGroupId")
    maxNumOfCandidatesReturned: ParamField[int | None] = param(
        "candidates of each face; None: 10", optional(whole(1, 100)), default=None
    )
    maxNumOfCandidatesReturnedCol: ParamField[str | None] = column_of("maxNumOfCandidatesReturned")
    confidenceThreshold: ParamField[float | None] = param(
        "least confidence; None: the service's own", optional(number(0, 1)), default=None
    )
    confidenceThresholdCol: ParamField[str | None] = column_of("confidenceThreshold")


class GroupFaces(FacesStage):
    """Faces in groups, by likeness.

    The answer is a struct of groups (lists of ids) and messyGroup (ids that are like no other).

    Parameters
    ----------
    faceIds, faceIdsCol : list of str, default None
        2 to 1000 ids of :class:`DetectFace`.
    """

    path = "/group"
    asked = (("faceIds",),)
    expects: ClassVar[dict[str, str]] = {"faceIds": "texts"}
    answer = "groups array<array<string>>, messyGroup array<string>"

    faceIds: ParamField[list[str] | None] = param("ids of faces", optional(texts), default=None)
    faceIdsCol: ParamField[str | None] = column_of("faceIds")


class FindSimilarFace(FacesStage):
    """Faces that are like a face.

    The answer is a list of structs of confidence, faceId (among faceIds) and persistedFaceId (in a
    list).

    Parameters
    ----------
    faceId, faceIdCol : str, default None
        Id of :class:`DetectFace`.
    faceIds, faceIdsCol : list of str, default None
        Faces to look among, up to 1000; or
    largeFaceListId, largeFaceListIdCol, faceListId, faceListIdCol : str, default None
        a trained list, of one kind or the other.
    maxNumOfCandidatesReturned, maxNumOfCandidatesReturnedCol : int, default None, range 1 to 1000
        None: 20.
    mode : {"matchPerson", "matchFace"}, default "matchPerson"
        "matchFace": however unlike.
    """

    path = "/findsimilars"
    asked = (("faceId", "faceIds"), ("faceId", "largeFaceListId"), ("faceId", "faceListId"))
    more = ("maxNumOfCandidatesReturned",)
    expects: ClassVar[dict[str, str]] = {"faceIds": "texts", "maxNumOfCandidatesReturned": "whole"}
    answer = "array<struct<confidence:double,faceId:string,persistedFaceId:string>>"

    faceId: ParamField[str | None] = param("id of a face", optional(text), default=None)
    faceIdCol: ParamField[str | None] = column_of("faceId")
    faceIds: ParamField[list[str] | None] = param("ids of faces", optional(texts), default=None)
    faceIdsCol: ParamField[str | None] = column_of("faceIds")
    largeFaceListId: ParamField[str | None] = param(
        "large list to look in", optional(text), default=None
    )
    largeFaceListIdCol: ParamField[str | None] = column_of("largeFaceListId")
    faceListId: ParamField[str | None] = param("list to look in", optional(text), default=None)
    faceListIdCol: ParamField[str | None] = column_of("faceListId")
    maxNumOfCandidatesReturned: ParamField[int | None] = param(
        "candidates at most; None: 20", optional(whole(1, 1000)), default=None
    )
    maxNumOfCandidatesReturnedCol: ParamField[str | None] = column_of("maxNumOfCandidatesReturned")
    mode: ParamField[str] = param(
        "'matchFace': however unlike", one_of("matchPerson", "matchFace"), default="matchPerson"
    )

    def fixed(self) -> tuple[tuple[str, Any], ...]:
        """How to match."""
        return (("mode", self.value("mode")),)
