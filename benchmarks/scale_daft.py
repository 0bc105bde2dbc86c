"""Daft over the same tables."""

import sys
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

    def stage(onnx: str) -> Any:
        @daft.cls(max_concurrency=cores)
        class Detect:
            def __init__(self) -> None:
                self.one = scale_work.opened(onnx)

            @daft.method.batch(return_dtype=kind)
            def __call__(self, images: Any) -> Any:
                return [self.one(data) for data in images.to_pylist()]

        return Detect()

    def run(onnx: str, table: str, out: str) -> None:
        if onnx not in made:
            made[onnx] = stage(onnx)
        frame = daft.read_parquet(f"{table}/*.parquet").into_batches(64)
        found = frame.with_column("found", made[onnx](daft.col("image")))
        found.select("path", "found").write_parquet(out)

    scale_work.answer(run)


if __name__ == "__main__":
    main()
