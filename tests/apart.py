"""Scripts in a process of their own: no session, no Java or a chosen engine, and an empty cache."""

import os
import subprocess
import sys
from pathlib import Path

# No JVM can start: there is no java, and whoever asks for a session is told off.
WITHOUT_SPARK = """
import pyspark.sql

def refuse(*args, **kwargs):
    raise AssertionError("a Spark session was asked for")

pyspark.sql.SparkSession.Builder.getOrCreate = refuse
pyspark.sql.SparkSession.__init__ = refuse
"""
CLASSIC = """
import irbis
spark = irbis.session("local[2]")
"""
CONNECT = """
import socket
from pyspark.sql import SparkSession
from pyspark.sql.connect.client.core import DefaultChannelBuilder

with socket.socket() as probe:
    probe.bind(("127.0.0.1", 0))
    port = probe.getsockname()[1]
DefaultChannelBuilder.default_port = staticmethod(lambda: port)
spark = (
    SparkSession.builder.remote("local[2]")
    .config("spark.connect.grpc.binding.port", port)
    .getOrCreate()
)
"""


def spark_of_links(folder):
    """A SPARK_HOME in which a local-cluster keeps its files to itself.

    Its workers write to $SPARK_HOME/work, which is the installed package, and name the folder after
    the second of the start: two runs would meet there.
    """
    import pyspark

    folder.mkdir()
    for entry in Path(pyspark.__file__).parent.iterdir():
        if entry.name != "work":
            (folder / entry.name).symlink_to(entry)
    return str(folder)


def run(script, *arguments, home, java=True, path=()):
    """Run a script; `home` becomes its cache, `path` its own modules."""
    ours = ("LANG", "LC_", "TMPDIR", "JDK_", "COVERAGE_")
    kept = {k: v for k, v in os.environ.items() if k.startswith(ours)}
    extra = [*map(str, path), os.environ.get("PYTHONPATH", "")]
    env = {**kept, "IRBIS_HOME": str(home), "HOME": str(home)}
    env["PYTHONPATH"] = os.pathsep.join(filter(None, extra))
    empty = Path(home) / "empty"
    empty.mkdir(parents=True, exist_ok=True)
    if java:
        env["PATH"] = os.environ["PATH"]
        env.update({k: os.environ[k] for k in ("JAVA_HOME",) if k in os.environ})
    else:
        env["PATH"] = str(empty)
    env["PYSPARK_PYTHON"] = sys.executable
    said = subprocess.run(
        [sys.executable, "-c", script, *map(str, arguments)],
        capture_output=True,
        text=True,
        env=env,
        cwd=empty,
        check=False,
        timeout=500,
    )
    assert said.returncode == 0, said.stdout[-2000:] + said.stderr[-4000:]
    return said.stdout
