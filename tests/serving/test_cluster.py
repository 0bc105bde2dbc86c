"""A worker and an executor of a cluster are killed under load, in every mode."""

import os
from pathlib import Path

import pytest

SCRIPT = """
import sys
sys.path.insert(0, sys.argv[1])
from killing import survives

survives(spark, sys.argv[2])
"""


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="finds executors in Linux's /proc")
@pytest.mark.parametrize("mode", ["continuousServer", "server", "distributedServer"])
def test_a_worker_and_an_executor_are_killed_under_load(cluster, mode):
    if mode != "continuousServer" and "IRBIS_SLOW" not in os.environ:
        pytest.skip("takes half a minute a mode: set IRBIS_SLOW=1")
    said = cluster.run(SCRIPT, Path(__file__).parent, mode)
    # How long each was away; pytest -rP shows it.
    print("\n".join(line for line in said.splitlines() if line.startswith(f"{mode}:")))
