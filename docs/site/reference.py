"""The reference: every public name of irbis by room, from its docstring."""

from __future__ import annotations

import inspect
import re
import subprocess
import sys

import irbis

#: Room: title, and the page that tells how its names are used. A new room needs no entry.
ROOMS = {
    "": ("Pipelines and stages", "concepts"),
    "image": ("Pictures", "pictures"),
    "model": ("Networks and ensembles", "models"),
    "explain": ("Explanations", "explanations"),
    "detect": ("Boxes and detectors", "detection"),
    "identify": ("Individuals", "identify"),
    "http": ("HTTP", "http"),
    "services": ("Azure's services", "services"),
    "services.search": ("Image search", "services"),
    "monitor": ("Monitoring", "monitoring"),
    "sql": ("SQL", "sql"),
}
#: Modules that pages of the docs import from; their `__all__` is documented.
MODULES = (
    "irbis.stage",
    "irbis.schema",
    "irbis.converters",
    "irbis.errors",
    "irbis.testing",
    "irbis.adapters",
    "irbis.image.codec",
    "irbis.image.superpixel_map",
    "irbis.http.columns",
    "irbis.explain.explanation",
    "irbis.explain.text_explanation",
    "irbis.explain.table_explanation",
    "irbis.explain.text_html",
    "irbis.explain.table_plot",
    "irbis.explain.faithfulness",
    "irbis.detect.rules",
    "irbis.detect.box_file",
    "irbis.detect.evaluate",
    "irbis.formats.trap",
    "irbis.formats.coco",
    "irbis.formats.megadetector_pictures",
    "irbis.formats.camera_traps",
    "irbis.formats.camtrap_dp",
    "irbis.formats.camtrap_reading",
    "irbis.formats.detections_csv",
)


def by_room() -> dict[str, list[str]]:
    """Public names, room by room; each name once."""
    found: dict[str, list[str]] = {}
    for name, module in sorted(irbis._NAMES.items()):
        inner = module.split(".")[1:-1]
        found.setdefault(".".join(inner), []).append(name)
    return found


def _file(room: str) -> str:
    return room.replace(".", "_") or "core"


def _title(room: str) -> str:
    return ROOMS.get(room, (room.replace(".", " ").capitalize(), ""))[0]


def _in_order() -> list[str]:
    rooms = by_room()
    return [r for r in ROOMS if r in rooms] + [r for r in rooms if r not in ROOMS]


def room_page(room: str, names: list[str]) -> str:
    """Page of a room: each name's docstring."""
    how = ROOMS.get(room, ("", ""))[1]
    lines = [f"# {_title(room)}", ""]
    lines += [f"How they are used: {{doc}}`../{how}`.", ""] if how else []
    lines += ["```{eval-rst}"]
    for name in names:
        kind = "autoclass" if inspect.isclass(getattr(irbis, name)) else "autofunction"
        lines += [f".. {kind}:: irbis.{name}", *(["   :members:"] * (kind == "autoclass")), ""]
    if not room:
        lines += [".. py:data:: irbis.__version__", "   :type: str", ""]
    return "\n".join([*lines, "```", ""])


def _modules() -> str:
    text = "# Modules\n\nWhat is imported from a module of its own.\n"
    for module in MODULES:
        hidden = ", ".join(irbis.__all__)  # public names have their place elsewhere
        text += f"\n## {module}\n\n```{{eval-rst}}\n.. automodule:: {module}\n   :members:\n"
        text += f"   :exclude-members: {hidden}\n```\n"
    return text


def _command_line() -> str:
    command = [sys.executable, "-m", "typer", "irbis.cli", "utils", "docs", "--name", "irbis"]
    command += ["--title", "The command line"]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    # Options that stand in a sentence: else their two hyphens become a dash.
    return re.sub(r"(?<![`\w-])(--[a-z][a-z-]*)", r"`\1`", said)


def pages() -> dict[str, str]:
    """Generated pages, by the name of their file."""
    made = {f"{_file(room)}.md": room_page(room, names) for room, names in by_room().items()}
    return {**made, "modules.md": _modules(), "command_line.md": _command_line()}


def summary() -> str:
    """Every name with the first line of its docstring, and the pages' order."""
    text, rooms = "", by_room()
    for room in _in_order():
        text += f"\n## {_title(room)}\n\n| | |\n|---|---|\n"
        for name in rooms[room]:
            said = re.sub(r":\w+:`~?([^`]+)`", r"`\1`", (getattr(irbis, name).__doc__ or ""))
            line = said.strip().partition("\n")[0].replace("|", "\\|")
            text += f"| {{py:obj}}`~irbis.{name}` | {line} |\n"
    text += "\n```{toctree}\n:hidden:\n\n"
    text += "".join(f"reference/{_file(room)}\n" for room in _in_order())
    return text + "reference/modules\nreference/command_line\n```\n"
