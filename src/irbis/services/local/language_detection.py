"""Language detection by py3langid (langid.py of M. Lui and T. Baldwin, ACL 2012)."""

from __future__ import annotations

from typing import Any

from irbis.extras import require
from irbis.process_cache import cached
from irbis.services.local.language_names import NAMES
from irbis.services.local.text_index import Offsets

__all__ = ["analyse"]


def analyse(text: str, _: str, __: Offsets) -> dict[str, Any]:
    """The likeliest language."""
    langid = require("py3langid.langid", extra="services-text")
    model = cached(
        "langid",
        lambda: langid.LanguageIdentifier.from_model_file(langid.MODEL_FILE, norm_probs=True),
    )
    code, share = model.classify(text)
    found = {"name": NAMES.get(code, code), "iso6391Name": code}
    return {"detectedLanguage": {**found, "confidenceScore": round(min(float(share), 1.0), 2)}}
