"""Faster R-CNN (Ren et al., 2015) on EfficientNet-Lite0, one feature level at stride 16.

Block 10 (112 channels, stride 16) beside block 15 (320 channels, stride 32, upsampled): one level
learns from a few hundred pictures where a pyramid does not. Imports torch: import it late.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import nn
from torch.nn.functional import interpolate

from irbis.detect.torchvision_ops import load_torchvision
from irbis.model.packaged import MODELS, efficientnet

__all__ = ["build"]

_FROZEN = 11  # blocks 0 to 10 keep their ImageNet weights
_CHANNELS = 256


class Backbone(nn.Module):
    """The two blocks' maps, joined."""

    out_channels = _CHANNELS

    def __init__(self, pretrained: bool) -> None:
        super().__init__()
        net = efficientnet(MODELS["EfficientNetLite0"], pretrained)
        self.stem, self.norm, self.activation = net._conv_stem, net._bn0, net._swish
        self.early = nn.ModuleList(net._blocks[:_FROZEN])
        self.late = nn.ModuleList(net._blocks[_FROZEN:])
        self.join = nn.Conv2d(112 + 320, _CHANNELS, kernel_size=1)
        for part in (self.stem, self.norm, self.early):
            part.requires_grad_(False)
        for module in self.modules():
            if isinstance(module, nn.BatchNorm2d):
                module.requires_grad_(False)

    def train(self, mode: bool = True) -> Backbone:
        """Batch statistics of four pictures would ruin the weights: BatchNorm never trains."""
        super().train(mode)
        for module in self.modules():
            if isinstance(module, nn.BatchNorm2d):
                module.eval()
        return self

    def forward(self, pictures: torch.Tensor) -> dict[str, torch.Tensor]:
        """Map of shape (n, 256, height / 16, width / 16)."""
        with torch.no_grad():
            x = self.activation(self.norm(self.stem(pictures)))
            for block in self.early:
                x = block(x)
        fine = x
        for block in self.late:
            x = block(x)
        coarse = interpolate(x, size=fine.shape[-2:], mode="nearest")
        return {"0": self.join(torch.cat([fine, coarse], dim=1))}


def build(num_classes: int, pretrained: bool = True) -> nn.Module:
    """Build the network.

    Parameters
    ----------
    num_classes : int, from 1
        Without the background.
    pretrained : bool, default True
        ImageNet weights in the backbone.

    Returns
    -------
    torch.nn.Module
        torchvision's FasterRCNN. Takes float pictures (3, height, width) from 0 to 1 whose sides
        are multiples of 32; boxes are in their pixels.

    Raises
    ------
    MissingExtraError
        Without the extra ``train``.
    """
    torchvision = load_torchvision()
    detection = torchvision.models.detection

    class Normalise(detection.transform.GeneralizedRCNNTransform):  # type: ignore[name-defined]
        """Normalises and batches; resizing is done before, by the same code as when detecting."""

        def resize(self, image: Any, target: Any = None) -> tuple[Any, Any]:
            return image, target

        def postprocess(self, result: Any, *_: Any) -> Any:
            return result

    model = detection.FasterRCNN(
        Backbone(pretrained),
        rpn_anchor_generator=detection.anchor_utils.AnchorGenerator(
            ((32, 64, 128, 256),), ((0.5, 1.0, 2.0),)
        ),
        box_roi_pool=torchvision.ops.MultiScaleRoIAlign(
            featmap_names=["0"], output_size=7, sampling_ratio=2
        ),
        box_head=detection.faster_rcnn.TwoMLPHead(_CHANNELS * 7 * 7, 256),
        box_predictor=detection.faster_rcnn.FastRCNNPredictor(256, num_classes + 1),
        rpn_batch_size_per_image=64,
        box_batch_size_per_image=64,
        rpn_pre_nms_top_n_train=300,
        rpn_post_nms_top_n_train=100,
        rpn_pre_nms_top_n_test=300,
        rpn_post_nms_top_n_test=100,
        box_score_thresh=0.01,
        box_detections_per_img=100,
    )
    model.transform = Normalise(
        min_size=320,
        max_size=320,
        image_mean=[127 / 255] * 3,
        image_std=[128 / 255] * 3,
        size_divisible=32,
    )
    return model  # type: ignore[no-any-return]
