"""What ``import irbis`` and ``irbis --help`` load: the structure behind their time, which
benchmarks/start.py measures and no test asserts.
"""

import subprocess
import sys

import pytest

# Whatever they load beyond Python's own library and these has to be put here, and be worth it.
OURS = {"irbis"}
COMMAND_LINE = OURS | {
    "typer", "click", "shellingham", "annotated_doc", "typing_extensions",
    "rich", "markdown_it", "mdurl", "pygments", "attr",  # how it prints
}  # fmt: skip
MODULES = {
    "import": {"irbis", "irbis.fluent"},
    "help": {"irbis", "irbis.fluent", "irbis.cli", "irbis.errors"},
}
SCRIPTS = {
    "import": "import irbis",
    "help": "import sys; sys.argv = ['irbis', '--help']; from irbis.cli import app; "
    "app(standalone_mode=False)",
}
# Without site's own loading (.pth files of editable installs), which is not ours.
TELL = """
import sys
before = set(sys.modules)
{script}
print("\\nLOADED", *sorted(set(sys.modules) - before))
"""


@pytest.fixture(scope="module", params=SCRIPTS)
def loaded(request):
    script = TELL.format(script=SCRIPTS[request.param])
    said = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60
    )
    return request.param, set(said.stdout.splitlines()[-1].split()[1:])


def test_only_these_packages_are_loaded(loaded):
    name, modules = loaded
    own = set(sys.stdlib_module_names)
    found = {m.partition(".")[0] for m in modules} - own
    assert found <= (OURS if name == "import" else COMMAND_LINE)


def test_only_these_modules_of_irbis_are_loaded(loaded):
    name, modules = loaded
    found = {m for m in modules if m.partition(".")[0] == "irbis"}
    assert {m for m in found if not m.startswith("irbis.cli_")} == MODULES[name]
