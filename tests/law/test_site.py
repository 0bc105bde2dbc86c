"""The site: no public name without its place in the reference; with IRBIS_SLOW=1 it is built, strictly."""

import base64
import importlib.util
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import irbis

ROOT = Path(__file__).parents[2]


def part(name):
    """A module of docs/site, which is a folder of scripts."""
    found = importlib.util.spec_from_file_location(
        f"site_{name}", ROOT / "docs/site" / f"{name}.py"
    )
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


def test_every_public_name_has_its_place():
    reference = part("reference")
    rooms = reference.by_room()
    text = "\n".join(reference.room_page(room, names) for room, names in rooms.items())
    assert sorted(re.findall(r"^\.\. \S+:: irbis\.(\w+)$", text, re.MULTILINE)) == sorted(
        irbis.__all__
    )


def test_lists_of_the_first_page_are_the_navigation():
    pages = part("pages")
    index = ROOT / "docs" / "index.md"
    sections = pages.navigation(index.read_text())
    entries = [page for section in sections.values() for _, page in section]
    assert len(entries) == len(re.findall(r"^- ", index.read_text(), re.MULTILINE))
    text = pages.on_the_site(index, ROOT)
    assert text.count("```{toctree}") == len(sections)
    assert re.findall(r"^[^`\n]+ <(\S+)>$", text, re.MULTILINE) == entries


def test_links_that_leave_the_site_lead_to_the_repository(tmp_path):
    pages = part("pages")
    for made in ("docs/b.md", "examples/guides/c.py", "examples/guides/d.ipynb", "CHANGELOG.md"):
        (tmp_path / made).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / made).touch()
    page = tmp_path / "docs" / "a.md"
    links = [
        "b.md#x",
        "../examples/guides/c.py",
        "../examples/guides/d.ipynb",
        "../CHANGELOG.md",
        "#x",
    ]
    page.write_text(" ".join(f"[a]({link})" for link in links))
    found = re.findall(r"\]\(([^)]+)\)", pages.on_the_site(page, tmp_path))
    repository = pages.REPOSITORY + "examples/guides/c.py"
    assert found == ["b.md#x", repository, "guides/d.md", "CHANGELOG.md", "#x"]


def test_a_notebook_becomes_a_page(tmp_path):
    picture = {"data": {"image/png": base64.b64encode(b"PNG").decode(), "text/plain": "<Figure>"}}
    cells = [
        {"cell_type": "markdown", "source": ["# One\n", "words"]},
        {"cell_type": "code", "source": "print(1)", "outputs": [{"text": ["1\n"]}, picture]},
    ]
    (tmp_path / "01_one.ipynb").write_text(json.dumps({"cells": cells}))
    made = part("guides").write([tmp_path / "01_one.ipynb"], tmp_path / "out")
    assert list(made) == ["01_one.md"]
    assert [line for line in made["01_one.md"].splitlines() if line] == [
        "# One", "words", "`````python", "print(1)", "`````", "`````text", "1", "`````",
        "![What the cell above shows](01_one-1-1.png)",
    ]  # fmt: skip
    assert (tmp_path / "out" / "01_one-1-1.png").read_bytes() == b"PNG"


@pytest.mark.skipif("IRBIS_SLOW" not in os.environ, reason="takes 20 s: set IRBIS_SLOW=1")
def test_the_site_is_built_without_a_warning(tmp_path):
    from sphinx.util.inventory import InventoryFile

    command = [sys.executable, str(ROOT / "docs" / "site" / "build.py"), str(tmp_path / "site")]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert said.returncode == 0, said.stdout + said.stderr
    inventory = InventoryFile.loads((tmp_path / "site" / "objects.inv").read_bytes(), uri="").data
    documented = {
        name for kind, items in inventory.items() if kind.startswith("py:") for name in items
    }
    assert {f"irbis.{name}" for name in irbis.__all__} <= documented
    pages = [p.read_text() for p in (tmp_path / "site").rglob("*.html")]
    # Read offline: nothing is fetched from elsewhere.
    fetched = r"<(?:script|img|source|iframe)[^>]+src=\"https?:|<link[^>]+rel=\"stylesheet\"[^>]+href=\"https?:"
    assert [p for p in pages if re.search(fetched, p)] == []
