"""House law that no linter knows: the Connect border by attribute, light imports, file sizes."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = sorted((ROOT / "src" / "irbis").rglob("*.py"))
# Attributes that exist only beside a JVM: ruff's banned-api sees imports, this sees the rest.
BANNED = {
    "_jvm", "_jdf", "_jsc", "_jsparkSession", "_jconf", "_sc", "_java_obj", "_call_java",
    "sparkContext", "rdd", "broadcast", "accumulator", "toJavaRDD",
}  # fmt: skip
HEAVY = ["pyspark.ml", "torch", "onnxruntime", "cv2", "matplotlib", "uvicorn"]


def banned_in(source):
    return sorted(
        f"{node.lineno}: {node.attr}"
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Attribute) and node.attr in BANNED
    )


def test_the_connect_border():
    found = {p.name: banned_in(p.read_text()) for p in SOURCES}
    assert {name: lines for name, lines in found.items() if lines} == {}


def test_the_border_check_sees():
    assert banned_in("spark.sparkContext.parallelize([1])") == ["1: sparkContext"]


@pytest.mark.parametrize(
    "command",
    [
        "import irbis",
        "import irbis; dir(irbis); irbis.__version__",
        "import sys; sys.argv = ['irbis', '--help']; from irbis.cli import app; "
        "app(standalone_mode=False)",
    ],
    ids=["import", "dir", "help"],
)
def test_imports_stay_light(command):
    check = f"import sys; {command}; print('LOADED', [m for m in {HEAVY} if m in sys.modules])"
    said = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True)
    assert said.stdout.splitlines()[-1] == "LOADED []"


def test_no_file_is_long():
    long = {p.name: n for p in SOURCES if (n := len(p.read_text().splitlines())) > 300}
    assert long == {}
    lengths = sorted(len(p.read_text().splitlines()) for p in SOURCES)
    assert lengths[len(lengths) // 2] <= 150


def test_stand_ins_and_stages_are_all_in_the_contracts_that_part_them():
    rules = (ROOT / "pyproject.toml").read_text()
    room = ROOT / "src" / "irbis" / "services"
    others = {p.stem for p in room.iterdir() if p.stem not in {"__init__", "local", "__pycache__"}}
    for start in ("Stand-ins know nothing", "The stages know nothing"):
        rule = rules[rules.index(start) :].partition("[[tool")[0]
        assert [m for m in sorted(others) if f'"irbis.services.{m}"' not in rule] == []


def test_no_drawers():
    names = {p.stem for p in SOURCES} | {p.parent.name for p in SOURCES}
    assert names.isdisjoint({"utils", "util", "common", "helpers", "misc"})


def test_every_public_name_loads_and_is_documented():
    import irbis

    for name in irbis.__all__:
        value = getattr(irbis, name)
        assert name == "__version__" or (value.__doc__ or "").strip(), name


def test_every_param_is_documented_with_its_class():
    from pyspark.ml.param import Params

    import irbis

    for name in irbis.__all__:
        value = getattr(irbis, name)
        if not (isinstance(value, type) and issubclass(value, Params)):
            continue
        declared = [
            p for p in getattr(value, "_param_defaults", {}) if p not in ("errors", "errorCol")
        ]
        assert [p for p in declared if p not in value.__doc__] == [], name
        if "errors" in getattr(value, "_param_defaults", {}):
            assert "errors, errorCol" in value.__doc__, name
