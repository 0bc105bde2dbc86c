"""Build the site: ``python docs/site/build.py OUT``. Any warning is an error.

Pages are plain Markdown, readable where they lie. What only a site needs is added to a copy of them:
the navigation (the lists of index.md), the reference (from docstrings), links that lead out of docs/.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import guides
import pages
import reference

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent


def stage(folder: Path) -> Path:
    """Lay the site's source into `folder`, which is emptied."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    shutil.copytree(ROOT / "docs" / "images", folder / "images")
    for page in pages.of_docs(ROOT):
        (folder / page.name).write_text(pages.on_the_site(page, ROOT))
    for name, text in reference.pages().items():
        target = folder / "reference" / name
        target.parent.mkdir(exist_ok=True)
        target.write_text(text)
    _guides(folder)
    start = folder / "reference.md"
    start.write_text(start.read_text() + reference.summary())
    return folder


def _guides(folder: Path) -> None:
    notebooks = sorted((ROOT / pages.GUIDES).glob("*.ipynb"))
    made = guides.write(notebooks, folder / "guides")
    for notebook in notebooks:
        name = notebook.with_suffix(".md").name
        text = pages.relinked(made[name], notebook, ROOT, up="../")
        (folder / "guides" / name).write_text(text)
    if made:
        listed = "".join(f"guides/{Path(name).stem}\n" for name in made)
        with (folder / "guides.md").open("a") as page:
            page.write(f"\n```{{toctree}}\n:hidden:\n\n{listed}```\n")


def main(out: Path) -> int:
    """Build into `out`, from a source beside it; the exit code is Sphinx's."""
    from sphinx.cmd.build import main as sphinx

    work = out.with_name(out.name + "-work")
    source = stage(work / "source")
    options = ["-b", "html", "-c", str(HERE), "-d", str(work / "doctrees"), "-q"]
    strict = ["-E", "-W", "--keep-going"]
    failed = sphinx([*options, *strict, str(source), str(out)])
    if not failed:
        print(f"the site: {out / 'index.html'}")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
