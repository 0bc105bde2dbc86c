"""Daft over the same tables."""

import sys
from pathlib import Path
from typing import Any

import scale_work


def main() -> None:
    try:
        import daft
    except ImportError as error:
        print(f'{{"missing": "not installed ({error.name})"}}', flush=True)
        return
    cores = int(sys.argv[1])
    kind = daft.DataType.struct(
        {
            "boxes": daft.DataType.list(daft.DataType.float32()),
            "scores": daft.DataType.list(daft.DataType.float32()),
            "error": daft.DataType.string(),
        }
    )
    made: dict[str, Any] = {}

    def stage(detector: str) -> Any:
        content, side = scale_work.onnx_of(Path(detector))

        @daft.cls(max_concurrency=cores)
        class Detect:
            def __init__(self) -> None:
                self.one = scale_work.opened(content, side)

            @daft.method.batch(return_dtype=kind)
            def __call__(self, images: Any) -> Any:
                return [self.one(data) for data in images.to_pylist()]

        return Detect()

    def run(detector: str, table: str, out: str) -> None:
        if detector not in made:
            made[detector] = stage(detector)
        frame = daft.read_parquet(f"{table}/*.parquet").into_batches(64)
        found = frame.with_column("found", made[detector](daft.col("image")))
        found.select("path", "found").write_parquet(out)

    scale_work.answer(run)


if __name__ == "__main__":
    main()
