"""Faster R-CNN (Ren et al., 2015) whose losses forgive noisy boxes. Imports torch: import it late."""

from __future__ import annotations

from typing import Any

from torch import nn

from irbis.detect.backbone import CHANNELS, Backbone
from irbis.detect.noisy_boxes import forgiving
from irbis.detect.torchvision_ops import load_torchvision

__all__ = ["build"]

_HIDDEN = 256
_ANCHORS = ((32, 64, 128, 256),)
_RATIOS = ((0.5, 1.0, 2.0),)
# The number of proposals is what a step costs: torchvision's defaults take five times as long.
_SAMPLED = 64
_BEFORE, _AFTER = 300, 100


def build(
    num_classes: int, pretrained: bool = True, backbone: str = "EfficientNetLite0"
) -> nn.Module:
    """Build the network.

    Parameters
    ----------
    num_classes : int, from 1
        Without the background.
    pretrained : bool, default True
        ImageNet weights in the backbone.
    backbone : str, default "EfficientNetLite0"
        A key of :data:`irbis.model.packaged.MODELS`.

    Returns
    -------
    torch.nn.Module
        torchvision's GeneralizedRCNN. Takes float pictures (3, height, width) from 0 to 1 whose
        sides are multiples of 32; boxes are in their pixels. Targets may have ``weights`` (k,) and
        ``ignore`` (m, 4) beside boxes and labels: see :mod:`irbis.detect.noisy_boxes`.

    Raises
    ------
    MissingExtraError
        Without the extra ``train`` (``models`` for the larger backbones).
    """
    torchvision = load_torchvision()
    detection = torchvision.models.detection
    proposals, heads = forgiving(detection)

    class Normalise(detection.transform.GeneralizedRCNNTransform):  # type: ignore[name-defined]
        """Normalises and batches; resizing is done before, by the same code as when detecting."""

        def resize(self, image: Any, target: Any = None) -> tuple[Any, Any]:
            return image, target

        def postprocess(self, result: Any, *_: Any) -> Any:
            return result

    anchors = detection.anchor_utils.AnchorGenerator(_ANCHORS, _RATIOS)
    network = Backbone(backbone, pretrained)
    pool = torchvision.ops.MultiScaleRoIAlign(featmap_names=["0"], output_size=7, sampling_ratio=2)
    both = {"training": _BEFORE, "testing": _BEFORE}, {"training": _AFTER, "testing": _AFTER}
    rpn_head = detection.rpn.RPNHead(CHANNELS, anchors.num_anchors_per_location()[0])
    # Thresholds are the paper's: 0.7 and 0.3 for anchors, 0.5 for proposals.
    return detection.generalized_rcnn.GeneralizedRCNN(  # type: ignore[no-any-return]
        network,
        proposals(anchors, rpn_head, 0.7, 0.3, _SAMPLED, 0.5, *both, nms_thresh=0.7),
        heads(
            pool,
            detection.faster_rcnn.TwoMLPHead(CHANNELS * 7 * 7, _HIDDEN),
            detection.faster_rcnn.FastRCNNPredictor(_HIDDEN, num_classes + 1),
            fg_iou_thresh=0.5,
            bg_iou_thresh=0.5,
            batch_size_per_image=_SAMPLED,
            positive_fraction=0.25,
            bbox_reg_weights=None,
            score_thresh=0.01,
            nms_thresh=0.5,
            detections_per_img=100,
        ),
        Normalise(
            min_size=320,
            max_size=320,
            image_mean=[127 / 255] * 3,
            image_std=[128 / 255] * 3,
            size_divisible=32,
        ),
    )
