"""Guides as pages: the cells of the notebooks in examples/guides, with what they showed when they ran."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

_PICTURES = {"image/png": "png", "image/jpeg": "jpg", "image/svg+xml": "svg"}


def write(notebooks: list[Path], folder: Path) -> dict[str, str]:
    """Return each notebook as a Markdown page by the name of its file; its pictures go into `folder`."""
    if notebooks:
        folder.mkdir(parents=True, exist_ok=True)
    return {n.with_suffix(".md").name: _page(n, folder) for n in notebooks}


def _page(notebook: Path, folder: Path) -> str:
    parts = []
    for number, cell in enumerate(json.loads(notebook.read_text())["cells"]):
        source = "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            parts.append(source)
        elif cell["cell_type"] == "code" and source.strip():
            parts.append(_fenced(source, "python"))
            for place, output in enumerate(cell["outputs"]):
                parts.append(_shown(output, folder, f"{notebook.stem}-{number}-{place}"))
    return "\n\n".join(part for part in parts if part) + "\n"


def _shown(output: dict[str, Any], folder: Path, name: str) -> str:
    if "text" in output:
        return _fenced("".join(output["text"]), "text")
    data = output.get("data", {})
    for kind, suffix in _PICTURES.items():
        if kind in data:
            value = "".join(data[kind])
            content = value.encode() if suffix == "svg" else base64.b64decode(value)
            (folder / f"{name}.{suffix}").write_bytes(content)
            return f"![What the cell above shows]({name}.{suffix})"
    if "text/html" in data:
        return _fenced("".join(data["text/html"]), "{raw} html")
    return _fenced("".join(data.get("text/plain", "")), "text")


def _fenced(text: str, language: str) -> str:
    return f"`````{language}\n{text.rstrip()}\n`````" if text.strip() else ""
