"""benchmarks/lime.py runs, prints what scripts read, and its name does no harm."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "benchmarks"
FIGURES = {
    "ratio_to_bare_forwards", "jaccard", "deletion_auc", "insertion_auc", "peak_memory_mb",
    "seconds_a_picture",
}  # fmt: skip


@pytest.mark.skipif("IRBIS_SLOW" not in os.environ, reason="takes 20 s: set IRBIS_SLOW=1")
def test_small(network):
    said = subprocess.run(
        [sys.executable, str(FOLDER / "lime.py"), "--small"],
        capture_output=True, text=True, check=False, timeout=300, env=dict(os.environ),
    )  # fmt: skip
    assert said.returncode == 0, said.stderr[-3000:]
    lines = [json.loads(line) for line in said.stdout.splitlines()]
    assert {line["figure"] for line in lines} >= FIGURES
    for line in lines:
        assert list(line) == ["bench", "figure", "case", "value", "unit", "peers"]
        assert line["bench"] == "lime"
    first = next(line for line in lines if line["figure"] == "jaccard")
    assert {name.partition(",")[0] for name in first["peers"]} == {"irbis", "lime", "captum"}
    assert len([line for line in lines if line["figure"] == "peak_memory_mb"]) == 2


def test_a_script_beside_it_finds_the_package(tmp_path):
    (tmp_path / "lime.py").write_text((FOLDER / "lime.py").read_text())
    package = tmp_path / "site" / "lime"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("found = 'the package'")
    script = tmp_path / "script.py"
    script.write_text("import lime; print(lime.found)")
    for paths, answer in ((str(package.parent), "the package"), ("", "No module named 'lime'")):
        said = subprocess.run(
            [sys.executable, "-S", str(script)], capture_output=True, text=True, check=False,
            env={**os.environ, "PYTHONPATH": paths},
        )  # fmt: skip
        assert answer in said.stdout + said.stderr
