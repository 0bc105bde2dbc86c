"""Make each guide's notebook of its .py file: run it, keep what it says, shrink what it shows.

    python examples/guides/notebooks.py            # all of them
    python examples/guides/notebooks.py 01 09      # some

The .py file is the source. The notebook beside it is made, never edited; tests/law compares their cells.
All run in one kernel, emptied in between: they share a Spark session, which costs more than most of
them. The last picture becomes the guide's small one in docs/images/guides.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import contextlib
import io
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import jupytext
import nbformat
import psutil
from jupyter_client import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from PIL import Image

HERE = Path(__file__).parent
GUIDES = sorted(HERE.glob("[0-9][0-9]_*.py"))
SMALL = HERE.parents[1] / "docs" / "images" / "guides"
WIDEST, SIDE = 720, 220  # pixels
KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}
# A Java that lives for minutes never earns back what it takes to optimise.
JAVA = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"


async def make(guides: list[Path]) -> list[str]:
    """Run guides as notebooks, in an empty folder, and write them; returns those that failed."""
    failed = []
    kernel = AsyncKernelManager(kernel_name="python3")
    with tempfile.TemporaryDirectory() as folder:
        try:
            for guide in guides:
                began, used = time.monotonic(), _cpu()
                try:
                    notebook = await _run(guide, kernel, folder)
                except CellExecutionError as error:
                    failed.append(guide.stem)
                    print(guide.stem, error, sep="\n", flush=True)
                    continue
                took, used = time.monotonic() - began, _cpu() - used
                nbformat.write(notebook, guide.with_suffix(".ipynb"))
                _write_small(notebook, guide)
                size = guide.with_suffix(".ipynb").stat().st_size / 1000
                print(
                    f"{guide.stem:<26} {took:6.1f} s, {used:5.1f} s of CPU, {size:.0f} kB",
                    flush=True,
                )
        finally:
            await kernel.shutdown_kernel(now=True)
    return failed


def _cpu() -> float:
    """Seconds of this process and all below it: kernel, Java, Spark's workers."""
    used = 0.0
    for process in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.Error):
            used += sum(process.cpu_times()[:4])
    return used


async def _run(guide: Path, kernel: AsyncKernelManager, folder: str) -> Any:
    notebook = jupytext.read(guide, fmt="py:percent")
    notebook.metadata = nbformat.NotebookNode({"kernelspec": KERNEL})
    notebook.cells.insert(0, nbformat.v4.new_code_cell("%reset -f"))
    where = {"metadata": {"path": folder}}
    await NotebookClient(notebook, km=kernel, timeout=300, resources=where).async_execute()
    del notebook.cells[0]
    notebook.metadata = nbformat.NotebookNode({"kernelspec": KERNEL})
    count = 0
    for number, cell in enumerate(notebook.cells):
        cell.id = f"cell-{number}"  # drawn at random otherwise
        cell.metadata = nbformat.NotebookNode()
        if cell.cell_type == "code":
            count += 1
            cell.execution_count = count
            kept = [_small(out) for out in cell.outputs if out.get("name") != "stderr"]
            for out in kept:
                if out.output_type == "execute_result":
                    out.execution_count = count
            cell.outputs = kept
    return notebook


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


def _write_small(notebook: Any, guide: Path) -> None:
    outputs = [out for cell in notebook.cells for out in cell.get("outputs", [])]
    picture = _picture([out.data for out in outputs if "image/png" in out.get("data", {})][-1])
    picture.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
    SMALL.mkdir(parents=True, exist_ok=True)
    picture.save(SMALL / f"{guide.stem}.jpg", quality=85, optimize=True)


def main() -> None:
    """Read the command line and make them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("numbers", nargs="*", help="such as 01 09; default: all")
    numbers = parser.parse_args().numbers
    os.environ.setdefault("JDK_JAVA_OPTIONS", JAVA)
    chosen = [g for n in numbers for g in GUIDES if g.stem.startswith(n)] or GUIDES
    if failed := asyncio.run(make(chosen)):
        sys.exit(f"failed: {', '.join(failed)}")


if __name__ == "__main__":
    main()
