"""Explanations of texts and rows as pages: whole, escaped, and nothing from elsewhere."""

import re
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from irbis import TextSHAP
from irbis.explain.table_explanation import TableExplanation
from irbis.explain.table_plot import explanation_plot
from irbis.explain.text_explanation import TextExplanation
from irbis.explain.text_html import explanation_html

TEXT = 'A <b>good</b> & "bad" day\n\n猫'


class Page(HTMLParser):
    """Text inside the element of class "text", the words marked, and every tag there is."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.text, self.marks, self.depth = [], "", [], 0
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        if dict(attrs).get("class") == "text":
            self.depth = 1
        if tag == "mark":
            self.marks.append(dict(attrs))

    def handle_endtag(self, tag):
        self.depth = self.depth if tag != "div" else 0

    def handle_data(self, data):
        self.text += data if self.depth else ""


def explained(content, type_=None):
    model = lambda texts: [1.0 * ("good" in t) - 0.5 * ("bad" in t) for t in texts]
    stage = TextSHAP(model=model, targetClasses=[0], metric="probability")
    row = stage.transform(pa.table({"text": pa.array([content], type_)})).to_pylist()[0]
    return TextExplanation.from_row(row["explanation"])


def test_the_text_is_whole_and_its_words_are_marked():
    found = explained(TEXT)
    source = explanation_html(TEXT, found, name="<fine>")
    page = Page(source)
    assert page.text == TEXT
    assert len(page.marks) == len(found.words) == 7
    good, bad = (page.marks[found.words.index(word)] for word in ("good", "bad"))
    assert good["title"] == "+1"
    assert "rgba(30,110,255,0.650)" in good["style"]
    assert bad["title"] == "-0.5"
    assert "rgba(255,130,0,0.325)" in bad["style"]
    assert set(page.tags) <= {
        "html", "head", "meta", "title", "style", "body", "main", "h1", "div", "mark", "p", "i", "span",
    }  # fmt: skip
    assert "&lt;fine&gt;: 0.5" in source
    assert "http" not in source
    assert "prefers-color-scheme:dark" in source


@given(st.text(max_size=40))
def test_any_text_comes_out_as_it_is(text):
    found = explained(text, pa.string())
    again = Page(explanation_html(text, found)).text
    shown = re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff]", "\ufffd", text)
    assert again == shown.replace("\r\n", "\n").replace("\r", "\n") or again == shown


@pytest.mark.parametrize("content", ["", []])
def test_a_text_without_words(content):
    page = explanation_html(
        content, explained(content, None if content == "" else pa.list_(pa.string()))
    )
    assert "0 words" in page


def test_tokens():
    tokens = ["good", "<i>", ""]
    page = Page(explanation_html(tokens, explained(tokens, pa.list_(pa.string()))))
    assert page.text == "good <i> "


def rows(columns, values, weights):
    return TableExplanation(
        [1],
        np.array([0.9]),
        np.array([weights]),
        np.array([0.1]),
        np.array([0.5]),
        8,
        columns,
        values,
    )


def test_bars_are_sorted_and_on_their_sides():
    found = rows(["age", "town", "zero"], ["31", "A & <B>", None], [-1.0, 2.0, 0.0])
    svg = ET.fromstring(explanation_plot(found, name="dear"))
    shown = [e for e in svg.iter() if e.tag.endswith("text")]
    said = ["".join(e.itertext()) for e in shown]
    assert said[0] == "dear: 0.9"
    labels = [s for s in said if " = " in s]
    assert [s[: len(s) // 2] for s in labels] == ["town = A & <B>", "age = 31", "zero = missing"]
    assert [s for s in said if s in ("+2", "-1", "0")] == ["+2", "-1", "0"]
    bars = [e for e in svg.iter() if e.tag.endswith("rect")][1:]
    left, width = ([float(b.get(k)) for b in bars] for k in ("x", "width"))
    assert width[0] == pytest.approx(2 * width[1], abs=0.2)
    assert width[2] == 0
    assert left[1] + width[1] == pytest.approx(left[0], abs=0.2)  # both begin at zero


def test_many_columns_and_odd_names():
    names = [f"c{i}\x01" if i else "長" * 60 for i in range(30)]
    found = rows(names, [str(i) for i in range(30)], list(range(30, 0, -1)))
    source = explanation_plot(found, most=5)
    svg = ET.fromstring(source)  # no character that XML forbids
    assert len([e for e in svg.iter() if e.tag.endswith("rect")]) == 6
    assert "25 more columns" in source
    assert "\u2026" in source
