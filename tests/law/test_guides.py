"""The guides: a notebook beside each .py file, with the same cells, small, run without an error."""

import re
from pathlib import Path

import jupytext
import pytest

ROOT = Path(__file__).parents[2]
GUIDES = sorted((ROOT / "examples" / "guides").glob("[0-9][0-9]_*.py"))
# Of no use to a reader: folders of the machine that made the notebook, and addresses in its memory.
MADE_HERE = re.compile(
    rf"/tmp/|/home/|/root/|/Users/|{re.escape(str(ROOT))}|site-packages|0x[0-9a-f]{{8}}"
)


def cells(path, **how):
    return [(c.cell_type, c.source.strip()) for c in jupytext.read(path, **how).cells]


def test_there_are_sixteen_numbered_from_one():
    assert [g.stem[:2] for g in GUIDES] == [f"{n:02}" for n in range(1, 17)]


@pytest.mark.parametrize("guide", GUIDES, ids=lambda g: g.stem)
def test_a_guide(guide):
    assert 40 <= len(guide.read_text().splitlines()) <= 120
    assert "**Try next.**" in guide.read_text()
    assert cells(guide.with_suffix(".ipynb")) == cells(guide, fmt="py:percent")


@pytest.mark.parametrize("guide", GUIDES, ids=lambda g: g.stem)
def test_its_notebook_has_been_run(guide):
    path = guide.with_suffix(".ipynb")
    assert path.stat().st_size < 600_000
    code = [c for c in jupytext.read(path).cells if c.cell_type == "code"]
    assert [c.execution_count for c in code] == list(range(1, len(code) + 1))
    outputs = [o for c in code for o in c.outputs]
    assert "error" not in {o.output_type for o in outputs}
    assert any("image/png" in o.get("data", {}) for o in outputs)
    said = "".join(o.get("text", "") + o.get("data", {}).get("text/plain", "") for o in outputs)
    assert not MADE_HERE.search(said), MADE_HERE.search(said)


@pytest.mark.parametrize("guide", GUIDES, ids=lambda g: g.stem)
def test_the_index_has_it(guide):
    index = (ROOT / "docs" / "guides.md").read_text()
    assert f"../examples/guides/{guide.stem}.ipynb" in index
    assert f"python examples/guides/{guide.name}" in index
    assert f"images/guides/{guide.stem}.jpg" in index
    assert (ROOT / "docs" / "images" / "guides" / f"{guide.stem}.jpg").stat().st_size < 40_000
