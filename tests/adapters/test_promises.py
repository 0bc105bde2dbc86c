"""Adapters keep the promises of stages, and answer null where Spark would fail the job."""

import math

import numpy as np
import pyarrow as pa
import pytest
from adapter_rows import LABEL_NUMBERS, LABELS, PLACES, SIZE, drawn, tables
from hypothesis import given, settings

from irbis.adapters.count_vectorizer import CountVectorizerAdapter
from irbis.adapters.hashing_tf import HashingTFAdapter
from irbis.adapters.idf import IDFAdapter
from irbis.adapters.index_to_string import IndexToStringAdapter
from irbis.adapters.linear_regression import LinearRegressionAdapter
from irbis.adapters.logistic_regression import LogisticRegressionAdapter
from irbis.adapters.min_max_scaler import MinMaxScalerAdapter
from irbis.adapters.ngram import NGramAdapter
from irbis.adapters.normalizer import NormalizerAdapter
from irbis.adapters.pca import PCAAdapter
from irbis.adapters.standard_scaler import StandardScalerAdapter
from irbis.adapters.stop_words import StopWordsRemoverAdapter
from irbis.adapters.string_indexer import StringIndexerAdapter
from irbis.adapters.tokenizer import RegexTokenizerAdapter, TokenizerAdapter
from irbis.adapters.vector_assembler import VectorAssemblerAdapter
from irbis.errors import SchemaError
from irbis.local import transform_table
from irbis.stage import Traits
from irbis.testing import check_local

RNG = np.random.default_rng(0)
MATRIX = RNG.normal(size=(3, SIZE))
NUMBERS = tuple(str(x) for x in LABEL_NUMBERS)
CASES = {
    "HashingTF": HashingTFAdapter("words", "out", 1 << 18, False),
    "IDF": IDFAdapter("hashed", "out", RNG.random(PLACES)),
    "CountVectorizer": CountVectorizerAdapter("words", "out", ("a", "cat"), 1.0, False),
    "NGram": NGramAdapter("words", "out", 2),
    "RegexTokenizer": RegexTokenizerAdapter("t", "out", r"\W+", True, 1, True),
    "StopWordsRemover": StopWordsRemoverAdapter("words", "out", ("A",), False),
    "Tokenizer": TokenizerAdapter("t", "out"),
    "LogisticRegression-sparse": LogisticRegressionAdapter(
        RNG.normal(size=(1, PLACES)), MATRIX[0, :1], "hashed", "raw", "p", "out", 0.5, None
    ),
    "IndexToString": IndexToStringAdapter("index", "out", ("p", "q")),
    "LinearRegression": LinearRegressionAdapter(MATRIX[0], 0.5, "v", "out"),
    "LogisticRegression": LogisticRegressionAdapter(
        MATRIX, MATRIX[:, 0], "v", "raw", "p", "out", 0.5, None
    ),
    "MinMaxScaler": MinMaxScalerAdapter("v", "out", MATRIX[0], np.array([0.0, 1, 2, 3]), -1.0, 1.0),
    "Normalizer": NormalizerAdapter("w", "out", 3.0),
    "Normalizer-1": NormalizerAdapter("w", "out", 1.0),
    "Normalizer-2": NormalizerAdapter("w", "w", 2.0),
    "Normalizer-inf": NormalizerAdapter("w", "out", math.inf),
    "PCA": PCAAdapter("v", "out", MATRIX),
    "StandardScaler": StandardScalerAdapter("v", "out", MATRIX[0], MATRIX[1]),
    "StringIndexer": StringIndexerAdapter(
        ("s", "number", "whole"), ("a", "b", "whole"), (tuple(LABELS), NUMBERS, ("1", "2")), "keep"
    ),
    "StringIndexer-error": StringIndexerAdapter(("s",), ("a",), (tuple(LABELS),), "error"),
    "StringIndexer-skip": StringIndexerAdapter(("s",), ("a",), (tuple(LABELS),), "skip"),
    "VectorAssembler": VectorAssemblerAdapter(("y", "w", "b", "d"), "out", "error"),
    "VectorAssembler-keep": VectorAssemblerAdapter(("y", "w", "n"), "out", "keep"),
    "VectorAssembler-skip": VectorAssemblerAdapter(("y", "w", "v"), "out", "skip"),
}


class AsStage:
    """What check_local asks of a stage."""

    traits = Traits()

    def __init__(self, adapter):
        self.adapter = adapter

    def __getattr__(self, name):
        return getattr(self.adapter, name)

    def transform(self, table):
        return transform_table([self.adapter], table)


@pytest.mark.parametrize("name", CASES)
def test_contract(name):
    adapter = CASES[name]

    @settings(max_examples=15)
    @given(tables)
    def check(table):
        check_local(AsStage(adapter), table)

    check()
    rich = drawn(8)
    check_local(AsStage(adapter), rich)
    made = [f.name for f in adapter.output_fields(rich.schema)]
    assert made == adapter.output_columns()
    assert set(adapter.input_columns()) <= set(rich.column_names)


