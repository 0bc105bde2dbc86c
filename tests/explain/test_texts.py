"""TextLIME and TextSHAP: on the right words, with a function, tokens, and at the edges."""

import numpy as np
import pyarrow as pa
import pytest

from irbis import TextLIME, TextSHAP
from irbis.errors import ParamError, RowError, SchemaError
from irbis.explain.faithfulness import deletion_auc, held_out_r2, insertion_auc
from irbis.explain.text_explanation import TextExplanation
from irbis.explain.text_function import MOST_WORDS

WORTH = {"great": 2.0, "friendly": 1.0, "slow": -1.5}
TEXT = "The food was great, the staff friendly but slow."
BOTH = pytest.mark.parametrize("stage", [TextLIME, TextSHAP])


def opinion(texts):
    """Two classes whose logit is additive in the words."""
    cut = [t if isinstance(t, list) else t.replace(",", "").strip(".").split() for t in texts]
    p = [1 / (1 + np.exp(-sum(WORTH.get(word, 0) for word in words))) for words in cut]
    return np.stack([1 - np.array(p), p], axis=1)


def explain(stage, content=TEXT, model=opinion, type_=None, **params):
    table = pa.table({"text": pa.array([content], type_)})
    return stage(model=model, **params).transform(table).to_pylist()[0]


def found(*args, **params):
    row = explain(*args, **params)
    assert row["explanation_error"] is None
    return TextExplanation.from_row(row["explanation"])


@BOTH
def test_weights_are_the_words_own(stage):
    weak = {"regularization": 1e-9} if stage is TextLIME else {}
    got = found(stage, targetClasses=[0, 1], **weak)
    assert got.words == ["The", "food", "was", "great", "the", "staff", "friendly", "but", "slow"]
    truth = [WORTH.get(w, 0.0) for w in got.words]
    assert np.allclose(got.weights[1], truth, atol=1e-6)
    assert np.allclose(got.weights[0], -got.weights[1], atol=1e-6)
    assert np.allclose(got.r2, 1)
    assert np.allclose(got.base + got.weights.sum(axis=1), np.log(got.scores / (1 - got.scores)))
    assert [TEXT[a:b] for a, b in got.spans] == got.words


@pytest.mark.parametrize("sampler", ["antithetic", "independent", "adaptive"])
def test_samplers_and_the_published_form(sampler):
    got = found(TextLIME, sampler=sampler, numSamples=200, seed=3)
    assert got.words[int(np.argmax(got.weights[0]))] == "great"
    assert got.forwards <= 200


def test_a_lasso_leaves_words_out():
    got = found(TextLIME, surrogate="lasso", regularization=3.0)
    assert [w for w, x in zip(got.words, got.weights[0], strict=True) if x] == list(WORTH)


def test_tokens_are_explained_as_they_are():
    got = found(TextSHAP, ["great", "slow", "great"], type_=pa.list_(pa.string()))
    assert np.allclose(got.weights[0], [2, -1.5, 2])
    assert got.spans is None


@BOTH
@pytest.mark.parametrize("content", ["", "  ", "?!", []])
def test_no_words_no_weights(stage, content):
    type_ = pa.list_(pa.string()) if content == [] else pa.string()
    got = found(stage, content, type_=type_)
    assert (got.words, got.weights.shape, got.forwards) == ([], (1, 0), 1)
    assert np.allclose(got.intercept, 0)  # the logit of 0.5, which it says to no words


@BOTH
def test_one_word(stage):
    got = found(stage, "great", **({"regularization": 0.0} if stage is TextLIME else {}))
    assert np.allclose(got.weights, 2)
    assert got.r2.tolist() == pytest.approx([1.0])


@BOTH
def test_rows_that_can_t_be_explained(stage):
    kind = lambda *args, **more: explain(stage, *args, **more)["explanation_error"]["kind"]
    assert kind(None, type_=pa.string()) == "null"
    assert kind(["a", None], type_=pa.list_(pa.string())) == "null"
    assert kind("a " * (MOST_WORDS + 1)) == "words"
    assert kind(model=lambda texts: [float(t) for t in texts]) == "model"
    assert kind(model=lambda texts: np.zeros(3)) == "score"
    assert kind(model=lambda texts: [np.nan] * len(texts), targetClasses=[0]) == "score"
    assert kind(targetClasses=[7]) == "score"
    no_probability = explain(stage, model=lambda t: [2.0] * len(t), targetClasses=[0])
    assert "metric='probability'" in no_probability["explanation_error"]["message"]
    with pytest.raises(RowError, match="null"):
        explain(stage, None, type_=pa.string(), errors="raise")


def test_a_long_text_is_asked_in_chunks():
    sizes = []

    def counting(texts):
        sizes.append(len(texts))
        return [0.5] * len(texts)

    got = found(TextLIME, "a b c " * 60, model=counting, targetClasses=[0])
    assert got.forwards == sum(sizes) == 512
    assert max(sizes) == 256


def test_what_is_wrong_is_said_before_a_row():
    table = pa.table({"text": ["a"], "n": [1]})
    with pytest.raises(SchemaError, match="lists of strings"):
        TextLIME(model=opinion, inputCol="n").transform(table)
    with pytest.raises(ParamError, match="another name"):
        TextLIME(model=opinion, outputCol="text").transform(table)
    with pytest.raises(ParamError, match="setModel"):
        TextLIME().transform(table)
    with pytest.raises(ParamError, match="after loading"):
        TextSHAP(model=opinion).saved_params()


def test_judged_like_any_other():
    stage = TextLIME(model=opinion, metric="probability")
    function = stage.make_function()
    got = function.explain(TEXT)
    _, masked = function.masked(TEXT)
    score = lambda kept: masked(kept)[:, 0]
    assert deletion_auc(score, got.weights[0]) < insertion_auc(score, got.weights[0])
    assert held_out_r2(score, got.weights[0], got.intercept[0]) > 0.7
