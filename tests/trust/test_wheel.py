"""The wheel and the sdist, as a user gets them: built, looked into, installed elsewhere, run."""

import os
import subprocess
import sys
import sysconfig
import tarfile
import venv
import zipfile
from email.parser import Parser
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SLOW = pytest.mark.skipif("IRBIS_SLOW" not in os.environ, reason="installs all: IRBIS_SLOW=1")


def run(*command, cwd):
    """Run a program outside the checkout, without this process's paths."""
    kept = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "VIRTUAL_ENV")}
    said = subprocess.run(
        [str(part) for part in command],
        cwd=cwd, capture_output=True, text=True, check=False, timeout=900, env=kept,
    )  # fmt: skip
    assert said.returncode == 0, said.stdout + said.stderr
    return said.stdout


def build(source, target, kind):
    run(sys.executable, "-m", "hatchling", "build", "-t", kind, "-d", target, cwd=source)
    (made,) = [p for p in target.iterdir() if p.suffix == {"wheel": ".whl", "sdist": ".gz"}[kind]]
    return made


@pytest.fixture(scope="module")
def sdist(tmp_path_factory):
    return build(ROOT, tmp_path_factory.mktemp("sdist"), "sdist")


@pytest.fixture(scope="module")
def wheel(sdist, tmp_path_factory):
    """Built from the sdist, as everybody's is who has no wheel."""
    place = tmp_path_factory.mktemp("unpacked")
    with tarfile.open(sdist) as packed:
        packed.extractall(place, filter="data")
    (source,) = place.iterdir()
    return build(source, tmp_path_factory.mktemp("wheel"), "wheel")


@pytest.fixture(scope="module")
def names(wheel):
    with zipfile.ZipFile(wheel) as packed:
        return packed.namelist()


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """A Python with this wheel, and with the packages of ours, but not our irbis."""
    place = tmp_path_factory.mktemp("elsewhere")
    venv.create(place / "venv", with_pip=False)
    python = place / "venv" / "bin" / "python"
    run(
        sys.executable, "-m", "pip", "--python", python, "--disable-pip-version-check",
        "install", "--no-deps", "--no-index", "--no-compile", wheel, cwd=place,
    )  # fmt: skip
    site = run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=place)
    # A folder named in a .pth file is looked into, but its own .pth files are not: an editable
    # irbis among them stays out.
    Path(site.strip(), "packages.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return python


def test_the_wheel_holds_the_package_and_nothing_else(names):
    own = [n for n in names if not n.startswith("irbis-0.1.0.dist-info/")]
    assert {n.partition("/")[0] for n in own} == {"irbis"}
    assert "irbis/py.typed" in own
    here = {p.relative_to(ROOT / "src").as_posix() for p in (ROOT / "src").rglob("*.py")}
    assert {n for n in own if n.endswith(".py")} == here
    assert not [n for n in own if n.endswith((".pyc", ".onnx", ".ipynb"))]


def test_the_sample_and_its_licence_are_inside(names):
    pets = [n for n in names if n.startswith("irbis/samples/pets/")]
    assert "irbis/samples/pets/LICENSE.txt" in pets
    assert len([n for n in pets if n.endswith(".jpg")]) == 220
    licences = {n.rpartition("/")[2] for n in names if "dist-info/licenses" in n}
    assert licences == {"LICENSE", "NOTICE"}


def test_its_metadata(wheel):
    with zipfile.ZipFile(wheel) as packed:
        said = Parser().parsestr(packed.read("irbis-0.1.0.dist-info/METADATA").decode())
    assert (said["Name"], said["Version"]) == ("irbis", "0.1.0")
    assert said["License-Expression"] == "Apache-2.0"
    everything = [r for r in said.get_all("Requires-Dist") if "extra == 'all'" in r]
    assert everything
    assert not [r for r in everything if "yake" in r or "keyphrases" in r]


def test_the_sdist_has_what_a_distributor_needs(sdist):
    with tarfile.open(sdist) as packed:
        inside = {n.partition("/")[2] for n in packed.getnames()}
    assert {"LICENSE", "NOTICE", "README.md", "CHANGELOG.md", "pyproject.toml"} <= inside
    assert "src/irbis/samples/pets/LICENSE.txt" in inside


def test_one_version_everywhere():
    from irbis import __version__

    assert f'version = "{__version__}"' in (ROOT / "pyproject.toml").read_text()
    assert f"## {__version__}" in (ROOT / "CHANGELOG.md").read_text()


def test_it_runs_outside_the_checkout(installed, tmp_path):
    assert "discover" in run(installed.parent / "irbis", "--help", cwd=tmp_path)
    script = (
        "import irbis, pyarrow as pa; from irbis.samples import PETS;"
        "file = sorted((PETS / 'cats').iterdir())[0];"
        "table = irbis.PerceptualHash().transform(pa.table({'image': [file.read_bytes()]}));"
        "print(irbis.__file__, table['hash_error'][0])"
    )
    path, said = run(installed, "-c", script, cwd=tmp_path).split()
    assert said == "None"
    assert Path(path).is_relative_to(installed.parents[1])


@SLOW
def test_with_its_own_dependencies(wheel, tmp_path):
    venv.create(tmp_path / "venv", with_pip=True)
    python = tmp_path / "venv" / "bin" / "python"
    limits = ROOT / "constraints.txt"
    run(python, "-m", "pip", "install", "-q", "-c", limits, f"{wheel}[http]", cwd=tmp_path)
    assert "discover" in run(python.parent / "irbis", "--help", cwd=tmp_path)
    script = "import irbis; irbis.UnrollImage; irbis.HTTPTransformer; print(irbis.session().range(3).count())"
    assert run(python, "-c", script, cwd=tmp_path).split()[-1] == "3"
