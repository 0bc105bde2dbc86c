"""Workers start with their libraries, settle, end silently, and no other process is touched."""

import gc
import subprocess
import sys

from apart import CLASSIC
from irbis import settled

SCRIPT = (
    CLASSIC
    + """
import gc, sys
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
if sys.platform == "linux":
    print("BORN", spark.range(0, 1, 1, 1).mapInArrow(born, "t string").first().t)
from irbis import PipelineModel, ReadFiles, UnrollImage
from irbis.image.reading import read_pictures
from irbis.samples import PETS
frame = PipelineModel([ReadFiles(), UnrollImage(width=2, height=2)]).transform(
    read_pictures(spark, [PETS], content=False)
)
assert frame.count() > 50
def frozen(batches):
    import gc
    import pyarrow as pa
    for batch in batches:
        yield pa.record_batch({"n": [gc.get_freeze_count()] * batch.num_rows})
counts = {r.n for r in spark.range(0, 4, 1, 4).mapInArrow(frozen, "n long").collect()}
print("FROZEN", *counts)
spark.stop()
"""
)


def test_only_in_a_worker():
    before = gc.get_freeze_count()
    settled.settle()
    assert gc.get_freeze_count() == before


def test_workers_are_frozen_and_end_without_a_word():
    said = subprocess.run(
        [sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True, timeout=300
    )
    counts = [int(n) for n in said.stdout.split("FROZEN", 1)[1].split()]
    assert counts
    assert min(counts) > 10_000
    assert "Traceback" not in said.stderr, said.stderr
    if sys.platform == "linux":
        assert "BORN irbis.daemon pyarrow pandas irbis.vectors True" in said.stdout
