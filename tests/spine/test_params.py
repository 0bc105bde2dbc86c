"""Params: declared once, checked where they are set."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyspark.ml.param import Param

from irbis import EnsembleByKey, ImageFeaturizer, ImageLIME, ImageSetAugmenter, UnrollImage
from irbis.converters import floats, names, number, one_of, optional, whole
from irbis.errors import ParamError


def test_one_line_gives_all():
    stage = UnrollImage(width=5)
    assert isinstance(stage.width, Param)
    assert stage.getWidth() == 5
    assert stage.setWidth(7) is stage
    assert stage.getWidth() == 7
    assert stage.getHeight() == 120
    assert "height in pixels" in stage.explainParams()
    assert UnrollImage.setWidth.__doc__ == "Set width."


def test_instances_and_classes_do_not_share():
    a, b = UnrollImage(width=1), UnrollImage()
    assert (a.getWidth(), b.getWidth()) == (1, 120)
    assert ImageSetAugmenter().hasParam("flipVertical")
    assert not UnrollImage().hasParam("flipVertical")


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: UnrollImage(width=0), "width=0; expected a whole number from 1 to 4096"),
        (lambda: UnrollImage(widht=3), r"UnrollImage\(widht=...\); expected one of .*width"),
        (lambda: UnrollImage(nChannels=2), "1 .grey. or 3"),
        (lambda: ImageSetAugmenter(flipHorizontal="yes"), "True or False"),
        (lambda: EnsembleByKey(keys="a", cols=["b"]), "a list of names"),
        (lambda: EnsembleByKey(keys=["a", "a"], cols=["b"]), "no name stands twice"),
        (lambda: ImageFeaturizer().getModel(), r"setModel\("),
        (lambda: ImageFeaturizer().setModel(50), "a ModelSchema"),
        (lambda: ImageLIME(metric="lgoit"), "'logit', 'probability'"),
    ],
)
def test_what_is_wrong_is_said(make, says):
    with pytest.raises(ParamError, match=says):
        make()


def test_copy_is_apart():
    a = UnrollImage(width=3)
    b = a.copy({a.getParam("width"): 4})
    assert (a.getWidth(), b.getWidth(), b.uid) == (3, 4, a.uid)


@given(st.one_of(st.integers(), st.floats(), st.text(max_size=3), st.booleans(), st.none()))
def test_converters_let_nothing_wrong_through(value):
    for convert, right in [
        (whole(1, 5), lambda v: type(v) is int and 1 <= v <= 5),
        (number(0, 1), lambda v: type(v) is float and 0 <= v <= 1),
        (number(0, above=True), lambda v: type(v) is float and 0 < v < math.inf),
        (one_of("a", "b"), lambda v: v in ("a", "b")),
        (optional(whole(0)), lambda v: v is None or (type(v) is int and v >= 0)),
    ]:
        try:
            assert right(convert(value))
        except ValueError as error:
            assert str(error)


def test_lists():
    assert floats([1, 2.5]) == [1.0, 2.5]
    assert names(("a", "b")) == ["a", "b"]
    for bad in ("ab", [], [""], [1], None, 3):
        with pytest.raises(ValueError, match=r"."):
            names(bad)


def test_errors_must_go_somewhere():
    import pyarrow as pa

    table = pa.table({"image": [b"broken"]})
    with pytest.raises(ParamError, match="errors to go somewhere"):
        UnrollImage(errorCol=None).transform(table)
    for params in ({}, {"errorCol": None}, {"errorCol": "wrong"}):
        stage = UnrollImage(errors="raise", **params)
        assert stage.output_schema(table.schema).names == ["image", "unrolled"]
        with pytest.raises(Exception, match="row 0"):
            stage.transform(table)
    named = UnrollImage(errorCol="wrong").transform(table)
    assert named["wrong"][0].as_py()["kind"] == "decode"
