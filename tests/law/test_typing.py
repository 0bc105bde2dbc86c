"""The public API is typed: a checker passes what users write, and sees what is wrong in it."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "tests" / "typing"


def test_a_checker_sees_what_users_write():
    """One run over both files: strict, by the project's own settings for Spark and Arrow."""
    mypy = str(Path(sys.executable).parent / "mypy")
    wrong = FOLDER / "wrong.py"
    command = [mypy, "--config-file", "pyproject.toml", str(FOLDER / "typical.py"), str(wrong)]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False).stdout
    lines = wrong.read_text().splitlines()
    marked = {("wrong.py", i) for i, line in enumerate(lines, 1) if line.endswith("# wrong")}
    errors = [line.split(":") for line in said.splitlines() if ": error:" in line]
    assert {(Path(e[0]).name, int(e[1])) for e in errors} == marked, said


def test_a_checker_knows_every_public_name():
    import irbis

    source = Path(irbis.__file__).read_text()
    known = source.partition("\nif TYPE_CHECKING:")[2]
    assert [n for n in irbis.__all__ if n[0] != "_" and f" {n} as {n}" not in known] == []
