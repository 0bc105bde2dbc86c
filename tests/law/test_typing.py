"""Declared Params are typed: a checker sees the constructor's arguments."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
SNIPPET = """
from irbis import EnsembleByKey, ImageFeaturizer, UnrollImage

UnrollImage(width=3, inputCol="a")
ImageFeaturizer(cutOutputLayers=2).setModel(None)
EnsembleByKey(keys=["a"], cols=["b"], colNames=None)
UnrollImage(width="three")  # wrong
EnsembleByKey(keys="a")  # wrong
"""


def test_a_checker_sees_params(tmp_path):
    path = tmp_path / "snippet.py"
    path.write_text(SNIPPET)
    mypy = str(Path(sys.executable).parent / "mypy")
    command = [mypy, "--config-file", "pyproject.toml", str(path)]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False).stdout
    wrong = [i for i, line in enumerate(SNIPPET.splitlines(), 1) if line.endswith("# wrong")]
    flagged = [int(line.split(":")[1]) for line in said.splitlines() if ": error:" in line]
    assert flagged == wrong, said
