"""The stand-ins for torchvision's operators, against slow references written here."""

from __future__ import annotations

import math
from types import ModuleType

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

torch = pytest.importorskip("torch")

from irbis.detect import torchvision_ops  # noqa: E402
from irbis.detect.torchvision_ops import load_torchvision, nms, roi_align  # noqa: E402


def slow_roi_align(
    maps: npt.NDArray[np.float64],
    rois: npt.NDArray[np.float64],
    scale: float,
    bins: tuple[int, int],
    samples: int,
    aligned: bool,
) -> npt.NDArray[np.float64]:
    out = np.zeros((len(rois), maps.shape[1], *bins))
    for k, (which, *corners) in enumerate(rois):
        x0, y0, x1, y1 = (c * scale - (0.5 if aligned else 0.0) for c in corners)
        width, height = x1 - x0, y1 - y0
        if not aligned:
            width, height = max(width, 1.0), max(height, 1.0)
        for row in range(bins[0]):
            for column in range(bins[1]):
                for i in range(samples):
                    for j in range(samples):
                        y = y0 + (row + (i + 0.5) / samples) * height / bins[0]
                        x = x0 + (column + (j + 0.5) / samples) * width / bins[1]
                        out[k, :, row, column] += bilinear(maps[int(which)], y, x)
    return out / samples**2


def bilinear(one: npt.NDArray[np.float64], y: float, x: float) -> npt.NDArray[np.float64]:
    height, width = one.shape[1:]
    if y < -1 or y > height or x < -1 or x > width:
        return np.zeros(len(one))
    y, x = min(max(y, 0.0), height - 1.0), min(max(x, 0.0), width - 1.0)
    top, left = math.floor(y), math.floor(x)
    bottom, right = min(top + 1, height - 1), min(left + 1, width - 1)
    v, u = y - top, x - left
    upper = one[:, top, left] * (1 - u) + one[:, top, right] * u
    lower = one[:, bottom, left] * (1 - u) + one[:, bottom, right] * u
    return upper * (1 - v) + lower * v


def maps_and_rois(seed: int, count: int = 9) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    corners = random.uniform(-40, 200, (count, 2, 2))
    corners.sort(axis=1)
    which = random.integers(0, 3, (count, 1))
    return random.normal(size=(3, 2, 8, 11)), np.hstack([which, corners.reshape(count, 4)])


@pytest.mark.parametrize("aligned", [False, True])
@pytest.mark.parametrize("samples", [1, 2])
def test_roi_align_equals_the_loops_also_outside_the_map(aligned: bool, samples: int) -> None:
    maps, rois = maps_and_rois(samples)
    got = roi_align(torch.from_numpy(maps), torch.from_numpy(rois), 1 / 16, 3, 4, samples, aligned)
    np.testing.assert_allclose(
        got.numpy(), slow_roi_align(maps, rois, 1 / 16, (3, 4), samples, aligned), atol=1e-9
    )


def test_roi_align_has_the_numerical_gradient() -> None:
    maps, rois = maps_and_rois(5, count=4)
    values = torch.from_numpy(maps).requires_grad_(True)
    boxes = torch.from_numpy(rois)
    assert torch.autograd.gradcheck(
        lambda x: roi_align(x, boxes, 1 / 16, 2, 2, 2, False), (values,)
    )


def test_roi_align_of_no_box_and_of_a_map_of_one_cell() -> None:
    one = torch.full((1, 2, 1, 1), 3.0)
    assert roi_align(one, torch.zeros((0, 5)), 1.0, 7, 7, 2, False).shape == (0, 2, 7, 7)
    box = torch.tensor([[0.0, 0.0, 0.0, 1.0, 1.0]])
    assert torch.equal(roi_align(one, box, 1.0, 2, 2, 2, False), torch.full((1, 2, 2, 2), 3.0))


def test_roi_align_refuses_the_adaptive_sample_count() -> None:
    with pytest.raises((ValueError, NotImplementedError), match="sampling_ratio"):
        roi_align(torch.zeros((1, 1, 4, 4)), torch.zeros((1, 5)), 1.0, 2, 2, 0, False)


def slow_nms(boxes: np.ndarray, scores: np.ndarray, threshold: float) -> list[int]:
    kept: list[int] = []
    for i in sorted(range(len(boxes)), key=lambda i: -scores[i]):
        if all(not overlaps(boxes[i], boxes[k], threshold) for k in kept):
            kept.append(i)
    return kept


def overlaps(a: np.ndarray, b: np.ndarray, threshold: float) -> bool:
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    shared = max(width, 0) * max(height, 0)
    union = (a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - shared
    return bool(union > 0 and shared / union > threshold)


@given(
    st.lists(st.tuples(*[st.integers(0, 12)] * 4, st.integers(0, 5)), max_size=25),
    st.sampled_from([0.3, 0.5, 0.7]),
)
@settings(max_examples=150, deadline=None)
def test_nms_equals_brute_force_ties_and_empty_boxes_included(
    rows: list[tuple[int, ...]], threshold: float
) -> None:
    table = np.array(rows, dtype=np.float32).reshape(-1, 5)
    low, size, scores = table[:, :2], table[:, 2:4], table[:, 4]
    boxes = np.hstack([low, low + size])
    got = nms(torch.from_numpy(boxes), torch.from_numpy(scores.copy()), threshold)
    assert got.dtype == torch.int64
    assert got.tolist() == slow_nms(boxes, scores, threshold)


def test_torchvision_detects_and_pools_through_whatever_ops_there_are() -> None:
    load_torchvision()
    from torchvision.ops import nms as its_nms
    from torchvision.ops import roi_align as its_roi_align

    maps, rois = maps_and_rois(7)
    got = its_roi_align(
        torch.from_numpy(maps).float(), torch.from_numpy(rois).float(), (3, 3), 1 / 16, 2
    )
    slow = slow_roi_align(maps, rois, 1 / 16, (3, 3), 2, False)
    np.testing.assert_allclose(got.numpy(), slow, atol=1e-4)
    boxes = torch.tensor([[0.0, 0, 10, 10], [0, 0, 10, 9], [20, 20, 30, 30]])
    assert its_nms(boxes, torch.tensor([0.5, 0.9, 0.1]), 0.5).tolist() == [1, 2]


def test_nothing_is_registered_where_torchvision_imports(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = ModuleType("torchvision")
    monkeypatch.setattr(torchvision_ops, "require", lambda module, extra: whole)
    monkeypatch.setattr(torchvision_ops, "_register", lambda: pytest.fail("registered"))
    assert load_torchvision() is whole


def test_another_runtime_error_passes_unchanged(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(module: str, extra: str) -> ModuleType:
        if module == "torchvision":
            raise RuntimeError("something else")
        return torch

    monkeypatch.setattr(torchvision_ops, "require", broken)
    monkeypatch.setattr(torchvision_ops, "_register", lambda: pytest.fail("registered"))
    with pytest.raises(RuntimeError, match="something else"):
        load_torchvision()
