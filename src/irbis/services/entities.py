"""Azure AI Language: named entities, links to Wikipedia, personal data.

The API, its version, how it knows who asks and its end: :mod:`irbis.services.language`.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

from irbis.converters import one_of
from irbis.http.converters import texts
from irbis.params import ParamField, param
from irbis.services.language import TAIL, LanguageStage, WithOffsets

__all__ = ["NER", "PII", "EntityLinking"]

_ENTITY = (
    "entities array<struct<text:string,category:string,subcategory:string,offset:int,length:int,"
    "confidenceScore:double>>"
)


class NER(WithOffsets):
    """Named entities in texts: persons, places, organisations, dates and more.

    The answer is a struct of entities (text, category, subcategory, offset, length,
    confidenceScore), warnings, statistics and modelVersion.

    Parameters
    ----------
    text, textCol : str, default textCol "text"
        Text of up to 5120 characters, or a column of them.
    language, languageCol : str, default None
        ISO 639-1 code of the texts, or "auto"; None: the service assumes English.
    batchSize : int, default None, range 1 to 5
        Documents in one request; None: 5.
    stringIndexType, modelVersion, loggingOptOut, showStats
        See :class:`TextSentiment`.
    """

    kind = "EntityRecognition"
    most = 5
    answer = f"{_ENTITY}, {TAIL}"


class EntityLinking(WithOffsets):
    """Entities in texts, linked to articles of Wikipedia. Azure ends it on 2028-09-01.

    The answer is a struct of entities (name, matches, language, id, url, dataSource, bingId),
    warnings, statistics and modelVersion.

    Parameters
    ----------
    text, textCol : str, default textCol "text"
        Text of up to 5120 characters, or a column of them.
    language, languageCol : str, default None
        ISO 639-1 code of the texts, or "auto"; None: the service assumes English.
    batchSize : int, default None, range 1 to 5
        Documents in one request; None: 5.
    stringIndexType, modelVersion, loggingOptOut, showStats
        See :class:`TextSentiment`.
    """

    api = replace(
        LanguageStage.api,
        name="Azure AI Language, entity linking",
        retires=dt.date(2028, 9, 1),
        successor="NER, and a knowledge base of your own",
    )
    kind = "EntityLinking"
    most = 5
    answer = (
        "entities array<struct<name:string,matches:array<struct<confidenceScore:double,text:string,"
        "offset:int,length:int>>,language:string,id:string,url:string,dataSource:string,"
        f"bingId:string>>, {TAIL}"
    )


class PII(WithOffsets):
    """Personal data in texts, and the texts without it.

    The answer is a struct of redactedText, entities (as of :class:`NER`), warnings, statistics and
    modelVersion.

    Parameters
    ----------
    text, textCol : str, default textCol "text"
        Text of up to 5120 characters, or a column of them.
    language, languageCol : str, default None
        ISO 639-1 code of the texts, or "auto"; None: the service assumes English.
    domain : {"none", "phi"}, default "none"
        "phi": health data only.
    piiCategories : list of str, default []
        Categories to look for, such as "PhoneNumber"; empty: the service's own choice.
    batchSize : int, default None, range 1 to 5
        Documents in one request; None: 5.
    stringIndexType, modelVersion, loggingOptOut, showStats
        See :class:`TextSentiment`.
    """

    kind = "PiiEntityRecognition"
    most = 5
    answer = f"redactedText string, {_ENTITY}, {TAIL}"

    domain: ParamField[str] = param(
        "'phi': health data only", one_of("none", "phi"), default="none"
    )
    piiCategories: ParamField[list[str]] = param(
        "categories to look for; empty: the service's own choice", texts, default=[]
    )

    def parameters(self) -> dict[str, Any]:
        """Parameters of the task."""
        chosen = {"domain": self.value("domain"), "piiCategories": self.value("piiCategories")}
        return {**super().parameters(), **chosen, "piiCategories": chosen["piiCategories"] or None}