@pytest.mark.parametrize("name", CASES)
def test_a_column_of_another_type_is_said_early(name):
    adapter = CASES[name]
    listed = pa.list_(pa.float64() if "words" in adapter.input_columns() else pa.string())
    for wrong in (pa.binary(), listed, pa.date32()):
        schema = pa.schema([(c, wrong) for c in adapter.input_columns()])
        with pytest.raises(SchemaError, match="expected"):
            adapter.output_schema(schema)


def test_missing_texts_and_words_give_null():
    table = pa.table({"t": ["A b", None], "words": pa.array([["a", "a"], None])})
    out = transform_table([CASES["Tokenizer"]], table)["out"].to_pylist()
    assert out == [["a", "b"], None]
    found = transform_table([HashingTFAdapter("words", "out", 9, False)], table)["out"].to_pylist()
    assert found[1] is None
    assert (found[0]["size"], found[0]["values"]) == (9, [2.0])


def test_a_pattern_that_java_reads_in_another_way_is_left_to_spark():
    class Model:
        getInputCol = getOutputCol = lambda self: "t"
        getGaps = getToLowercase = lambda self: True
        getMinTokenLength = lambda self: 1

    for pattern, plain in [
        (r"\s+", True), (r"\W", True), ("[^a-z]+", True), (", ", True), ("a*", False), ("a|b", False),
        ("[a&&b]", False), (r"\p{L}", False), ("(a)", False), ("", False), ("^a", False), (".", False),
        ("a++", False), ("[a", False), ("[]", False),
    ]:  # fmt: skip
        Model.getPattern = lambda self, pattern=pattern: pattern
        assert (RegexTokenizerAdapter.of(Model()) is not None) == plain, pattern


def test_hashed_words_stay_sparse_and_with_spark_in_the_jvm():
    assert HashingTFAdapter.stays_in_jvm
    table = pa.table({"words": pa.array([["a"]] * 10_000)})
    found = transform_table([CASES["HashingTF"]], table)["out"]
    assert found.nbytes < 1 << 20  # dense they would be 20 GB


def vector_rows(rows):
    return pa.table({"v": pa.array(rows, pa.list_(pa.float64()))})


@pytest.mark.parametrize(
    "name", ["LinearRegression", "LogisticRegression", "MinMaxScaler", "PCA", "StandardScaler"]
)
def test_null_and_misshapen_vectors_give_null(name):
    out = transform_table([CASES[name]], vector_rows([[1.0, 2, 3, 4], None, [1.0], []]))
    assert [v is None for v in out["out"].to_pylist()] == [False, True, True, True]


def test_normalizer_takes_any_length():
    table = pa.table({"w": pa.array([[3.0, 4.0], None, [0.0], [], [2.0]], pa.list_(pa.float64()))})
    out = transform_table([NormalizerAdapter("w", "out", 2.0)], table)["out"].to_pylist()
    assert [v and v["values"] for v in out] == [[0.6, 0.8], None, [0.0], [], [1.0]]


def assembled(invalid, rows):
    table = pa.table(
        {"x": [r[0] for r in rows], "v": pa.array([r[1] for r in rows], pa.list_(pa.float64()))}
    )
    out = transform_table([VectorAssemblerAdapter(("x", "v"), "out", invalid)], table)
    return [v and v["values"] for v in out["out"].to_pylist()]


def test_assembling_invalid_rows():
    rows = [(1.0, [2.0]), (None, [2.0]), (math.nan, [2.0]), (1.0, None), (-0.0, [math.nan])]
    error, skip, keep = (assembled(how, rows) for how in ("error", "skip", "keep"))
    assert [v is None for v in error] == [False, True, True, True, False]
    assert str(skip) == str([error[0], error[4]]) == "[[1.0, 2.0], [0.0, nan]]"
    assert str(keep) == "[[1.0, 2.0], [nan, 2.0], [nan, 2.0], None, [0.0, nan]]"


def test_indexing_invalid_rows():
    table = pa.table({"s": ["a", None, "", "unseen"]})
    index = lambda how: transform_table(
        [StringIndexerAdapter(("s",), ("i",), (("a", ""),), how)], table
    ).to_pydict()
    assert index("error")["i"] == [0.0, None, 1.0, None]
    assert index("skip") == {"s": ["a", ""], "i": [0.0, 1.0]}
    assert index("keep")["i"] == [0.0, 2.0, 1.0, 2.0]


def test_an_index_without_a_label_gives_null():
    table = pa.table({"index": [0.0, 2.0, -1.0, None, math.inf, 1.99, math.nan]})
    assert transform_table([CASES["IndexToString"]], table)["out"].to_pylist() == [
        "p", None, None, None, None, "q", None,
    ]  # fmt: skip


def test_a_missing_column_of_labels_is_passed_over():
    table = pa.table({"x": [1.0]})
    assert transform_table([CASES["StringIndexer"]], table).equals(table)


def test_names_left_empty_make_no_column():
    table = vector_rows([[1.0, 2, 3, 4]])
    none = LinearRegressionAdapter(MATRIX[0], 0.5, "v", "")
    assert transform_table([none], table).equals(table)
