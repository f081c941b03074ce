"""A normal cell of NASNet-A: Zoph et al., <https://arxiv.org/abs/1707.07012>, Figure 4, left."""

from __future__ import annotations

import torch
from torch import nn

from shufflenet_audit.zoo.layers import classifier, convolution, separable, sequence


def nasnet_a_cell(*, channels: int = 44, num_classes: int = 1000) -> nn.Module:
    """One normal cell between a stem and a classifier, with the channels of NASNet-A (4 @ 1056)."""
    if channels < 1:
        message = f"nasnet_a_cell has no channels={channels}, only 1 and above"
        raise ValueError(message)
    return NASNetACell(channels, num_classes)


class NASNetACell(nn.Module):
    """A convolution that makes both inputs of a cell, the cell, and a classifier."""

    def __init__(self, channels: int, num_classes: int) -> None:
        super().__init__()
        self.stem = convolution(3, channels, stride=2)
        self.cell = Cell(channels)
        self.relu = nn.ReLU()
        self.head = classifier(nn.Linear(6 * channels, num_classes))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """The score of each class."""
        x = self.stem(x)
        x = self.cell(x, x)
        x = self.relu(x)
        scores: torch.Tensor = self.head(x)
        return scores


class Cell(nn.Module):
    """Five sums of two, each of a separable convolution, average pooling, or nothing."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.separable1 = _twice(channels, kernel=3)
        self.separable2 = _twice(channels, kernel=3)
        self.separable3 = _twice(channels, kernel=5)
        self.separable4 = _twice(channels, kernel=5)
        self.separable5 = _twice(channels, kernel=3)
        self.pool1 = _average()
        self.pool2 = _average()
        self.pool3 = _average()

    def forward(self, previous: torch.Tensor, current: torch.Tensor) -> torch.Tensor:
        """The output of the cell before the last and the five sums: six times the channels."""
        sums = (
            self.separable1(current) + current,
            self.separable2(previous) + self.separable3(current),
            self.pool1(current) + previous,
            self.pool2(previous) + self.pool3(previous),
            self.separable4(previous) + self.separable5(previous),
        )
        return torch.cat((previous, *sums), dim=1)


def _twice(channels: int, *, kernel: int) -> nn.Sequential:
    """A separable convolution, which NASNet always applies twice."""
    return sequence(
        relu1=nn.ReLU(),
        separable1=separable(channels, channels, kernel=kernel),
        relu2=nn.ReLU(),
        separable2=separable(channels, channels, kernel=kernel),
    )


def _average() -> nn.AvgPool2d:
    """3×3 average pooling that leaves the padding out of the average."""
    return nn.AvgPool2d(3, stride=1, padding=1, count_include_pad=False)
