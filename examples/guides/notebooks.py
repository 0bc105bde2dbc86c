"""Make each guide's notebook of its .py file: run it, keep what it says, shrink what it shows.

The last picture becomes the guide's small one in docs/images/guides.

    python examples/guides/notebooks.py            # all of them
    python examples/guides/notebooks.py 01 09      # some

The .py file is the source. The notebook beside it is made, never edited; tests/law compares their cells.
"""

from __future__ import annotations

import argparse
import base64
import io
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import jupytext
import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from PIL import Image

HERE = Path(__file__).parent
GUIDES = sorted(HERE.glob("[0-9][0-9]_*.py"))
SMALL = HERE.parents[1] / "docs" / "images" / "guides"
WIDEST, SIDE = 720, 220  # pixels


def make(guide: Path) -> None:
    """Run a guide as a notebook, in an empty folder, and write it."""
    notebook = jupytext.read(guide, fmt="py:percent")
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    notebook.metadata = nbformat.NotebookNode({"kernelspec": kernel})
    with tempfile.TemporaryDirectory() as folder:
        resources = {"metadata": {"path": folder}}
        NotebookClient(notebook, timeout=300, resources=resources).execute()
    notebook.metadata = nbformat.NotebookNode({"kernelspec": kernel})
    for number, cell in enumerate(notebook.cells):
        cell.id = f"cell-{number}"  # drawn at random otherwise
        cell.metadata = {}
        if cell.cell_type == "code":
            cell.outputs = [_small(out) for out in cell.outputs if out.get("name") != "stderr"]
    shown = [
        o for c in notebook.cells for o in c.get("outputs", []) if "image/png" in o.get("data", {})
    ]
    picture = _picture(shown[-1].data)
    picture.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
    SMALL.mkdir(parents=True, exist_ok=True)
    picture.save(SMALL / f"{guide.stem}.jpg", quality=85, optimize=True)
    nbformat.write(notebook, guide.with_suffix(".ipynb"))


def _picture(data: Any) -> Image.Image:
    return Image.open(io.BytesIO(base64.b64decode(data["image/png"]))).convert("RGB")


def _small(output: Any) -> Any:
    data = output.get("data", {})
    if "image/png" not in data:
        return output
    image = _picture(data)
    image.thumbnail((WIDEST, WIDEST))
    buffer = io.BytesIO()
    image.quantize(128, dither=Image.Dither.FLOYDSTEINBERG).save(buffer, "PNG", optimize=True)
    output["data"] = {"image/png": base64.b64encode(buffer.getvalue()).decode()}
    return output


def main() -> None:
    """Read the command line and make them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("numbers", nargs="*", help="such as 01 09; default: all")
    numbers = parser.parse_args().numbers
    failed = []
    for guide in GUIDES:
        if numbers and guide.stem[:2] not in numbers:
            continue
        began = time.monotonic()
        try:
            make(guide)
        except CellExecutionError as error:
            failed.append(guide.stem)
            print(guide.stem, error, sep="\n", flush=True)
            continue
        size = guide.with_suffix(".ipynb").stat().st_size / 1000
        print(f"{guide.stem:<26} {time.monotonic() - began:6.1f} s {size:6.0f} kB", flush=True)
    if failed:
        sys.exit(f"failed: {', '.join(failed)}")


if __name__ == "__main__":
    main()
