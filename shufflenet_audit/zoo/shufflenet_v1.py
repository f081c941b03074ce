"""ShuffleNet V1: Zhang et al., <https://arxiv.org/abs/1707.01083>, Table 1 and Figure 2."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
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

# Output channels of the first convolution, by width.
STEM: Final[Mapping[float, int]] = {0.25: 12, 0.5: 12, 1: 24, 1.5: 24, 2: 48}
# Output channels of stage 2 at 1x, by groups. Stages 3 and 4 double them.
STAGE2: Final[Mapping[int, int]] = {1: 144, 2: 200, 3: 240, 4: 272, 8: 384}


def shufflenet_v1(*, width: float = 1.0, groups: int = 3, num_classes: int = 1000) -> nn.Module:
    """ShuffleNet V1 `width`x, with its 1×1 convolutions in `groups` groups."""
    if width not in STEM:
        raise undefined("shufflenet_v1", "width", width, STEM)
    if groups not in STAGE2:
        raise undefined("shufflenet_v1", "groups", groups, STAGE2)
    if not _divides(groups, width):
        divisors = [g for g in STAGE2 if _divides(g, width)]
        raise undefined(f"shufflenet_v1_{width:g}x", "groups", groups, divisors)
    stem = -(-STEM[width] // groups) * groups  # whole groups: 16 instead of 12, if there are 8
    stage2 = int(STAGE2[groups] * width)
    return ShuffleNetV1((stem, stage2, 2 * stage2, 4 * stage2), groups, num_classes)


def _divides(groups: int, width: float) -> bool:
    """Whether the bottleneck, a quarter of the channels, divides into whole groups."""
    return STAGE2[groups] * width % (4 * groups) == 0


class ShuffleNetV1(nn.Module):
    """ShuffleNet V1 with these channels after the stem and each of the three stages."""

    def __init__(self, channels: tuple[int, int, int, int], groups: int, num_classes: int) -> None:
        super().__init__()
        c1, c2, c3, c4 = channels
        self.stem = sequence(conv=convolution(3, c1, stride=2), relu=nn.ReLU())
        self.pool = nn.MaxPool2d(3, stride=2, padding=1)
        # The first 1×1 convolution of stage 2 is not grouped: it has few input channels.
        self.stage2 = nn.Sequential(
            DownsamplingUnit(c1, c2, groups=(1, groups)), *_units(3, c2, groups)
        )
        self.stage3 = nn.Sequential(
            DownsamplingUnit(c2, c3, groups=(groups, groups)), *_units(7, c3, groups)
        )
        self.stage4 = nn.Sequential(
            DownsamplingUnit(c3, c4, groups=(groups, groups)), *_units(3, c4, groups)
        )
        self.head = classifier(nn.Linear(c4, num_classes, bias=False))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """The score of each class."""
        x = self.stem(x)
        x = self.pool(x)
        x = self.stage2(x)
        x = self.stage3(x)
        x = self.stage4(x)
        scores: torch.Tensor = self.head(x)
        return scores


def _units(count: int, channels: int, groups: int) -> Iterator[nn.Module]:
    return (Unit(channels, groups) for _ in range(count))


class Unit(nn.Module):
    """Figure 2 (b): a bottleneck of group convolutions with a shuffle in it, and a shortcut."""

    def __init__(self, channels: int, groups: int) -> None:
        super().__init__()
        bottleneck = channels // 4
        self.branch = sequence(
            reduce=pointwise(channels, bottleneck, groups=groups),
            relu=nn.ReLU(),
            shuffle=ChannelShuffle(groups),
            depthwise=depthwise(bottleneck),
            expand=pointwise(bottleneck, channels, groups=groups),
        )
        self.relu = nn.ReLU()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """The same number of channels, at the same size."""
        y: torch.Tensor = self.relu(x + self.branch(x))
        return y


class DownsamplingUnit(nn.Module):
    """Figure 2 (c): the unit with stride 2, concatenated to a shortcut that is pooled."""

    def __init__(self, c_in: int, c_out: int, *, groups: tuple[int, int]) -> None:
        super().__init__()
        bottleneck = c_out // 4
        first, last = groups
        self.shortcut = nn.AvgPool2d(3, stride=2, padding=1)
        self.branch = sequence(
            reduce=pointwise(c_in, bottleneck, groups=first),
            relu=nn.ReLU(),
            shuffle=ChannelShuffle(last),
            depthwise=depthwise(bottleneck, stride=2),
            expand=pointwise(bottleneck, c_out - c_in, groups=last),
        )
        self.relu = nn.ReLU()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """`c_out` channels, at half the size."""
        y: torch.Tensor = self.relu(torch.cat((self.shortcut(x), self.branch(x)), dim=1))
        return y
