"""ShuffleNet V2: Ma et al., <https://arxiv.org/abs/1807.11164>, Table 5 and Figure 3."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import torch
from torch import nn

from shufflenet_audit.zoo.arguments import undefined
from shufflenet_audit.zoo.layers import (
    ChannelShuffle,
    classifier,
    convolution,
    depthwise,
    pointwise,
    sequence,
)

# Output channels of stages 2, 3, 4 and of the last convolution, by width.
CHANNELS: Final[Mapping[float, tuple[int, int, int, int]]] = {
    0.5: (48, 96, 192, 1024),
    1: (116, 232, 464, 1024),
    1.5: (176, 352, 704, 1024),
    2: (244, 488, 976, 2048),
}


def shufflenet_v2(*, width: float = 1.0, num_classes: int = 1000) -> nn.Module:
    """ShuffleNet V2 `width`x."""
    if width not in CHANNELS:
        raise undefined("shufflenet_v2", "width", width, CHANNELS)
    return ShuffleNetV2(CHANNELS[width], num_classes)


class ShuffleNetV2(nn.Module):
    """ShuffleNet V2 with these channels after each of the three stages and before pooling."""

    def __init__(self, channels: tuple[int, int, int, int], num_classes: int) -> None:
        super().__init__()
        c2, c3, c4, c5 = channels
        self.stem = sequence(conv=convolution(3, 24, stride=2), relu=nn.ReLU())
        self.pool = nn.MaxPool2d(3, stride=2, padding=1)
        self.stage2 = stage(24, c2, units=4)
        self.stage3 = stage(c2, c3, units=8)
        self.stage4 = stage(c3, c4, units=4)
        self.conv5 = sequence(conv=pointwise(c4, c5), relu=nn.ReLU())
        self.head = classifier(nn.Linear(c5, num_classes, bias=False))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """The score of each class."""
        x = self.stem(x)
        x = self.pool(x)
        x = self.stage2(x)
        x = self.stage3(x)
        x = self.stage4(x)
        x = self.conv5(x)
        scores: torch.Tensor = self.head(x)
        return scores


def stage(c_in: int, c_out: int, *, units: int, stride: int = 2) -> nn.Sequential:
    """Units in a row, the first of which changes the channels and the size."""
    first = DownsamplingUnit(c_in, c_out, stride=stride)
    return nn.Sequential(first, *(Unit(c_out) for _ in range(units - 1)))


class Unit(nn.Module):
    """Figure 3 (c): half of the channels pass, the other half is convolved."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        half = channels // 2
        self.branch = sequence(
            conv1=pointwise(half, half),
            relu1=nn.ReLU(),
            depthwise=depthwise(half),
            conv2=pointwise(half, half),
            relu2=nn.ReLU(),
        )
        self.shuffle = ChannelShuffle(2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """The same number of channels, at the same size."""
        left, right = x.chunk(2, dim=1)
        y: torch.Tensor = self.shuffle(torch.cat((left, self.branch(right)), dim=1))
        return y


class DownsamplingUnit(nn.Module):
    """Figure 3 (d): all channels enter both branches, and the left one keeps their number."""

    def __init__(self, c_in: int, c_out: int, *, stride: int) -> None:
        super().__init__()
        half = c_out // 2
        self.shortcut = sequence(
            depthwise=depthwise(c_in, stride=stride),
            conv=pointwise(c_in, c_in),
            relu=nn.ReLU(),
        )
        self.branch = sequence(
            conv1=pointwise(c_in, half),
            relu1=nn.ReLU(),
            depthwise=depthwise(half, stride=stride),
            conv2=pointwise(half, c_out - c_in),
            relu2=nn.ReLU(),
        )
        self.shuffle = ChannelShuffle(2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """`c_out` channels, at the size divided by the stride."""
        y: torch.Tensor = self.shuffle(torch.cat((self.shortcut(x), self.branch(x)), dim=1))
        return y
