"""The contestants of featurize.py: the same decoder, network, layer and cores for each."""

import multiprocessing
import os
import time
from pathlib import Path
from typing import Any

import numpy as np

from irbis import (
    DropColumns,
    ImageFeaturizer,
    ModelDownloader,
    PipelineModel,
    ReadFiles,
    session,
)
from irbis.image.codec import PictureError, decode
from irbis.image.pixels import resized
from irbis.image.reading import read_pictures

CUT = 2  # layers: pooled features


def prepared(data: bytes, side: int, mean: float, std: float) -> np.ndarray | None:
    """Decode, resize and normalise, as anybody would write it."""
    try:
        pixels = resized(decode(data), side, side).astype(np.float32)
    except PictureError:
        return None
    return np.ascontiguousarray(((pixels - mean) / std).transpose(2, 0, 1))


def open_session(graph: bytes) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])


def graph() -> tuple[bytes, str, int]:
    """Network cut at the layer, the layer's name, the side of its input."""
    from irbis.model.onnx_graph import cut

    network = ModelDownloader().downloadByName("EfficientNetLite0")
    layer = network.layerNames[-1 - CUT]
    return cut(network.file.locate().read_bytes(), layer), layer, network.inputHeight


class BareLoop:
    """Processes that take paths from a queue: no engine, no table, nothing between."""

    def __init__(self, cores: int) -> None:
        context = multiprocessing.get_context("spawn")
        self.cores, self.todo, self.done = cores, context.Queue(), context.Queue()
        made = graph()
        self.workers = [
            context.Process(target=_bare, args=(made, self.todo, self.done), daemon=True)
            for _ in range(cores)
        ]
        for worker in self.workers:
            worker.start()
        for _ in self.workers:
            self.done.get()

    def run(self, paths: list[Path]) -> float:
        """Featurise all; return the seconds."""
        started = time.perf_counter()
        parts = [paths[i : i + 8] for i in range(0, len(paths), 8)]
        for part in parts:
            self.todo.put([str(p) for p in part])
        rows = sum(self.done.get() for _ in parts)
        assert rows == len(paths)
        return time.perf_counter() - started

    def close(self) -> None:
        for worker in self.workers:
            worker.kill()


def _bare(made: tuple[bytes, str, int], todo: Any, done: Any) -> None:
    content, layer, side = made
    run = open_session(content)
    done.put("ready")
    while True:
        paths = todo.get()
        features = []
        for path in paths:
            tensor = prepared(Path(path).read_bytes(), side, 127.0, 128.0)
            features.append(
                None if tensor is None else run.run([layer], {"image": tensor[None]})[0]
            )
        done.put(len(features))


def spark_session(cores: int) -> Any:
    here = str(Path(__file__).parent)  # Spark's workers import this module too
    os.environ["PYTHONPATH"] = os.pathsep.join([here, os.environ.get("PYTHONPATH", "")])
    return session(f"local[{cores}, 4]")


def _drain(frame: Any) -> float:
    started = time.perf_counter()
    frame.write.format("noop").mode("overwrite").save()
    return time.perf_counter() - started


def _featurizer() -> ImageFeaturizer:
    network = ModelDownloader().downloadByName("EfficientNetLite0")
    return ImageFeaturizer(cutOutputLayers=CUT).setModel(network)


def irbis(spark: Any, folder: Path) -> float:
    """Spark lists the folder, its workers read and featurise; all is computed and thrown away."""
    listed = read_pictures(spark, [folder], content=False)
    stages = [ReadFiles(), _featurizer(), DropColumns(cols=["image"])]
    return _drain(PipelineModel(stages).transform(listed))


def irbis_binary_file(spark: Any, folder: Path) -> float:
    """The same with the pictures read by Spark, as a column of bytes from a table would be."""
    return _drain(_featurizer().transform(read_pictures(spark, [folder])))


def predict_batch(spark: Any, folder: Path) -> float:
    """pyspark.ml.functions.predict_batch_udf, written as its documentation shows it."""
    from pyspark.ml.functions import predict_batch_udf
    from pyspark.sql.types import ArrayType, FloatType

    content, layer, side = graph()

    def make() -> Any:
        run = open_session(content)

        def predict(images: np.ndarray) -> np.ndarray:
            rows = [prepared(bytes(data), side, 127.0, 128.0) for data in images]
            blank = np.zeros((3, side, side), np.float32)
            stacked = np.stack([blank if r is None else r for r in rows])
            return run.run([layer], {"image": stacked})[0]

        return predict

    udf = predict_batch_udf(make, return_type=ArrayType(FloatType()), batch_size=16)
    # The same files in the same partitions as irbis.
    return _drain(read_pictures(spark, [folder]).withColumn("features", udf("image")))


os.environ.setdefault("OMP_NUM_THREADS", "1")
