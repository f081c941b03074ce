"""Xception: Chollet, <https://arxiv.org/abs/1610.02357>, Figure 5."""

from __future__ import annotations

import torch
from torch import nn

from shufflenet_audit.zoo.layers import normalized, pointwise, separable, sequence


def xception(*, num_classes: int = 1000) -> nn.Module:
    """Xception, for images of 299×299."""
    return Xception(num_classes)


class Xception(nn.Module):
    """An entry flow, a middle flow of eight equal blocks, and an exit flow."""

    def __init__(self, num_classes: int) -> None:
        super().__init__()
        self.stem = _stem()
        self.entry = nn.Sequential(
            DownsamplingBlock((64, 128, 128), activation=nn.Identity()),  # the stem ends in a ReLU
            DownsamplingBlock((128, 256, 256), activation=nn.ReLU()),
            DownsamplingBlock((256, 728, 728), activation=nn.ReLU()),
        )
        self.middle = nn.Sequential(*(Block(728) for _ in range(8)))
        self.exit = DownsamplingBlock((728, 728, 1024), activation=nn.ReLU())
        self.last = _last()
        self.head = sequence(
            pool=nn.AdaptiveAvgPool2d(1),
            flatten=nn.Flatten(),
            dropout=nn.Dropout(0.5),
            fc=nn.Linear(2048, num_classes),
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """The score of each class."""
        x = self.stem(x)
        x = self.entry(x)
        x = self.middle(x)
        x = self.exit(x)
        x = self.last(x)
        scores: torch.Tensor = self.head(x)
        return scores


def _stem() -> nn.Sequential:
    """The two convolutions that have no padding."""
    return sequence(
        conv1=normalized(nn.Conv2d(3, 32, 3, stride=2, bias=False)),
        relu1=nn.ReLU(),
        conv2=normalized(nn.Conv2d(32, 64, 3, bias=False)),
        relu2=nn.ReLU(),
    )


def _last() -> nn.Sequential:
    """The two separable convolutions after the last shortcut."""
    return sequence(
        separable1=separable(1024, 1536),
        relu1=nn.ReLU(),
        separable2=separable(1536, 2048),
        relu2=nn.ReLU(),
    )


class Block(nn.Module):
    """Three separable convolutions, each after a ReLU, and a shortcut."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.branch = sequence(
            relu1=nn.ReLU(),
            separable1=separable(channels, channels),
            relu2=nn.ReLU(),
            separable2=separable(channels, channels),
            relu3=nn.ReLU(),
            separable3=separable(channels, channels),
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """The same number of channels, at the same size."""
        y: torch.Tensor = x + self.branch(x)
        return y


class DownsamplingBlock(nn.Module):
    """Two separable convolutions and pooling, and a convolution with stride 2 as shortcut."""

    def __init__(self, channels: tuple[int, int, int], *, activation: nn.Module) -> None:
        super().__init__()
        c_in, c_mid, c_out = channels
        self.branch = sequence(
            activation=activation,
            separable1=separable(c_in, c_mid),
            relu=nn.ReLU(),
            separable2=separable(c_mid, c_out),
            pool=nn.MaxPool2d(3, stride=2, padding=1),
        )
        self.shortcut = pointwise(c_in, c_out, stride=2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """The last of `channels`, at half the size."""
        y: torch.Tensor = self.shortcut(x) + self.branch(x)
        return y
