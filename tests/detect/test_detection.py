"""Resizing, and the way of boxes back to the picture, with a network that says constants."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper, numpy_helper

from irbis.detect.detection import DetectionSession, resize_to_multiple

# Of a 320 x 192 input; the first reaches outside, the scores are not in order.
BOXES = np.array([[-8, -8, 400, 300], [32, 64, 160, 128], [0, 0, 32, 32]], np.float32)
SCORES = np.array([0.3, 0.9, 0.04], np.float32)
LABELS = np.array([1, 2, 1], np.int64)


def constant_network() -> bytes:
    """A detector that finds BOXES in anything, and whose fourth class is the picture's size."""
    outputs = [
        ("boxes", BOXES, TensorProto.FLOAT, ["n", 4]),
        ("labels", LABELS, TensorProto.INT64, ["n"]),
        ("scores", SCORES, TensorProto.FLOAT, ["n"]),
    ]
    nodes = [
        helper.make_node("Constant", [], [name], value=numpy_helper.from_array(value))
        for name, value, _, _ in outputs
    ]
    graph = helper.make_graph(
        nodes,
        "constant",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, [3, "height", "width"])],
        [helper.make_tensor_value_info(name, kind, shape) for name, _, kind, shape in outputs],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    model.ir_version = 8
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString())


@given(st.integers(1, 700), st.integers(1, 700), st.sampled_from([64, 100, 320]))
@settings(max_examples=60, deadline=None)
def test_sides_are_multiples_near_the_long_side(height: int, width: int, long_side: int) -> None:
    resized, x, y = resize_to_multiple(np.zeros((height, width, 3), np.uint8), long_side)
    new_height, new_width = resized.shape[:2]
    assert resized.dtype == np.uint8 and resized.shape[2] == 3
    assert new_height % 32 == new_width % 32 == 0 and min(new_height, new_width) >= 32
    assert abs(max(new_height, new_width) - long_side) <= 16
    assert (x, y) == pytest.approx((new_width / width, new_height / height))


def test_a_picture_of_the_right_size_keeps_its_pixels() -> None:
    picture = np.random.default_rng(0).integers(0, 256, (192, 320, 3), dtype=np.uint8)
    resized, x, y = resize_to_multiple(picture, 320)
    assert np.array_equal(resized, picture) and (x, y) == (1.0, 1.0)


def test_boxes_come_back_in_the_picture_sorted_clipped_and_filtered() -> None:
    session = DetectionSession(constant_network())
    boxes, labels, scores = session.detect(np.zeros((400, 640, 3), np.uint8))
    # 640 x 400 became 320 x 192: halved across, 0.48 down.
    np.testing.assert_allclose(
        boxes, [[64, 64 / 0.48, 320, 128 / 0.48], [0, 0, 640, 400]], rtol=1e-5
    )
    assert labels.tolist() == [2, 1]
    np.testing.assert_allclose(scores, [0.9, 0.3])
    assert (boxes.dtype, labels.dtype, scores.dtype) == (np.float32, np.int64, np.float32)


def test_thresholds_and_counts() -> None:
    session = DetectionSession(constant_network())
    picture = np.zeros((192, 320, 3), np.uint8)
    assert len(session.detect(picture, score_threshold=0.0)[0]) == 3
    assert len(session.detect(picture, score_threshold=0.0, max_detections=1)[0]) == 1
    boxes, labels, scores = session.detect(picture, score_threshold=0.95)
    assert (boxes.shape, labels.shape, scores.shape) == ((0, 4), (0,), (0,))


def test_a_file_serves_as_well_as_bytes(tmp_path: Path) -> None:
    path = tmp_path / "detector.onnx"
    path.write_bytes(constant_network())
    assert len(DetectionSession(path, threads=2).detect(np.zeros((50, 70, 3), np.uint8))[0]) == 2
