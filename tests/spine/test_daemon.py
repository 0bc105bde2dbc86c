"""Workers start with the libraries loaded, and never from a process that has threads."""

import subprocess
import sys
from pathlib import Path

import pytest

from apart import CLASSIC

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="threads are counted in /proc")

JOB = """
def born(batches):
    import os, sys
    from pathlib import Path
    import pyarrow as pa
    parent = Path(f"/proc/{os.getppid()}/cmdline").read_text().split(chr(0))
    # Before a task of ours has loaded anything.
    loaded = [m for m in ("pyarrow", "pandas", "irbis.vectors") if m in sys.modules]
    unzipped = "pyspark.zip" not in sys.modules["pyspark.worker"].__file__
    for batch in batches:
        yield pa.record_batch({"t": [" ".join([parent[2], *loaded, str(unzipped)])]})
print("BORN", spark.range(0, 1, 1, 1).mapInArrow(born, "t string").first().t)
spark.stop()
"""
THREAD = """
import threading
threading.Thread(target=threading.Event().wait, daemon=True).start()
"""
DAEMON = """
import sys
sys.path.insert(0, sys.argv.pop())
from irbis import daemon
daemon._LIBRARIES = ("a_library",)
daemon._main()
"""


def test_a_worker_is_born_with_its_libraries():
    said = subprocess.run(
        [sys.executable, "-c", CLASSIC + JOB],
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )
    assert "BORN irbis.daemon pyarrow pandas irbis.vectors True" in said.stdout
    assert "Traceback" not in said.stderr, said.stderr


@pytest.mark.parametrize(("library", "runs"), [("", "-c"), (THREAD, "pyspark.daemon")])
def test_a_process_with_threads_is_not_forked_from(tmp_path, library, runs):
    (tmp_path / "a_library.py").write_text(library)
    with subprocess.Popen(
        [sys.executable, "-c", DAEMON, "pyspark.worker", str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert len(process.stdout.read(4)) == 4  # the port, as Spark reads it
        command = Path(f"/proc/{process.pid}/cmdline").read_text().split("\0")
        process.stdin.close()  # so Spark ends it
        process.wait(timeout=60)
    assert runs in command[:3]
    assert command[-2] == "pyspark.worker" or runs == "-c"
