"""Small networks for the tests of widths."""

from __future__ import annotations

import torch
from torch import nn

from shufflenet_audit.zoo.layers import ChannelShuffle, depthwise, normalized, pointwise


class Residual(nn.Module):
    """A branch and a shortcut around it."""

    def __init__(self, *layers: nn.Module) -> None:
        super().__init__()
        self.branch = nn.Sequential(*layers)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y: torch.Tensor = x + self.branch(x)
        return y


class Parallel(nn.Module):
    """Branches of one input, concatenated or summed."""

    def __init__(self, *branches: nn.Module, summed: bool = False) -> None:
        super().__init__()
        self.branches = nn.ModuleList(branches)
        self.summed = summed

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        made: list[torch.Tensor] = [branch(x) for branch in self.branches]
        if not self.summed:
            return torch.cat(made, dim=1)
        total = made[0]
        for each in made[1:]:
            total = total + each
        return total


class Gate(nn.Module):
    """Squeeze and excitation."""

    def __init__(self, channels: int, squeezed: int) -> None:
        super().__init__()
        self.reduce = nn.Conv2d(channels, squeezed, 1)
        self.expand = nn.Conv2d(squeezed, channels, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        weights = self.expand(torch.relu(self.reduce(x.mean((2, 3), keepdim=True))))
        y: torch.Tensor = x * torch.sigmoid(weights)
        return y


class Halves(nn.Module):
    """Half of the channels as they are, half through a branch, shuffled afterwards."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        half = channels // 2
        self.branch = nn.Sequential(pointwise(half, half), nn.ReLU(), pointwise(half, half))
        self.shuffle = ChannelShuffle(2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        kept, rest = x.chunk(2, dim=1)
        y: torch.Tensor = self.shuffle(torch.cat((kept, self.branch(rest)), dim=1))
        return y


class Frequencies(nn.Module):
    """An op that no relation is known for, over the channels."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y: torch.Tensor = torch.fft.fft(x, dim=1).real
        return y


def grouped_block(channels: int, groups: int) -> nn.Module:
    """A bottleneck of group convolutions with a shuffle in it."""
    return Residual(
        pointwise(channels, channels // 2, groups=groups),
        nn.ReLU(),
        ChannelShuffle(groups),
        depthwise(channels // 2),
        pointwise(channels // 2, channels, groups=groups),
    )


def network(*body: nn.Module, c_in: int, c_out: int, classes: int = 10) -> nn.Module:
    """A stem for images, a body, and a classifier."""
    return nn.Sequential(
        normalized(nn.Conv2d(3, c_in, 3, stride=2, padding=1, bias=False)),
        nn.ReLU(),
        *body,
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(c_out, classes),
    )


IMAGE = (2, 3, 32, 32)


def images(shape: tuple[int, ...] = IMAGE) -> torch.Tensor:
    """Images without values: all that planning needs."""
    return torch.empty(shape, device="meta")
