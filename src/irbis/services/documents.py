"""Requests and answers of Azure AI Language: some documents at once, each with its own fate.

Imports no pyspark.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from irbis.http.call import Answer
from irbis.http.reading import ParseError, Reader, load, reader
from irbis.http.request import HTTPRequest
from irbis.http.response import HTTPResponse
from irbis.services.answers import of_row
from irbis.services.operation import Operation, Row, at_path, failed

__all__ = ["Documents"]

_PATH = "/language/:analyze-text"


@dataclass(frozen=True)
class Documents(Operation):
    """Analyse texts.

    Parameters
    ----------
    kind : str
        Of the task, such as "SentimentAnalysis".
    version : str
    parameters : tuple of (name, value)
        Of the task; None is left out.
    hint : str
        What a document tells beside its text: "language" or "countryHint".
    statistics : bool
        Ask for each document's.
    """

    kind: str = ""
    version: str = ""
    parameters: tuple[tuple[str, Any], ...] = ()
    hint: str = "language"
    statistics: bool = False

    def request(self, url: str, rows: Sequence[Row]) -> HTTPRequest:
        """Put the rows' texts into one request."""
        documents = []
        for at, row in enumerate(rows):
            hint = {} if row.get(self.hint) is None else {self.hint: row[self.hint]}
            documents.append({"id": str(at), **hint, "text": row["text"]})
        task = {
            "kind": self.kind,
            "analysisInput": {"documents": documents},
            "parameters": {name: value for name, value in self.parameters if value is not None},
        }
        query = {"api-version": self.version, "showStats": True if self.statistics else None}
        return HTTPRequest.make("POST", at_path(url, _PATH), params=query, json=task)

    def read(self, response: HTTPResponse, rows: Sequence[Row]) -> list[Any]:
        """Give each row its document or its error."""
        results = _object(load(response.body), "results")
        read: Reader = reader(self.type)
        version = results.get("modelVersion")
        found: dict[Any, Any] = {}
        for at, document in enumerate(_list(results, "documents")):
            where = f"$.results.documents[{at}]"
            found[document.get("id")] = read({**document, "modelVersion": version}, where)
        for entry in _list(results, "errors"):
            found[entry.get("id")] = of_row(Answer(response), entry.get("error"))
        missing = failed("service", "the service left the row out of its answer", Answer(response))
        return [found.get(str(at), missing) for at in range(len(rows))]


def _object(document: Any, name: str) -> dict[str, Any]:
    found = document.get(name) if isinstance(document, dict) else None
    if not isinstance(found, dict):
        raise ParseError(f"$.{name}: not there; expected an object")
    return found


def _list(results: dict[str, Any], name: str) -> list[dict[str, Any]]:
    found = results.get(name, [])
    if not isinstance(found, list) or not all(isinstance(v, dict) for v in found):
        raise ParseError(f"$.results.{name}: expected an array of objects")
    return found
