"""Every link inside the docs leads somewhere, headings included, and every page is in the list."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").glob("*.md"))]
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")


def prose(page):
    """What is outside code blocks and inline code."""
    text = re.sub(r"^```.*?^```$", "", page.read_text(), flags=re.DOTALL | re.MULTILINE)
    return re.sub(r"`[^`\n]*`", lambda m: " " * len(m[0]), text)


def anchors(page):
    """Slugs of headings, as GitHub and MyST make them."""
    text = re.sub(r"^```.*?^```$", "", page.read_text(), flags=re.DOTALL | re.MULTILINE)
    heads = re.findall(r"^#{1,6} (.+)$", text, re.MULTILINE)
    plain = [re.sub(r"[^\w\- ]", "", h.strip().lower()).replace(" ", "-") for h in heads]
    return {h if not (n := plain[:i].count(h)) else f"{h}-{n}" for i, h in enumerate(plain)}


def broken(page):
    found = []
    for link in LINK.findall(prose(page)):
        path, _, anchor = link.partition("#")
        if "://" in link or link.startswith("mailto:"):
            continue
        goal = (page.parent / path).resolve() if path else page
        if not goal.exists() or (anchor and anchor not in anchors(goal)):
            found.append(link)
    return found


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_links_and_headings(page):
    assert broken(page) == []


def test_the_check_sees(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("# One & two\n[a](#one--two) [b](#three) [c](none.md)\n`[d](none.md)`\n")
    assert broken(page) == ["#three", "none.md"]


def test_every_page_is_in_the_list():
    listed = re.findall(
        r"^- \[[^\]]+\]\(([^)]+)\)", prose(ROOT / "docs" / "index.md"), re.MULTILINE
    )
    pages = {p.name for p in (ROOT / "docs").glob("*.md")} - {"index.md"}
    assert sorted(p for p in listed if "/" not in p) == sorted(pages)
