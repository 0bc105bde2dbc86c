"""The benchmark's name does no harm (that it runs: tests/engines/test_benchmarks.py)."""

import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).parents[2] / "benchmarks"


def test_a_script_beside_it_finds_the_standard_library(tmp_path):
    (tmp_path / "http.py").write_text((FOLDER / "http.py").read_text())
    script = tmp_path / "script.py"
    script.write_text(
        "import http.client, urllib.request, http; print(http.HTTPStatus(404).phrase)"
    )
    said = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "Not Found"
