"""MobileNet V2: Sandler et al., <https://arxiv.org/abs/1801.04381>, Tables 1 and 2."""

from __future__ import annotations

import math
from typing import Final

import torch
from torch import nn

from shufflenet_audit.zoo.layers import classifier, convolution, depthwise, pointwise, sequence

# Expansion, output channels, blocks, and stride of the first block, of each stage.
STAGES: Final = (
    (1, 16, 1, 1),
    (6, 24, 2, 2),
    (6, 32, 3, 2),
    (6, 64, 4, 2),
    (6, 96, 3, 1),
    (6, 160, 3, 2),
    (6, 320, 1, 1),
)


def mobilenet_v2(*, width: float = 1.0, num_classes: int = 1000) -> nn.Module:
    """MobileNet V2 with the channels of each layer times `width`; the last has at least 1280."""
    if not 0 < width < math.inf:
        message = f"mobilenet_v2 has no width={width}, only numbers above 0"
        raise ValueError(message)
    return MobileNetV2(width, num_classes)


class MobileNetV2(nn.Module):
    """A stem, seven stages of inverted residual blocks, a convolution, and a classifier."""

    def __init__(self, width: float, num_classes: int) -> None:
        super().__init__()
        c_in, c_last = _eights(32 * width), _eights(1280 * max(width, 1))
        self.stem = sequence(conv=convolution(3, c_in, stride=2), relu=nn.ReLU6())
        self.stages = nn.Sequential()
        for expansion, channels, blocks, stride in STAGES:
            c_out = _eights(channels * width)
            stage = nn.Sequential(Block(c_in, c_out, stride=stride, expansion=expansion))
            stage.extend(Block(c_out, c_out, expansion=expansion) for _ in range(blocks - 1))
            self.stages.append(stage)
            c_in = c_out
        self.last = sequence(conv=pointwise(c_in, c_last), relu=nn.ReLU6())
        self.head = classifier(nn.Linear(c_last, num_classes))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """The score of each class."""
        x = self.stem(x)
        x = self.stages(x)
        x = self.last(x)
        scores: torch.Tensor = self.head(x)
        return scores


def _eights(channels: float) -> int:
    """The nearest multiple of 8, or the next one if the nearest is more than 10 % smaller."""
    nearest = max(8, int(channels + 4) // 8 * 8)
    return nearest if nearest >= 0.9 * channels else nearest + 8


class Block(nn.Module):
    """Table 1: expand, convolve each channel, project; with a shortcut where shapes agree."""

    def __init__(self, c_in: int, c_out: int, *, stride: int = 1, expansion: int) -> None:
        super().__init__()
        c_mid = c_in * expansion
        layers: dict[str, nn.Module] = {}
        if expansion > 1:
            layers |= {"expand": pointwise(c_in, c_mid), "relu1": nn.ReLU6()}
        layers |= {"depthwise": depthwise(c_mid, stride=stride), "relu2": nn.ReLU6()}
        self.branch = sequence(**layers, project=pointwise(c_mid, c_out))
        self.has_shortcut = stride == 1 and c_in == c_out

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """`c_out` channels, at the size divided by the stride."""
        y: torch.Tensor = self.branch(x)
        return x + y if self.has_shortcut else y
