"""The layers that the reference networks are made of."""

from __future__ import annotations

from collections import OrderedDict

import torch
from torch import nn


def sequence(**layers: nn.Module) -> nn.Sequential:
    """Layers that run one after the other, each under its name."""
    return nn.Sequential(OrderedDict(layers))


def convolution(c_in: int, c_out: int, *, kernel: int = 3, stride: int = 1) -> nn.Sequential:
    """A dense convolution, padded so that only its stride changes the size, and batch norm."""
    return normalized(
        nn.Conv2d(c_in, c_out, kernel, stride=stride, padding=kernel // 2, bias=False)
    )


def pointwise(c_in: int, c_out: int, *, groups: int = 1, stride: int = 1) -> nn.Sequential:
    """A 1×1 convolution, and batch norm."""
    return normalized(nn.Conv2d(c_in, c_out, 1, stride=stride, groups=groups, bias=False))


def depthwise(channels: int, *, stride: int = 1) -> nn.Sequential:
    """A 3×3 convolution with one filter per channel, and batch norm."""
    return normalized(
        nn.Conv2d(channels, channels, 3, stride=stride, padding=1, groups=channels, bias=False)
    )


def separable(c_in: int, c_out: int, *, kernel: int = 3) -> nn.Sequential:
    """A depthwise and a 1×1 convolution with nothing between them, and batch norm."""
    return sequence(
        depthwise=nn.Conv2d(c_in, c_in, kernel, padding=kernel // 2, groups=c_in, bias=False),
        pointwise=nn.Conv2d(c_in, c_out, 1, bias=False),
        norm=nn.BatchNorm2d(c_out),
    )


def normalized(conv: nn.Conv2d) -> nn.Sequential:
    """The convolution followed by batch norm."""
    return sequence(conv=conv, norm=nn.BatchNorm2d(conv.out_channels))


def classifier(fc: nn.Linear) -> nn.Sequential:
    """Global average pooling, and the fully connected layer."""
    return sequence(pool=nn.AdaptiveAvgPool2d(1), flatten=nn.Flatten(), fc=fc)


class ChannelShuffle(nn.Module):
    """Distributes the channels of each group over all groups: reshape, transpose, reshape."""

    def __init__(self, groups: int) -> None:
        super().__init__()
        self.groups = groups

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """The same channels in the new order."""
        batch, channels, height, width = x.shape
        x = x.reshape(batch, self.groups, channels // self.groups, height, width)
        x = x.transpose(1, 2)
        return x.reshape(batch, channels, height, width)

    def extra_repr(self) -> str:
        """Its arguments as `print(model)` shows them."""
        return f"groups={self.groups}"
