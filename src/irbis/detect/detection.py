"""Running an exported detector: no torch, ONNX Runtime only."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from irbis.image.codec import Picture
from irbis.image.pixels import resized

__all__ = ["DetectionSession", "resize_to_multiple"]


def resize_to_multiple(
    picture: Picture, long_side: int, multiple: int = 32
) -> tuple[Picture, float, float]:
    """Resize so that the long side is about `long_side` and both are multiples.

    Returns
    -------
    picture : ndarray of uint8
    scale_x, scale_y : float
        From the old pixels to the new ones.

    Examples
    --------
    >>> resize_to_multiple(np.zeros((300, 400, 3), np.uint8), 320)[0].shape
    (256, 320, 3)
    """
    height, width = picture.shape[:2]
    scale = long_side / max(height, width)
    new_height = max(multiple, round(height * scale / multiple) * multiple)
    new_width = max(multiple, round(width * scale / multiple) * multiple)
    return resized(picture, new_width, new_height), new_width / width, new_height / height


class DetectionSession:
    """An exported Faster R-CNN, ready to run.

    Parameters
    ----------
    model : bytes or Path
        What :func:`irbis.detect.export.to_onnx` made.
    threads : int, default 1
    long_side : int, pixels, default 320
        Size the network was trained at.
    """

    def __init__(self, model: bytes | Path, *, threads: int = 1, long_side: int = 320) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        content = model if isinstance(model, bytes) else model.read_bytes()
        self._long_side = long_side
        self._run = onnxruntime.InferenceSession(
            content, options, providers=["CPUExecutionProvider"]
        )

    def detect(
        self, picture: Picture, *, score_threshold: float = 0.05, max_detections: int = 100
    ) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.int64], npt.NDArray[np.float32]]:
        """Detect in one picture.

        Parameters
        ----------
        picture : ndarray of uint8, shape (height, width, 3)
            RGB.
        score_threshold : float, default 0.05
        max_detections : int, default 100

        Returns
        -------
        boxes : ndarray of float32, shape (n, 4)
            xmin, ymin, xmax, ymax in pixels of `picture`, inside it, best first.
        labels : ndarray of int64, shape (n,)
            From 1.
        scores : ndarray of float32, shape (n,)
        """
        small, sx, sy = resize_to_multiple(picture, self._long_side)
        tensor = np.ascontiguousarray(small.transpose(2, 0, 1), dtype=np.float32) / np.float32(255)
        boxes, labels, scores = self._run.run(["boxes", "labels", "scores"], {"image": tensor})
        order = np.argsort(-scores, kind="stable")
        order = order[scores[order] >= score_threshold][:max_detections]
        height, width = picture.shape[:2]
        limits = np.array([width, height, width, height], dtype=np.float32)
        scaled = boxes[order] / np.array([sx, sy, sx, sy], dtype=np.float32)
        return np.clip(scaled, 0, limits).astype(np.float32), labels[order], scores[order]
