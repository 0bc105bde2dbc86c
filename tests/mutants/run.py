"""Do the tests notice? Seeds one fault at a time into a module and runs the tests that cover it.

    python tests/mutants/run.py                 # every module below: minutes
    python tests/mutants/run.py retry fusion    # some of them
    python tests/mutants/run.py retry --line 81 # one line, and what the tests say

Each mutant lives in a process of its own, forked from one that has the libraries loaded, and never on
disk. It is killed if a test fails, if it can't be imported, or if it takes far longer than the module
does without a fault. What survives is printed; EQUIVALENT names those that change nothing.
"""

import argparse
import ast
import contextlib
import importlib.machinery
import os
import signal
import sys
import time
from pathlib import Path

from equivalent import EQUIVALENT
from faults import mutants

ROOT = Path(__file__).parents[2]
SRC = ROOT / "src" / "irbis"
LOADED = (
    "aiohttp",
    "hypothesis",
    "numpy",
    "onnx",
    "pandas",
    "PIL.Image",
    "pyarrow.compute",
    "pytest",
)
SPARK = ("pyspark.ml", "pyspark.sql.connect.session", "tenacity", "scipy.ndimage", "starlette")
LOCAL = ["--engine", "none"]

# Module -> what pytest runs. The quickest tests first: one that fails ends it.
TARGETS = {
    "stage": [*LOCAL, "tests/spine/test_params.py", "tests/spine/test_stage.py"],
    "planning": [*LOCAL, "tests/spine/test_planning.py", "tests/spine/test_fusion.py"],
    "http/retry": [*LOCAL, "tests/http/test_retry_rules.py", "tests/http/test_retry.py"],
    "serving/mailbox": [
        *[*LOCAL, "tests/serving/test_mailbox_rules.py"],
        "tests/serving/test_mailbox.py",
    ],
    "serving/exchange": [*LOCAL, "tests/serving/test_exchange.py"],
}
# The same for modules whose tests need a Spark session; see in_session.py.
IN_SESSION = {
    "fusion": [
        *["--engine", "classic", "-m", "spark", "tests/spine/test_fusion_plans.py"],
        *["tests/spine/test_fusion.py", "tests/spine/test_selection.py"],
        "tests/spine/test_streaming_functions.py",
    ],
}


class Seeded(importlib.machinery.SourceFileLoader):
    """Loads a module from a tree in place of its source."""

    def __init__(self, name, path, tree):
        super().__init__(name, path)
        self.tree = tree

    def get_code(self, fullname):
        return compile(self.tree, self.path, "exec")


class Finder:
    """Finds the one module that has a fault."""

    def __init__(self, name, path, tree):
        self.name, self.path, self.tree = name, path, tree

    def find_spec(self, name, path=None, target=None):
        if name != self.name:
            return None
        loader = Seeded(name, str(self.path), self.tree)
        return importlib.machinery.ModuleSpec(name, loader, origin=str(self.path))


def verdict(target, tree, limit, shown=False):
    """How the tests end on a module with this tree: "survived", "killed" or "timeout"; seconds."""
    began = time.monotonic()
    child = os.fork()
    if child == 0:
        os.setsid()
        _test(target, tree, shown)
    while time.monotonic() - began < limit:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            code = os.waitstatus_to_exitcode(status)
            if code == 5:
                raise SystemExit(f"{target}: there are no tests")
            _end(child)
            return "killed" if code else "survived", time.monotonic() - began
        time.sleep(0.02)
    _end(child)
    os.waitpid(child, 0)
    return "timeout", limit


def _end(group):
    with contextlib.suppress(ProcessLookupError):
        os.killpg(group, signal.SIGKILL)


def _test(target, tree, shown):
    code = 1
    try:
        if not shown:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, 1)
            os.dup2(nowhere, 2)
        path = SRC / f"{target}.py"
        sys.meta_path.insert(0, Finder(f"irbis.{target.replace('/', '.')}", path, tree))
        import pytest

        code = pytest.main(["-x", "-q", "--no-header", "-p", "no:xdist", *TARGETS[target]])
    finally:
        os._exit(int(code))


def main():
    """Run, print a table, and fail if a mutant survives that is not known to be equivalent."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("modules", nargs="*", help="words of their names; all of them if none")
    parser.add_argument("--line", type=int, help="only this line, with pytest's output")
    parser.add_argument("--after", type=int, default=0, help="only lines after this one")
    chosen = parser.parse_args()
    sys.path.insert(0, str(SRC.parent))
    os.environ["PYTHONPATH"] = str(SRC.parent)  # of Spark's workers
    os.chdir(ROOT)
    for name in (*LOADED, *SPARK):
        importlib.import_module(name)
    rows = []
    for target in (*TARGETS, *IN_SESSION):
        if chosen.modules and not any(word in target for word in chosen.modules):
            continue
        found = [m for m in mutants(source(target)) if m.line > chosen.after]
        found = [m for m in found if chosen.line in (None, m.line)]
        began = time.monotonic()
        run = one_by_one if target in TARGETS else in_session
        verdicts = run(target, found, shown=chosen.line is not None)
        rows.append((target, *count(target, found, verdicts), time.monotonic() - began))
    print(f"{'module':<18} faults killed equivalent survived seconds")
    for name, *numbers in rows:
        print(f"{name:<18} {{:>6}} {{:>6}} {{:>10}} {{:>8}} {{:>7.0f}}".format(*numbers))
    return 1 if any(row[4] for row in rows) else 0


def source(target):
    return (SRC / f"{target}.py").read_text()


def one_by_one(target, found, shown):
    """Verdicts, each in a process of its own."""
    ended, seconds = verdict(target, ast.parse(source(target)), 300, shown)
    if ended != "survived":
        raise SystemExit(f"{target}: its tests fail without any fault")
    limit = max(10, 5 * seconds)
    verdicts = []
    for mutant in found:
        verdicts.append(verdict(target, mutant.tree, limit, shown)[0])
        if verdicts[-1] == "survived":
            print(f"  line {mutant.line}: {mutant.said}", flush=True)
    return verdicts


def in_session(target, found, shown):
    """Verdicts, all in one session of Spark."""
    import pytest
    from in_session import InSession

    module = importlib.import_module(f"irbis.{target.replace('/', '.')}")
    plugin = InSession(module, [ast.parse(source(target)), *(m.tree for m in found)])
    pytest.main(["-q", "--no-header", *IN_SESSION[target]], plugins=[plugin])
    if plugin.verdicts[:1] != ["survived"]:
        raise SystemExit(f"{target}: its tests fail without any fault: {plugin.at}")
    return plugin.verdicts[1:]


def count(target, found, verdicts):
    """Faults, killed, equivalent and survived ones; prints the last."""
    numbers = {"killed": 0, "equivalent": 0, "survived": 0}
    print()
    for mutant, ended in zip(found, verdicts, strict=True):
        known = EQUIVALENT.get(target, {}).get((mutant.said, mutant.text))
        what = "killed" if ended == "timeout" else ended
        if what == "survived" and known:
            what = "equivalent"
        numbers[what] += 1
        if what == "survived":
            print(f"  {target} line {mutant.line} survived: {mutant.said}", flush=True)
        elif known and what == "killed":
            print(f"  {target} line {mutant.line} is not equivalent: {mutant.said}", flush=True)
    return sum(numbers.values()), *numbers.values()


if __name__ == "__main__":
    sys.exit(main())
