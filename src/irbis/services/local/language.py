"""Azure AI Language: ``:analyze-text`` of 2023-04-01, one task over a list of documents."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

from irbis.services.local import entities, key_phrases, language_detection, sentiment
from irbis.services.local.text_index import INDEX_TYPES, Offsets
from irbis.services.local.vendor_error import azure_error
from irbis.services.local.wire import Answer, Call, RefusedError, Route, Service

__all__ = ["LANGUAGE", "Task"]

_VERSIONS = ("2022-05-01", "2023-04-01")
_LONGEST = 5120  # characters a document, as Azure has it

#: A document's text, its language and its offsets to the fields of its answer.
Analyse: TypeAlias = Callable[[str, str, Offsets], dict[str, Any]]


@dataclass(frozen=True)
class Task:
    """A kind of analysis: how many documents at once, by Azure's limits, and what does it."""

    most: int
    analyse: Analyse
    model: str


TASKS = {
    "SentimentAnalysis": Task(10, sentiment.analyse, "vaderSentiment"),
    "LanguageDetection": Task(1000, language_detection.analyse, "py3langid"),
    "KeyPhraseExtraction": Task(10, key_phrases.analyse, "yake"),
    "EntityRecognition": Task(5, entities.analyse, "en_core_web_sm"),
}
_ELSEWHERE = ("EntityLinking", "PiiEntityRecognition")


def analyse_text(call: Call) -> Answer:
    """Answer a request."""
    version = call.query.get("api-version")
    if version not in _VERSIONS:
        text = f"The query parameter api-version must be one of {', '.join(_VERSIONS)}."
        raise RefusedError(400, "InvalidRequest", text, inner="InvalidParameterValue")
    asked = call.json()
    kind = asked.get("kind") if isinstance(asked, dict) else None
    if kind in _ELSEWHERE:
        raise RefusedError(501, "NotImplemented", f"No stand-in for {kind}: use an Azure endpoint.")
    task = TASKS.get(str(kind))
    if task is None:
        text = f"The kind must be one of {', '.join((*TASKS, *_ELSEWHERE))}."
        raise RefusedError(400, "InvalidRequest", text, inner="InvalidParameterValue")
    given = asked.get("parameters") or {}
    index_type = given.get("stringIndexType", "TextElements_v8")
    if index_type not in INDEX_TYPES:
        text = f"stringIndexType must be one of {', '.join(INDEX_TYPES)}."
        raise RefusedError(400, "InvalidRequest", text, inner="InvalidParameterValue")
    documents, errors = [], []
    for document in _documents(asked, task):
        fault = _fault(document)
        if fault is not None:
            errors.append({"id": document["id"], "error": fault})
            continue
        text = document["text"]
        fields = task.analyse(text, document.get("language") or "en", Offsets(text, index_type))
        documents.append({"id": document["id"], **fields, "warnings": []})
    results = {"documents": documents, "errors": errors, "modelVersion": "latest"}
    return Answer(
        {"kind": f"{kind}Results", "results": results}, headers={"irbis-model": task.model}
    )


def _documents(asked: dict[str, Any], task: Task) -> list[dict[str, Any]]:
    documents = (asked.get("analysisInput") or {}).get("documents")
    if not isinstance(documents, list) or not documents:
        raise _invalid("MissingInputDocuments", "The request has no documents.")
    if len(documents) > task.most:
        raise _invalid(
            "InvalidDocumentBatch",
            f"The batch holds {len(documents)} documents; the limit is {task.most}.",
        )
    ids = [d.get("id") if isinstance(d, dict) else None for d in documents]
    if not all(isinstance(i, str) and i for i in ids) or len(set(ids)) != len(ids):
        raise _invalid("InvalidDocument", "Each document needs an id of its own.")
    return documents


def _invalid(inner: str, text: str) -> RefusedError:
    return RefusedError(400, "InvalidRequest", text, inner=inner)


def _fault(document: dict[str, Any]) -> dict[str, Any] | None:
    text = document.get("text")
    if not isinstance(text, str) or not text.strip():
        said = "Document text is empty."
    elif len(text) > _LONGEST:
        said = f"A document within the request was too large; the limit is {_LONGEST} characters."
    else:
        return None
    return {
        "code": "InvalidArgument",
        "message": "Invalid document in request.",
        "innererror": {"code": "InvalidDocument", "message": said},
    }


LANGUAGE = Service(
    name="language",
    contract="Azure AI Language :analyze-text 2023-04-01",
    routes=(Route("POST", "/language/:analyze-text", analyse_text),),
    refuse=azure_error,
    parts=(
        ("sentiment", "vaderSentiment", "services-text"),
        ("language detection", "py3langid", "services-text"),
        ("key phrases", "yake", "services-keyphrases"),
        ("entities", "spacy", "services-entities"),
    ),
)
