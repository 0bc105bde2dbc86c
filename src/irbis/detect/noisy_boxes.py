"""What Faster R-CNN's losses make of boxes that nobody checked. Imports torch: import it late.

Two things beside torchvision's own. A box has a weight: how much its proposals count in the loss of
the second stage. And a picture has regions that teach nothing: a proposal or an anchor that lies
there, and on no box, is neither object nor background (Wang et al., CutLER, 2023, leave out what
touches no box: "DropLoss"). Without either the losses are torchvision's.
"""

from __future__ import annotations

from typing import Any

import torch
from torch.nn.functional import cross_entropy, smooth_l1_loss

__all__ = ["forgiving"]

_INSIDE = 0.5  # a proposal lies in a region with this share of its area
_TOUCHES = 0.01  # IoU from which on it touches a box
_BETA = 1 / 9  # where torchvision's smooth L1 turns linear

Target = dict[str, torch.Tensor]


def forgiving(detection: Any) -> tuple[Any, Any]:
    """Make the classes of the two stages.

    Parameters
    ----------
    detection : module
        ``torchvision.models.detection``.

    Returns
    -------
    proposals, heads : type
        Like RegionProposalNetwork and RoIHeads. Targets may have ``weights`` (k,), ``ignore``
        (m, 4) and ``spare_far`` (): whether what touches no box is left out.
    """

    class Proposals(detection.rpn.RegionProposalNetwork):
        def assign_targets_to_anchors(self, anchors: Any, targets: list[Target]) -> Any:
            labels, matched = super().assign_targets_to_anchors(anchors, targets)
            for label, regions, target in zip(labels, anchors, targets, strict=True):
                label[(label == 0) & _spared(regions, target)] = -1
            return labels, matched

    class Heads(detection.roi_heads.RoIHeads):
        _targets: list[Target]

        def assign_targets_to_proposals(self, proposals: Any, *truth: Any) -> Any:
            matched, labels = super().assign_targets_to_proposals(proposals, *truth)
            for label, regions, target in zip(labels, proposals, self._targets, strict=True):
                label[(label == 0) & _spared(regions, target)] = -1
            return matched, labels

        def forward(self, features: Any, proposals: Any, shapes: Any, targets: Any = None) -> Any:
            if not self.training:
                return super().forward(features, proposals, shapes, targets)
            self._targets = targets
            chosen, matched, labels, goals = self.select_training_samples(proposals, targets)
            pooled = self.box_roi_pool(features, chosen, shapes)
            logits, shifts = self.box_predictor(self.box_head(pooled))
            weights = [
                _weights(target, at, label)
                for target, at, label in zip(targets, matched, labels, strict=True)
            ]
            return [], _losses(logits, shifts, labels, goals, torch.cat(weights))

    return Proposals, Heads


def _spared(regions: torch.Tensor, target: Target) -> torch.Tensor:
    """Which regions can't be called background."""
    spared = torch.zeros(len(regions), dtype=torch.bool)
    if "ignore" in target and len(target["ignore"]):
        area = (regions[:, 2:] - regions[:, :2]).prod(dim=1)
        inside = _overlap(regions, target["ignore"]).amax(dim=1)
        spared |= inside >= _INSIDE * area
    if bool(target.get("spare_far", False)) and len(target["boxes"]):
        spared |= _iou(regions, target["boxes"]).amax(dim=1) < _TOUCHES
    return spared


def _overlap(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    low = torch.maximum(a[:, None, :2], b[None, :, :2])
    high = torch.minimum(a[:, None, 2:], b[None, :, 2:])
    return (high - low).clamp(min=0).prod(dim=2)


def _iou(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    both = _overlap(a, b)
    areas = [(c[:, 2:] - c[:, :2]).prod(dim=1) for c in (a, b)]
    return both / (areas[0][:, None] + areas[1][None] - both).clamp(min=1e-9)


def _weights(target: Target, matched: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """Weight of each proposal: its box's; background counts fully."""
    if "weights" not in target or not len(target["weights"]):
        return torch.ones(len(labels))
    return torch.where(labels > 0, target["weights"][matched], torch.ones(()))


def _losses(
    logits: torch.Tensor,
    shifts: torch.Tensor,
    labels: list[torch.Tensor],
    goals: list[torch.Tensor],
    weights: torch.Tensor,
) -> dict[str, torch.Tensor]:
    label, goal = torch.cat(labels), torch.cat(goals)
    known = torch.where(label > 0)[0]
    classes = cross_entropy(logits, label, reduction="none") * weights
    found = shifts.reshape(len(label), -1, 4)[known, label[known]]
    misses = smooth_l1_loss(found, goal[known], beta=_BETA, reduction="none").sum(dim=1)
    count = max(len(label), 1)
    return {
        "loss_classifier": classes.sum() / count,
        "loss_box_reg": (misses * weights[known]).sum() / count,
    }
