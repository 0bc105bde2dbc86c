"""Pages as they stand in the repository, and what the site makes of them."""

from __future__ import annotations

import re
from pathlib import Path

REPOSITORY = "https://github.com/irbis-ml/irbis/blob/main/"
#: Pages of the repository's top that the site has too.
TOP = ("CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md")
#: Where the guides lie: notebooks that were run.
GUIDES = "examples/guides"
_ENTRY = re.compile(r"^- \[([^\]]+)\]\(([^)]+)\.md\)", re.MULTILINE)
_LINK = re.compile(r"(\]\()([^)\s]+)(\))")


def of_docs(root: Path) -> list[Path]:
    """Every page of the site that is written by hand."""
    return [*sorted((root / "docs").glob("*.md")), *(root / name for name in TOP)]


def navigation(index: str) -> dict[str, list[tuple[str, str]]]:
    r"""Sections of index.md: (title, page without its suffix) of each entry, in order.

    Examples
    --------
    >>> navigation("## Start\n\n- [Five minutes](start.md): a demo\n")
    {'Start': [('Five minutes', 'start')]}
    """
    parts = re.split(r"^## (.+)$", index, flags=re.MULTILINE)[1:]
    found = {title: _ENTRY.findall(body) for title, body in zip(parts[::2], parts[1::2])}
    entries = {title: [(t, p.removeprefix("../")) for t, p in e] for title, e in found.items()}
    return {title: e for title, e in entries.items() if e}


def on_the_site(page: Path, root: Path) -> str:
    """Text of a page as Sphinx reads it."""
    text = relinked(page.read_text(), page, root)
    return _with_navigation(text) if page.name == "index.md" else text


def relinked(text: str, page: Path, root: Path, *, up: str = "") -> str:
    """Text of a page whose links lead where they should on the site, `up` from where it lies there."""

    def lead(found: re.Match[str]) -> str:
        return found[1] + _target(found[2], page, root, up) + found[3]

    return _LINK.sub(lead, text)


def _target(link: str, page: Path, root: Path, up: str) -> str:
    """Where a link of a page leads on the site: to a page of it, or to the repository."""
    path, mark, anchor = link.partition("#")
    goal = (page.parent / path).resolve()
    # What does not lie here is made for the site, or broken: Sphinx says so.
    if not path or ":" in path or not goal.exists():
        return link
    inside = goal.relative_to(root.resolve()).as_posix() if goal.is_relative_to(root) else ""
    if inside in TOP:
        return up + goal.name + mark + anchor
    if inside.startswith("docs/"):
        return up + inside.removeprefix("docs/") + mark + anchor
    if inside == "README.md":
        return up + "index.md"
    if goal.suffix == ".ipynb" and goal.parent == root / GUIDES and not mark:
        return f"{up}guides/{goal.stem}.md"
    return REPOSITORY + inside if inside else link


def _with_navigation(index: str) -> str:
    """Lists become cards (a line for the link, one for its words), and the sidebar."""
    for title, entries in navigation(index).items():
        index += f"\n```{{toctree}}\n:hidden:\n:caption: {title}\n\n"
        index += "".join(f"{text} <{page}>\n" for text, page in entries) + "```\n"
    return re.sub(r"^(- \[[^\]]+\]\([^)]+\)): (.)", _card, index, flags=re.MULTILINE)


def _card(found: re.Match[str]) -> str:
    return f"{found[1]}\\\n  {found[2].upper()}"
