"""What the docs call a proof exists: tests by name, commands by file, and a command for each number."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").glob("*.md"))]
# Digits that claim nothing: names of licences, versions, formats, networks, products, fields.
NAMES = [
    r"Apache-2\.0", r"CC BY-SA 4\.0", r"Python 3\.\d+", r"MegaDetector\s1\.6", r"EfficientNet-Lite\d",
]  # fmt: skip
COMMAND = re.compile(
    r"`(make \w+|python \S+\.py|benchmarks/\w+\.py|pytest [^`]+|irbis \w+)[^`]*`|^make \w+",
    re.MULTILINE,
)


def functions_in(path):
    return {n.name for n in ast.walk(ast.parse(path.read_text())) if isinstance(n, ast.FunctionDef)}


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_tests_and_programs_that_pages_name_exist(page):
    text = page.read_text()
    for path, name in re.findall(r"\b(tests/[\w/]+\.py)(?:::(\w+))?", text):
        assert (ROOT / path).exists(), path
        assert not name or name in functions_in(ROOT / path), f"{path}::{name}"
    for path in re.findall(r"\b((?:benchmarks|examples)/[\w/]+\.(?:py|ipynb))\b", text):
        assert (ROOT / path).exists(), path


def test_every_promise_has_a_proof():
    page = (ROOT / "docs" / "reliability.md").read_text().partition("## Not promised")[0]
    rows = [r for r in page.splitlines() if r.startswith("| ") and "| test |" not in r]
    assert len(rows) > 40
    assert [r for r in rows if not re.search(r"`tests/[\w/]+\.py::\w+`", r)] == []


def numbers(text):
    """Digits that are a claim: not in code, links or names."""
    text = re.sub(r"^```.*?^```$", "", text, flags=re.DOTALL | re.MULTILINE)
    text = re.sub(r"`[^`]*`|\]\([^)]*\)", " ", text)
    for name in NAMES:
        text = re.sub(name, " ", text)
    return re.findall(r"\d[\d.,]*", text)


def unproven(readme):
    """Paragraphs with a claim in numbers that name no command."""
    fenced = re.split(r"\n\n(?=(?:[^`]|`(?!``)|```[^`]*```)*$)", readme)
    return [p for p in fenced if numbers(p) and not COMMAND.search(p)]


def test_a_number_in_the_readme_names_the_command_that_measures_it():
    assert unproven((ROOT / "README.md").read_text()) == []


def test_figures_name_machine_date_and_command():
    head, *sections = re.split(
        r"^## ", (ROOT / "docs/benchmarks.md").read_text(), flags=re.MULTILINE
    )
    assert "Machine:" in head and re.search(r"\b20\d\d-\d\d-\d\d\b", head)
    assert [s.splitlines()[0] for s in sections if "|---" in s and not COMMAND.search(s)] == []


def test_the_readme_opens_with_words_a_picture_and_two_commands():
    opening = (ROOT / "README.md").read_text()[:2500]
    places = [
        opening.find(part) for part in ("turns a word", "](docs/images/", "make demo", "make test")
    ]
    assert -1 not in places and places == sorted(places)


def test_the_checks_see():
    assert numbers("Python 3.11, `4`, [x](a5.md): 0.87 of 23") == ["0.87", "23"]
    assert unproven("It takes 5 s.\n\nIt takes 6 s: `make demo`.\n") == ["It takes 5 s."]
