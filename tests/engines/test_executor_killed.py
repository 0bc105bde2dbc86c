"""An executor is killed in the middle of a job: every row still comes, to the bit as without."""

import os
import textwrap
from pathlib import Path

import pytest

SLOW = pytest.mark.skipif("IRBIS_SLOW" not in os.environ, reason="as features: set IRBIS_SLOW=1")
SCRIPT = textwrap.dedent(
    """
    import os
    import signal
    import sys
    import threading
    import time
    from pathlib import Path

    from pyspark.sql import functions as F

    from irbis import ImageFeaturizer, ImageLIME, ModelDownloader, PipelineModel, Stage
    from irbis.detect.searching import write, written
    from irbis.samples import PETS
    from tiny_detector import tiny_detector

    ROWS, PARTITIONS, FREE, GIVE_UP = int(sys.argv[3]), 20, 6, 300
    here, made = Path(sys.argv[1]), sys.argv[2]
    (here / "marks").mkdir()


    class Gate(Stage):
        '''Leaves a mark for each batch; from partition FREE on it waits until "go" is there.

        So the kill comes when some partitions are done and others are being worked on, whatever
        the speed of the machine. It is in one pass with the stage: the same process.
        '''

        def input_columns(self):
            return ["image"]

        def output_fields(self, schema):
            return []

        def make_function(self):
            def gate(batch):
                from pyspark import TaskContext

                task = TaskContext.get()
                mark = f"{task.partitionId()}-{task.attemptNumber()}-{os.getpid()}-{time.time_ns()}"
                (here / "marks" / mark).touch()
                end = time.monotonic() + GIVE_UP
                while task.partitionId() >= FREE and not (here / "go").exists():
                    assert time.monotonic() < end, "nobody opened the gate"
                    time.sleep(0.05)
                return batch

            return gate


    def marks():
        return [tuple(map(int, f.name.split("-"))) for f in (here / "marks").iterdir()]


    def parent(pid):
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


    def executor_of(pid):
        while b"CoarseGrainedExecutorBackend" not in Path(f"/proc/{pid}/cmdline").read_bytes():
            pid = parent(pid)
        return pid


    def descendants(pid):
        all_pids = [int(p.name) for p in Path("/proc").iterdir() if p.name.isdigit()]
        found = []
        for each in all_pids:
            try:
                up = each
                while up not in (0, pid):
                    up = parent(up)
            except (FileNotFoundError, ProcessLookupError):
                continue
            found += [each] if up == pid else []
        return found


    def kill_one():
        while not (waiting := [m for m in marks() if m[0] >= FREE]):
            time.sleep(0.1)
        partition, attempt, worker, _ = waiting[0]
        executor = executor_of(worker)
        assert os.getpid() != executor and executor in descendants(os.getpid())
        for pid in [executor, *descendants(executor)]:  # the JVM and its Python workers
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass  # died with its parent
        killed.append((partition, attempt, worker))
        (here / "go").touch()


    network = ModelDownloader().downloadByName("EfficientNetLite0")
    paths = sorted(PETS.glob("*/*.jpg"))[:ROWS]
    rows = [(i, bytearray(p.read_bytes())) for i, p in enumerate(paths)]
    # Behind a shuffle: what the killed executor had written for others is lost too.
    frame = spark.createDataFrame(rows, "id long, image binary").repartition(PARTITIONS)
    if made == "features":
        stage = ImageFeaturizer(outputCol="features").setModel(network)
    elif made == "detections":
        stage = tiny_detector(here).setSizeCol("size")
    else:
        whole = ImageFeaturizer(cutOutputLayers=0, outputCol="probability").setModel(network)
        stage = ImageLIME(model=whole, targetClasses=[281], numSamples=8, numSegments=3)
    model = PipelineModel([Gate(), stage])


    def bits(value):
        return value.toArray().tobytes() if made == "features" else repr(value).encode()


    def result(place):
        '''As a caller collects it, or as `irbis detect` writes it.'''
        if made != "detections":
            return model.transform(frame)
        write(model, frame.withColumn("path", F.col("id").cast("string")), place, "path", "me")
        return written(spark, place, "path", "me").withColumn("id", F.col("path").cast("long"))


    def transformed(place):
        found = {}
        for row in result(str(here / place)).select("id", made, f"{made}_error").collect():
            assert row["id"] not in found, "a row came twice"
            assert row[f"{made}_error"] is None
            found[row["id"]] = bits(row[made])
        return found


    killed = []
    thread = threading.Thread(target=kill_one, daemon=True)
    thread.start()
    disturbed = transformed("disturbed")
    thread.join(GIVE_UP)
    partition, attempt, worker = killed[0]
    seen = marks()
    # It was in the middle: partitions were done before, and the interrupted one was run again.
    assert len({m[0] for m in seen if m[0] < FREE}) > 0
    assert any(m[0] == partition and m[2] != worker for m in seen), seen

    for mark in (here / "marks").iterdir():
        mark.unlink()
    undisturbed = transformed("undisturbed")
    assert sorted(disturbed) == sorted(undisturbed) == list(range(ROWS))
    assert disturbed == undisturbed
    # The same boxes in every picture, cut off at its sides.
    assert len(set(undisturbed.values())) > (0 if made == "detections" else ROWS // 2)
    """
)


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="finds the executor in /proc")
@pytest.mark.parametrize(
    ("made", "rows"),
    [
        ("features", 80),
        ("explanation", 24),
        pytest.param("detections", 80, marks=SLOW),
    ],
)
def test_a_killed_executor_costs_no_row(cluster, tmp_path, made, rows):
    cluster.run(SCRIPT, tmp_path, made, rows)
