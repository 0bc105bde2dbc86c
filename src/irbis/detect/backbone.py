"""The detector's backbone: an EfficientNet-Lite by name, one feature level at stride 16.

The last block at stride 16 (112 channels) beside the last one at stride 32 (320, upsampled): one
level learns from a few hundred pictures where a pyramid does not. Imports torch: import it late.
"""

from __future__ import annotations

import torch
from torch import nn
from torch.nn.functional import interpolate

from irbis.model.packaged import MODELS, efficientnet

__all__ = ["CHANNELS", "Backbone"]

CHANNELS = 256


class Backbone(nn.Module):
    """The two blocks' maps, joined.

    Parameters
    ----------
    name : str
        A key of :data:`irbis.model.packaged.MODELS`.
    pretrained : bool
        ImageNet weights. Blocks up to the one at stride 16 keep them.
    """

    out_channels = CHANNELS

    def __init__(self, name: str, pretrained: bool) -> None:
        super().__init__()
        chosen = MODELS[name]
        net = efficientnet(chosen, pretrained)
        fine, coarse = chosen.blocks
        self.stem, self.norm, self.activation = net._conv_stem, net._bn0, net._swish
        self.early = nn.ModuleList(net._blocks[: fine + 1])
        self.late = nn.ModuleList(net._blocks[fine + 1 : coarse + 1])
        width = sum(net._blocks[at]._bn2.num_features for at in chosen.blocks)
        self.join = nn.Conv2d(width, CHANNELS, kernel_size=1)
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
