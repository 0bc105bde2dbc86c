"""Azure AI Language: sentiment, language, key phrases, entities, links, personal data.

API         Language, analyze-text, synchronous
Version     2023-04-01 (Azure/azure-rest-api-specs, cognitiveservices/data-plane/Language)
Auth        Ocp-Apim-Subscription-Key, or an Entra ID token with the resource's own host name
End         entity linking: 2028-09-01; for the others no date was found. Microsoft calls sentiment
            and key phrases legacy and points to Foundry models.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, ClassVar

from irbis.converters import flag, one_of, optional, whole
from irbis.converters import text as words
from irbis.errors import ParamError
from irbis.params import ParamField, param
from irbis.services.documents import Documents
from irbis.services.retirement import API
from irbis.services.stage import ServiceStage, column_of

__all__ = [
    "TAIL",
    "KeyPhraseExtractor",
    "LanguageDetector",
    "LanguageStage",
    "TextSentiment",
    "WithLanguage",
    "WithOffsets",
]

_API = API(
    "Azure AI Language",
    "2023-04-01",
    hosts=(".cognitiveservices.azure.com", ".api.cognitive.microsoft.com"),
)
#: What every document's result has.
TAIL = (
    "warnings array<struct<code:string,message:string,targetRef:string>>, "
    "statistics struct<charactersCount:int,transactionsCount:int>, modelVersion string"
)
_SPAN = "text:string,offset:int,length:int"
_SCORES = "struct<positive:double,neutral:double,negative:double>"
_PART = f"{_SPAN},sentiment:string,confidenceScores:struct<positive:double,negative:double>"


class LanguageStage(ServiceStage):
    """Base of the stages of Azure AI Language."""

    api: ClassVar[API] = _API
    kind: ClassVar[str]
    #: Documents that one request may hold.
    most: ClassVar[int] = 10
    hint: ClassVar[str] = "language"

    text: ParamField[str | None] = param(
        "text, up to 5120 characters", optional(words), default=None
    )
    textCol: ParamField[str | None] = column_of("text", default="text")
    batchSize: ParamField[int | None] = param(
        "documents in one request; None: as many as the service takes",
        optional(whole(1, 1000)),
        default=None,
    )
    modelVersion: ParamField[str] = param("version of the model", words, default="latest")
    loggingOptOut: ParamField[bool | None] = param(
        "whether the service must not keep texts for tracing faults; None: its own default",
        optional(flag),
        default=None,
    )
    showStats: ParamField[bool] = param("ask for each text's statistics", flag, default=False)

    def parameters(self) -> dict[str, Any]:
        """Parameters of the task."""
        return {
            "modelVersion": self.value("modelVersion"),
            "loggingOptOut": self.value("loggingOptOut"),
        }

    def operation(self) -> Documents:
        """See :class:`irbis.services.documents.Documents`."""
        size: int = self.value("batchSize") or self.most
        if size > self.most:
            raise ParamError(
                f"batchSize={size}", expected=f"at most {self.most}, which {self.kind} takes"
            )
        return Documents(
            type=self.answer_type(),
            most=size,
            needs=("text",),
            kind=self.kind,
            version=self.api.version,
            parameters=tuple(self.parameters().items()),
            hint=self.hint,
            statistics=self.value("showStats"),
        )


class WithLanguage(LanguageStage):
    """Base of the stages that are told the language."""

    language: ParamField[str | None] = param(
        "ISO 639-1 code of the texts, or 'auto'; None: the service assumes English",
        optional(words),
        default=None,
    )
    languageCol: ParamField[str | None] = column_of("language")


class WithOffsets(WithLanguage):
    """Base of the stages that answer with places in the text."""

    stringIndexType: ParamField[str] = param(
        "what offset and length count",
        one_of("UnicodeCodePoint", "TextElements_v8", "Utf16CodeUnit"),
        default="UnicodeCodePoint",
    )

    def parameters(self) -> dict[str, Any]:
        """Parameters of the task."""
        return {**super().parameters(), "stringIndexType": self.value("stringIndexType")}


class TextSentiment(WithOffsets):
    """Sentiment of texts, by sentence, with opinions on request.

    The answer is a struct of sentiment ("positive", "neutral", "negative", "mixed"),
    confidenceScores, sentences (each with its own, and with targets and assessments if
    opinionMining is on), warnings, statistics and modelVersion.

    Parameters
    ----------
    text, textCol : str, default textCol "text"
        Text of up to 5120 characters, or a column of them.
    language, languageCol : str, default None
        ISO 639-1 code of the texts, or "auto"; None: the service assumes English.
    opinionMining : bool, default False
        Find what an opinion is about, and what is said of it.
    stringIndexType : str, default "UnicodeCodePoint"
        What offset and length count: as Python's strings ("UnicodeCodePoint"), "TextElements_v8" or
        "Utf16CodeUnit".
    batchSize : int, default None, range 1 to 10
        Documents in one request; None: 10.
    modelVersion : str, default "latest"
    loggingOptOut : bool, default None
        Whether the service must not keep texts for tracing faults; None: its own default.
    showStats : bool, default False
        Ask for each text's numbers of characters and transactions.

    Examples
    --------
    >>> import pyarrow as pa
    >>> from irbis.testing import Reply, fake_service
    >>> said = {"id": "0", "sentiment": "positive", "sentences": [], "warnings": []}
    >>> body = {"results": {"documents": [said], "errors": [], "modelVersion": "2022-11-01"}}
    >>> with fake_service() as service:
    ...     url = service.script("/language/:analyze-text", Reply(body=body))
    ...     stage = TextSentiment().setSubscriptionKey("secret").setUrl(service.url)
    ...     out = stage.transform(pa.table({"text": ["I had the best day of my life."]}))
    >>> out["output"][0].as_py()["sentiment"], out["output_error"].to_pylist()
    ('positive', [None])
    """

    kind = "SentimentAnalysis"
    answer = (
        f"sentiment string, confidenceScores {_SCORES}, sentences array<struct<{_SPAN},"
        f"sentiment:string,confidenceScores:{_SCORES},"
        f"targets:array<struct<{_PART},relations:array<struct<relationType:string,ref:string>>>>,"
        f"assessments:array<struct<{_PART},isNegated:boolean>>>>, {TAIL}"
    )

    opinionMining: ParamField[bool] = param("find opinions and their targets", flag, default=False)

    def parameters(self) -> dict[str, Any]:
        """Parameters of the task."""
        return {**super().parameters(), "opinionMining": self.value("opinionMining")}


class LanguageDetector(LanguageStage):
    """Language of texts.

    The answer is a struct of detectedLanguage (name, iso6391Name, confidenceScore), warnings,
    statistics and modelVersion.

    Parameters
    ----------
    text, textCol : str, default textCol "text"
        Text of up to 5120 characters, or a column of them.
    countryHint, countryHintCol : str, default None
        ISO 3166-1 alpha-2 code of a country, for texts that two languages share; "none" or None: no
        hint.
    batchSize : int, default None, range 1 to 1000
        Documents in one request; None: 100.
    modelVersion, loggingOptOut, showStats
        See :class:`TextSentiment`.
    """

    kind = "LanguageDetection"
    most = 1000
    hint = "countryHint"
    answer = (
        "detectedLanguage struct<name:string,iso6391Name:string,confidenceScore:double>, " + TAIL
    )

    countryHint: ParamField[str | None] = param(
        "ISO 3166-1 alpha-2 code of a country", optional(words), default=None
    )
    countryHintCol: ParamField[str | None] = column_of("countryHint")

    def operation(self) -> Documents:
        """See :class:`irbis.services.documents.Documents`."""
        made = super().operation()
        return made if self.value("batchSize") else replace(made, most=100)


class KeyPhraseExtractor(WithLanguage):
    """Key phrases of texts.

    The answer is a struct of keyPhrases (a list of strings), warnings, statistics and modelVersion.

    Parameters
    ----------
    text, textCol : str, default textCol "text"
        Text of up to 5120 characters, or a column of them.
    language, languageCol : str, default None
        ISO 639-1 code of the texts, or "auto"; None: the service assumes English.
    batchSize : int, default None, range 1 to 10
        Documents in one request; None: 10.
    modelVersion, loggingOptOut, showStats
        See :class:`TextSentiment`.
    """

    kind = "KeyPhraseExtraction"
    answer = "keyPhrases array<string>, " + TAIL
