"""TextLIME: which words made the model say what it said."""

from __future__ import annotations

from irbis.converters import number, one_of, whole
from irbis.explain.engine import LimeEngine
from irbis.explain.perturbation import ADAPTIVE
from irbis.explain.sampling import SAMPLERS
from irbis.explain.surrogate import SURROGATES
from irbis.explain.text_stage import ExplainsText
from irbis.params import ParamField, param

__all__ = ["TextLIME"]


class TextLIME(ExplainsText):
    """Explain a model of texts word by word (Ribeiro, Singh, Guestrin, KDD 2016).

    Words are left out after a balanced fold-over design, the model is asked about what is left, and
    a weighted ridge in closed form gives each word a weight. Each occurrence of a word has its own.
    A word is left out with the white space behind it. The same text always gets the same
    explanation. At most 256 texts are made at a time.

    Parameters
    ----------
    model : PipelineModel, stage or function
        irbis stages and Spark ML models that have an adapter, such as Tokenizer, HashingTF, IDF and
        LogisticRegressionModel, from `inputCol` to `targetCol`. Or a function: a list of at most
        256 texts (or lists of tokens) to answers, shape (n, classes) or (n,), picklable for Spark;
        it is not saved.
    inputCol : str, default "text"
        Texts, cut into words by :func:`irbis.explain.words.words`, or lists of tokens.
    outputCol : str, default "explanation"
        Struct; read it with :meth:`irbis.explain.text_explanation.TextExplanation.from_row`.
    targetCol : str, default "probability"
        Column of the model to explain: a vector over classes, or a number.
    targetClasses : list of int, default [1]
        Classes to explain, all from the same perturbations; [0] where the model gives a number.
    metric : {"logit", "probability"}, default "logit"
        "logit" explains log(p / (1 - p)): additive where a probability saturates.
        "probability" takes the column as it is.
    numSamples : int, default 128, range 2 to 65536
        Perturbed texts: "foldover" and "shuffled" round up to a power of two with room for the words (2 (words +
        1) at least), "antithetic" to an even number, "adaptive" takes it as its limit.
    sampler : {"foldover", "shuffled", "antithetic", "independent", "adaptive"}, default "foldover"
        See :class:`irbis.ImageLIME`.
    stability : float, default 0.95, range 0 to 1
        Of "adaptive": Spearman's correlation of the ranks before and after a round that is enough.
    kernelWidth : float, default 0.75, above 0
        Width of the distance kernel; the distance is the root of the share of words left out.
    regularization : float, default 1.0, from 0
        Penalty of the surrogate.
    surrogate : {"ridge", "lasso"}, default "ridge"
        As of :class:`irbis.ImageLIME`: the lasso gives what hardly matters a weight of exactly 0.
    seed : int, default 0, from 0
        Of what is drawn: every design but "foldover".
    errors, errorCol
        See :class:`irbis.stage.HasErrors`. Kinds: "null", a text or a token is null; "words", over
        4096 words; "model", the function raised; "score", the answers do not do.

    Notes
    -----
    A text without words has an explanation without weights, whose intercept is the model's answer.

    Raises
    ------
    ParamError
        If the model can't be run inside the function, or a function is to be saved.

    Examples
    --------
    >>> import pyarrow as pa
    >>> def mentions_cats(texts):
    ...     return [0.9 if "cat" in text.split() else 0.1 for text in texts]
    >>> lime = TextLIME(model=mentions_cats, targetClasses=[0])
    >>> found = lime.transform(pa.table({"text": ["a cat sat"]}))["explanation"][0].as_py()
    >>> found["words"], [abs(w) > 1 for w in found["weights"][0]]
    (['a', 'cat', 'sat'], [False, True, False])
    """

    numSamples: ParamField[int] = param("perturbed texts", whole(2, 65536), default=128)
    sampler: ParamField[str] = param(
        "which words are left out together", one_of(*SAMPLERS, ADAPTIVE), default="foldover"
    )
    stability: ParamField[float] = param(
        "rank correlation at which 'adaptive' stops", number(0, 1), default=0.95
    )
    kernelWidth: ParamField[float] = param("kernel width", number(0, above=True), default=0.75)
    regularization: ParamField[float] = param("penalty", number(0), default=1.0)
    surrogate: ParamField[str] = param("'ridge' or 'lasso'", one_of(*SURROGATES), default="ridge")

    def engine(self) -> LimeEngine:
        """LIME, with these Params."""
        return LimeEngine(
            sampler=self.value("sampler"),
            samples=self.value("numSamples"),
            stability=self.value("stability"),
            kernel_width=self.value("kernelWidth"),
            surrogate=self.value("surrogate"),
            regularization=self.value("regularization"),
            seed=self.value("seed"),
        )
