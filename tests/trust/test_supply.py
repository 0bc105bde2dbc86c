"""What irbis brings along: licences on the list, versions locked, a bill of materials that says no more."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parents[2] / "tools"))

import licences
import lock
import sbom
from closure import ROOT, closure, direct, extras


def users():
    """Extras that are part of somebody's product."""
    return [
        e for e in extras() if e not in ("test", "release", "docs") and not e.startswith("bench")
    ]


def test_every_licence_is_on_the_list():
    assert licences.refused() == []


def test_the_list_refuses():
    assert not licences.is_allowed("GPL-3.0")
    assert not licences.is_allowed("MIT AND GPL-3.0")
    assert not licences.is_allowed("unknown")
    assert licences.is_allowed("(MIT OR GPL-3.0) AND BSD-3-Clause")


def test_the_gpl_is_in_an_extra_of_its_own():
    gpl = {name for name in closure("services-keyphrases")[0] if "GPL-3" in licences.licence(name)}
    assert gpl == {"yake"}
    for extra in ["", *users()]:
        if extra != "services-keyphrases":
            assert "yake" not in closure(extra)[0], extra


def test_the_page_has_all_of_them():
    page = (ROOT / "docs" / "licences.md").read_text()
    wanted = set().union(*(closure(extra)[0] for extra in ["", *users()]))
    assert [n for n in sorted(wanted) if f"\n| {n} | " not in page] == []


def test_every_version_is_locked():
    assert lock.faults() == []


def test_extras_inside_extras_are_opened():
    names = {r.name for r in direct("all")}
    assert {"torch", "matplotlib", "aiohttp"} <= names
    assert "irbis" not in names
    assert "numpy" in closure("viz")[0]


def test_a_bill_leaves_out_what_nobody_asked_for():
    found = {
        "metadata": {"component": {"bom-ref": "root"}},
        "components": [{"name": n, "bom-ref": f"{n}-1"} for n in ("numpy", "pip", "Huggingface_Hub")],
        "dependencies": [
            {"ref": "root", "dependsOn": ["numpy-1", "pip-1"]},
            {"ref": "pip-1"},
            {"ref": "numpy-1"},
        ],
    }  # fmt: skip
    made = sbom.pruned(found, {"numpy", "huggingface-hub"})
    assert [c["name"] for c in made["components"]] == ["numpy", "Huggingface_Hub"]
    assert made["dependencies"] == [
        {"ref": "root", "dependsOn": ["numpy-1"]},
        {"ref": "numpy-1", "dependsOn": []},
    ]


@pytest.mark.skipif("IRBIS_SLOW" not in os.environ, reason="half a minute: IRBIS_SLOW=1")
def test_the_bill_is_valid_cyclonedx(tmp_path):
    pytest.importorskip("cyclonedx_py")
    script = str(ROOT / "tools" / "sbom.py")
    subprocess.run([sys.executable, script, str(tmp_path / "b.json"), "http"], check=True)
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator

    text = (tmp_path / "b.json").read_text()
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    assert '"name": "aiohttp"' in text
    assert '"name": "pytest"' not in text
