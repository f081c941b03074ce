"""ResNet-50: He et al., <https://arxiv.org/abs/1512.03385>, Table 1."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import nn

from shufflenet_audit.zoo.layers import classifier, convolution, pointwise, sequence

# The branch of a block, given its input channels, output channels, and stride.
Branch = Callable[[int, int, int], nn.Module]


def resnet_50(*, num_classes: int = 1000) -> nn.Module:
    """ResNet-50 as first published: the stride is on the first 1×1 convolution of a stage."""
    return ResNet(_bottleneck, num_classes)


def _bottleneck(c_in: int, c_out: int, stride: int) -> nn.Sequential:
    """Figure 5, right."""
    c_mid = c_out // 4
    return sequence(
        reduce=pointwise(c_in, c_mid, stride=stride),
        relu1=nn.ReLU(),
        conv=convolution(c_mid, c_mid),
        relu2=nn.ReLU(),
        expand=pointwise(c_mid, c_out),
    )


class ResNet(nn.Module):
    """A stem, sixteen residual blocks with such a branch, and a classifier."""

    def __init__(self, branch: Branch, num_classes: int) -> None:
        super().__init__()
        self.stem = sequence(conv=convolution(3, 64, kernel=7, stride=2), relu=nn.ReLU())
        self.pool = nn.MaxPool2d(3, stride=2, padding=1)
        self.conv2 = _stage(branch, (64, 256), blocks=3, stride=1)
        self.conv3 = _stage(branch, (256, 512), blocks=4, stride=2)
        self.conv4 = _stage(branch, (512, 1024), blocks=6, stride=2)
        self.conv5 = _stage(branch, (1024, 2048), blocks=3, stride=2)
        self.head = classifier(nn.Linear(2048, num_classes))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """The score of each class."""
        x = self.stem(x)
        x = self.pool(x)
        x = self.conv2(x)
        x = self.conv3(x)
        x = self.conv4(x)
        x = self.conv5(x)
        scores: torch.Tensor = self.head(x)
        return scores


def _stage(branch: Branch, channels: tuple[int, int], *, blocks: int, stride: int) -> nn.Sequential:
    """Blocks in a row, the first of which changes the channels and has to project its shortcut."""
    c_in, c_out = channels
    first = Block(branch(c_in, c_out, stride), shortcut=pointwise(c_in, c_out, stride=stride))
    rest = (Block(branch(c_out, c_out, 1), shortcut=nn.Identity()) for _ in range(blocks - 1))
    return nn.Sequential(first, *rest)


class Block(nn.Module):
    """The sum of a branch and a shortcut."""

    def __init__(self, branch: nn.Module, *, shortcut: nn.Module) -> None:
        super().__init__()
        self.branch = branch
        self.shortcut = shortcut
        self.relu = nn.ReLU()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """The channels and the size of the output of the branch."""
        y: torch.Tensor = self.relu(self.branch(x) + self.shortcut(x))
        return y
