"""irbis's `detect` on two executors in processes of their own: the driver's memory is the driver's."""

import os
import sys
import tempfile
from pathlib import Path
from typing import Any

import scale_work


def links() -> str:
    """A SPARK_HOME of links: a local-cluster writes to $SPARK_HOME/work."""
    import pyspark

    folder = Path(tempfile.mkdtemp(prefix="irbis-spark-"))
    for entry in Path(pyspark.__file__).parent.iterdir():
        if entry.name != "work":
            (folder / entry.name).symlink_to(entry)
    return str(folder)


def java() -> int:
    """The driver's JVM: this process's child."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
                program = (entry / "comm").read_text().strip()
            except (FileNotFoundError, ProcessLookupError):
                continue
            if parent == os.getpid() and program == "java":
                return int(entry.name)
    return 0


def main() -> None:
    cores = sys.argv[1]
    os.environ["SPARK_HOME"] = links()
    from irbis import Detector, session
    from irbis.detect.apply import detect_pictures
    from irbis.files import FileRef, sha256_of

    # A heap that could not hold the larger tables.
    spark = session(f"local-cluster[{cores},1,1024]", spark__driver__memory="512m")
    runtime = spark.sparkContext._jvm.java.lang.Runtime.getRuntime()  # noqa: SLF001

    def live() -> dict[str, Any]:
        runtime.gc()
        return {"live_heap_mb": (runtime.totalMemory() - runtime.freeMemory()) / 2**20}

    def run(onnx: str, table: str, out: str) -> Any:
        saved = f"{onnx}.detector"
        if not Path(saved).exists():
            file = FileRef(onnx, sha256_of(onnx))
            Detector(labels=["animal"], longSide=scale_work.SIDE).setFile(file).save(saved)
        detect_pictures(saved, table, out, show=False)
        return live

    scale_work.answer(run, pids=[os.getpid(), java()])


if __name__ == "__main__":
    main()
