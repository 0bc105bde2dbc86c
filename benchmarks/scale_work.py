"""What scale.py's contestants have in common: pictures, a stand-in network, how they are told."""

import io
import json
import os
import random
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from PIL import Image

ROWS = 256  # of a file of a table
SIDE = 320


def bases(folder: Path, most: int, side: int | None) -> list[bytes]:
    """JPEGs below a folder, seeded; re-encoded with that long side, or as they are."""
    found = sorted(p for p in folder.rglob("*") if p.suffix.lower() in (".jpg", ".jpeg"))
    chosen = random.Random(0).sample(found, min(most, len(found)))
    return [p.read_bytes() if side is None else _small(p, side) for p in chosen]


def _small(path: Path, side: int) -> bytes:
    with Image.open(path) as picture:
        rgb = picture.convert("RGB")
    rgb.thumbnail((side, side))
    out = io.BytesIO()
    rgb.save(out, "JPEG", quality=85)
    return out.getvalue()


def write_table(place: Path, pictures: list[bytes], count: int) -> None:
    """A table of path and image; repeated pictures differ in eight bytes behind their end."""
    place.mkdir(parents=True)
    for start in range(0, count, ROWS):
        numbers = range(start, min(start + ROWS, count))
        content = [pictures[i % len(pictures)] + i.to_bytes(8, "big") for i in numbers]
        table = pa.table({"path": [f"{i:07}.jpg" for i in numbers], "image": content})
        pq.write_table(table, place / f"{start:07}.parquet", compression="none")


def stand_in(folder: Path) -> Path:
    """A detector's ONNX file of two convolutions: what is left is what engines do."""
    from onnx import TensorProto, helper, numpy_helper

    rng = np.random.default_rng(0)
    made = {
        "one": rng.normal(0, 0.1, (8, 3, 5, 5)).astype(np.float32),
        "two": rng.normal(0, 0.1, (16, 8, 3, 3)).astype(np.float32),
        "none": np.array([0], np.int64),
        "all": np.array([0, 1, 2], np.int64),
        "boxes": np.array([[8, 8, 90, 90]], np.float32),
        "labels": np.array([1], np.int64),
    }
    nodes = [
        helper.make_node("Constant", [], [name], value=numpy_helper.from_array(value))
        for name, value in made.items()
    ]
    nodes += [
        helper.make_node("Unsqueeze", ["image", "none"], ["x"]),
        helper.make_node("Conv", ["x", "one"], ["x1"], strides=[4, 4]),
        helper.make_node("Relu", ["x1"], ["x2"]),
        helper.make_node("Conv", ["x2", "two"], ["x3"], strides=[4, 4]),
        helper.make_node("ReduceMean", ["x3"], ["mean"], keepdims=0),
        helper.make_node("Sigmoid", ["mean"], ["score"]),
        helper.make_node("Unsqueeze", ["score", "none"], ["scores"]),
    ]
    kinds = {"boxes": ([1, 4], 1), "labels": ([1], 7), "scores": ([1], 1)}
    graph = helper.make_graph(
        nodes,
        "stand-in",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, [3, "h", "w"])],
        [helper.make_tensor_value_info(n, kind, shape) for n, (shape, kind) in kinds.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    path = folder / "stand-in.onnx"
    path.write_bytes(model.SerializeToString())
    return path


def opened(onnx: str) -> Callable[[bytes], dict[str, Any]]:
    """Decode and detect, with irbis's decoder and session: only the engine differs."""
    from irbis.detect.detection import DetectionSession
    from irbis.image.codec import PictureError, decode

    session = DetectionSession(Path(onnx), threads=1, long_side=SIDE)

    def one(data: bytes) -> dict[str, Any]:
        try:
            picture = decode(data)
        except PictureError as error:
            return {"boxes": [], "scores": [], "error": str(error)}
        boxes, _, scores = session.detect(picture)
        return {"boxes": boxes.reshape(-1).tolist(), "scores": scores.tolist(), "error": ""}

    return one


def answer(run: Callable[[str, str, str], Any], **ready: Any) -> None:
    """Say that it is ready, then run each line of ONNX file, table and out; print the seconds."""
    say = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what engines print is no answer
    print(json.dumps({"pids": [os.getpid()], **ready}), file=say, flush=True)
    for line in sys.stdin:
        started = time.perf_counter()
        also = run(*line.rstrip("\n").split("\t")) or {}
        seconds = time.perf_counter() - started
        told = {"seconds": seconds, **(also() if callable(also) else also)}
        print(json.dumps(told), file=say, flush=True)
