"""Workers are never forked from a process that has threads (test_settled.py: what they start with)."""

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="threads are counted in /proc")

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
