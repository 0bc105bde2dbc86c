"""A Spark cluster for the session: a master, two executors in processes of their own, one driver.

Scripts run in the driver one after the other, each in a namespace that holds ``spark``. Executors
know an empty cache only: what they need must reach them.
"""

import json
import os
import subprocess
import sys
import threading
import time
import traceback
from pathlib import Path

from apart import CONNECT, spark_of_links

MASTER = "local-cluster[2,1,1024]"


class Cluster:
    """The driver's process, as tests see it."""

    def __init__(self, folder, engine="classic"):
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("SPARK_", "PYSPARK_"))}
        source = str(Path(__file__).parents[1] / "src")
        path = os.pathsep.join(filter(None, [source, os.environ.get("PYTHONPATH")]))
        empty = {
            "SPARK_HOME": spark_of_links(folder / "spark"),
            "IRBIS_HOME": str(folder / "executors"),
        }
        self.logs = folder / "spark" / "work"
        self.said = folder / "stderr"
        with self.said.open("w") as stderr:
            self.process = subprocess.Popen(
                [sys.executable, __file__, engine, os.environ["IRBIS_HOME"]],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=stderr,
                text=True,
                env={**kept, **empty, "PYTHONPATH": path},
                cwd=folder,
            )

    def run(self, script, *arguments):
        """Run a script; what it raises fails the test. Returns what it wrote."""
        at = self.said.stat().st_size
        stuck = threading.Timer(900, self.process.kill)
        stuck.start()
        self.process.stdin.write(json.dumps([script, [*map(str, arguments)]]) + "\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline() or '{"failed": "the driver died"}')
        stuck.cancel()
        said = self.said.read_bytes()[at:].decode(errors="replace")
        assert answer["failed"] is None, answer["failed"] + said[-3000:]
        return said

    def close(self):
        self.process.stdin.close()
        assert self.process.wait(timeout=120) == 0


def both_are_there(spark):
    """Wait for both executors: a test may have killed one, and the master starts another."""
    end = time.monotonic() + 120
    while spark.sparkContext._jsc.sc().getExecutorMemoryStatus().size() < 3:  # with the driver
        assert time.monotonic() < end, "an executor is missing"
        time.sleep(0.1)


def start(engine):
    """A session on two executors."""
    if engine == "connect":
        os.environ["PYSPARK_PYTHON"] = sys.executable
        names = {}
        exec(CONNECT.replace("local[2]", MASTER), names)
        return names["spark"]
    from irbis import session

    spark = session(MASTER, spark__driver__memory="1g")
    assert spark.conf.get("spark.master") == MASTER
    return spark


def serve(engine, cache):
    """Answer each line with what went wrong, if anything did."""
    answers, sys.stdout = sys.stdout, sys.stderr
    spark = start(engine)
    # The driver's cache, from now on: executors were told of another one.
    os.environ["IRBIS_HOME"] = cache
    before = dict(os.environ)
    for line in sys.stdin:
        script, sys.argv[1:] = json.loads(line)
        failed = None
        try:
            if engine == "classic":
                both_are_there(spark)
            exec(compile(script, "script", "exec"), {"__name__": "script", "spark": spark})
        except BaseException:
            failed = traceback.format_exc()
        os.environ.clear()
        os.environ.update(before)
        print(json.dumps({"failed": failed}), file=answers, flush=True)
    spark.stop()


if __name__ == "__main__":
    serve(*sys.argv[1:])
