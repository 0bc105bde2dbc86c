"""Environments that are really broken, for programs of their own."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

sys.path[:0] = [str(Path(__file__).parents[1])]

SOURCE = str(Path(__file__).parents[2] / "src")
HIDER = """
import sys

class Hide:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {names!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, Hide())
"""


@pytest.fixture
def environment(tmp_path):
    """What a program gets of ours, with a cache of its own and nothing that decides about Spark."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("SPARK_", "PYSPARK_"))}
    kept.pop("JAVA_HOME", None)
    path = os.pathsep.join(filter(None, [SOURCE, os.environ.get("PYTHONPATH")]))
    return {**kept, "IRBIS_HOME": str(tmp_path / "irbis-home"), "PYTHONPATH": path}


@pytest.fixture(scope="session")
def no_java(tmp_path_factory):
    """A PATH with every tool there is but Java."""
    folder = tmp_path_factory.mktemp("tools")
    for place in os.environ["PATH"].split(os.pathsep):
        for tool in Path(place).glob("*"):
            if not tool.name.startswith(("java", "jre", "jdk")):
                (folder / tool.name).is_symlink() or (folder / tool.name).symlink_to(tool)
    return str(folder)


@pytest.fixture
def own_cluster(environment, tmp_path):
    """An environment in which a local-cluster keeps its files to itself."""
    from apart import spark_of_links

    home = spark_of_links(tmp_path / "spark")
    # The network is converted once for all.
    return {**environment, "SPARK_HOME": home, "IRBIS_HOME": os.environ["IRBIS_HOME"]}


@pytest.fixture
def hide(tmp_path):
    """Environment variables under which modules can't be imported."""

    def make(environment, *names):
        folder = tmp_path / "hider"
        folder.mkdir()
        (folder / "sitecustomize.py").write_text(HIDER.format(names=set(names)))
        path = f"{folder}{os.pathsep}{environment['PYTHONPATH']}"
        return {**environment, "PYTHONPATH": path}

    return make


@pytest.fixture
def pretend(tmp_path):
    """Environment variables under which a package says to be installed in some version."""

    def make(environment, name, version):
        folder = tmp_path / "pretended"
        info = folder / f"{name.replace('-', '_')}-{version}.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
        path = f"{folder}{os.pathsep}{environment['PYTHONPATH']}"
        return {**environment, "PYTHONPATH": path}

    return make


@pytest.fixture
def fake_java(tmp_path):
    """A JDK's folder in which java is a script."""

    def make(name="jdk", says='echo openjdk version \\"11.0.2\\" >&2', release=None):
        home = tmp_path / name
        (home / "bin").mkdir(parents=True)
        (home / "bin" / "java").write_text(f"#!/bin/sh\n{says}\n")
        (home / "bin" / "java").chmod(0o755)
        if release is not None:
            (home / "release").write_text(release)
        return home

    return make


@pytest.fixture
def script(tmp_path):
    """A program that says something."""

    def make(name, body):
        path = tmp_path / name
        path.write_text(f"#!/bin/sh\n{body}\n")
        path.chmod(0o755)
        return str(path)

    return make


class Told(list):
    """What the doctor found, as --json prints it, with its exit code and all it wrote."""

    def of(self, check, status=None):
        return [f for f in self if f["check"] == check and status in (None, f["status"])]

    def the(self, check, status):
        found = self.of(check, status)
        assert len(found) == 1, list(self)
        return found[0]


@pytest.fixture
def doctor():
    """Run ``irbis doctor --json`` on some checks, as a program."""

    def run(environment, *only, timeout=180):
        command = [sys.executable, "-m", "irbis.cli", "doctor", "--json", "--timeout", str(timeout)]
        for name in only:
            command += ["--only", name]
        said = subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=600, env=environment
        )
        assert said.stdout.startswith("["), said.stdout + said.stderr
        told = Told(json.loads(said.stdout))
        told.code, told.written = said.returncode, said.stdout + said.stderr
        for (
            finding
        ) in told:  # house rule: a finding that is not well says what follows, and what to do
            well = finding["status"] == "ok"
            assert finding["found"] and (well or (finding["means"] and finding["do"])), finding
        assert told.code == (1 if any(f["status"] == "fault" for f in told) else 0)
        return told

    return run
