"""Ray Data over the same tables."""

import logging
import os
import sys
from typing import Any

import scale_work


def main() -> None:
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    try:
        import ray
        import ray.data
    except ImportError as error:
        print(f'{{"missing": "not installed ({error.name})"}}', flush=True)
        return
    cores = int(sys.argv[1])
    for left in (2, 1, 0):  # on a busy machine its own parts wait too short for each other
        try:
            ray.init(
                num_cpus=cores,
                include_dashboard=False,
                object_store_memory=1 << 30,
                log_to_driver=False,
                logging_level=logging.ERROR,
            )
            break
        except Exception:
            ray.shutdown()
            if not left:
                raise
    context = ray.data.DataContext.get_current()
    context.enable_progress_bars = False

    class Detect:
        def __init__(self, onnx: str) -> None:
            self.one = scale_work.opened(onnx)

        def __call__(self, batch: Any) -> Any:
            found = [self.one(data) for data in batch["image"].to_pylist()]
            import pyarrow as pa

            return pa.table({"path": batch["path"], "found": found})

    def run(onnx: str, table: str, out: str) -> None:
        rows = ray.data.read_parquet(table)
        rows.map_batches(
            Detect,
            fn_constructor_args=(onnx,),
            batch_size=64,
            batch_format="pyarrow",
            concurrency=cores,
            # Reading and writing need a place beside them: half a core's.
            num_cpus=0.5,
        ).write_parquet(out)

    scale_work.answer(run)


if __name__ == "__main__":
    main()
