"""TextSHAP: Shapley values of the words of a text."""

from __future__ import annotations

from irbis.converters import whole
from irbis.explain.engine import ShapEngine
from irbis.explain.text_stage import ExplainsText
from irbis.params import ParamField, param

__all__ = ["TextSHAP"]


class TextSHAP(ExplainsText):
    """Explain a model of texts by Shapley values (Kernel SHAP; Lundberg & Lee, NeurIPS 2017).

    A coalition keeps some words and leaves out the others. The weights and the intercept, which is
    the model's answer to the text without words, sum to the model's answer, on the scale of the
    metric. If all coalitions fit into `numSamples`, the values are exact.

    Parameters
    ----------
    model, inputCol, outputCol, targetCol, targetClasses, metric
        As of :class:`irbis.TextLIME`.
    numSamples : int, default 256, range 2 to 65536
        Coalitions: at least 2 * words + 2 are used
        (:func:`irbis.explain.coalitions.coalitions`). 256 is exact up to 8 words.
    seed : int, default 0, from 0
        Of the coalitions.
    errors, errorCol
        As of :class:`irbis.TextLIME`.

    Raises
    ------
    ParamError
        If the model can't be run inside the function, or a function is to be saved.

    Examples
    --------
    >>> import pyarrow as pa
    >>> def length(texts):
    ...     return [float(len(text.split())) for text in texts]
    >>> shap = TextSHAP(model=length, targetClasses=[0], metric="probability")
    >>> found = shap.transform(pa.table({"text": ["a cat sat"]}))["explanation"][0].as_py()
    >>> [round(w, 6) for w in found["weights"][0]], found["intercept"], found["scores"]
    ([1.0, 1.0, 1.0], [0.0], [3.0])
    """

    numSamples: ParamField[int] = param("coalitions", whole(2, 65536), default=256)

    def engine(self) -> ShapEngine:
        """Kernel SHAP, with these Params."""
        return ShapEngine(self.value("numSamples"), self.value("seed"))
