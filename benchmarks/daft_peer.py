"""Daft over the same folder: a process that says "ready", then the seconds of each round asked for."""

import sys
import time
from pathlib import Path
from typing import Any


def main() -> None:
    try:
        import daft
    except ImportError:
        print("not installed")
        return
    import contestants

    folder, cores = Path(sys.argv[1]), int(sys.argv[2])
    content, layer, side = contestants.graph()

    @daft.cls(max_concurrency=cores)
    class Featurize:
        def __init__(self) -> None:
            self.run = contestants.open_session(content)

        @daft.method.batch(return_dtype=daft.DataType.list(daft.DataType.float32()))
        def __call__(self, images: Any) -> Any:
            out = []
            for data in images.to_pylist():
                tensor = contestants.prepared(data, side, 127.0, 128.0)
                answer = None if tensor is None else self.run.run([layer], {"image": tensor[None]})
                out.append(None if answer is None else answer[0][0].tolist())
            return out

    featurize = Featurize()

    def run() -> float:
        started = time.perf_counter()
        paths = daft.from_glob_path(f"{folder}/*.jpg").into_partitions(4 * cores)
        frame = paths.with_column("image", daft.col("path").download())
        frame.with_column("features", featurize(daft.col("image"))).select("features").to_arrow()
        return time.perf_counter() - started

    print("ready", flush=True)
    for _ in sys.stdin:
        print(run(), flush=True)


if __name__ == "__main__":
    main()
