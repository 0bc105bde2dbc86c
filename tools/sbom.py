"""A bill of materials (CycloneDX 1.6, JSON) of irbis with its extras, as installed here.

    python tools/sbom.py out/sbom.json           # what `pip install 'irbis[all]'` brings
    python tools/sbom.py out/sbom.json train     # irbis[train]

cyclonedx-py lists the environment; what no extra asked for (pip, the tests' tools) is left out.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from closure import ROOT, closure, distribution
from packaging.utils import canonicalize_name


def listed() -> dict[str, Any]:
    """What cyclonedx-py finds in this environment."""
    command = [
        sys.executable, "-m", "cyclonedx_py", "environment", sys.prefix, "--pyproject", "pyproject.toml",
        "--output-reproducible", "--spec-version", "1.6", "--validate",
    ]  # fmt: skip
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if said.returncode:
        raise SystemExit(said.stderr)
    found: dict[str, Any] = json.loads(said.stdout)
    return found


def pruned(found: dict[str, Any], names: set[str]) -> dict[str, Any]:
    """Leave out all components but those named, and what hangs on them."""
    parts = [c for c in found.get("components", []) if canonicalize_name(c["name"]) in names]
    kept = {c["bom-ref"] for c in parts} | {found["metadata"]["component"]["bom-ref"]}
    hanging = [
        {**d, "dependsOn": [r for r in d.get("dependsOn", []) if r in kept]}
        for d in found.get("dependencies", [])
        if d["ref"] in kept
    ]
    return {**found, "components": parts, "dependencies": hanging}


def main() -> None:
    """Write the file."""
    path, extra = Path(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else "all"
    names, missing = closure(extra)
    if missing:
        raise SystemExit(f"not installed here: {', '.join(sorted(missing))}")
    names = {canonicalize_name(distribution(name).name) for name in names}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(pruned(listed(), names), indent=1) + "\n")
    print(f"{path}: {len(names)} packages of irbis[{extra}]")


if __name__ == "__main__":
    main()
