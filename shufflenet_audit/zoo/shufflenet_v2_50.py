"""ShuffleNet V2-50: Ma et al., <https://arxiv.org/abs/1807.11164>, Table 2 of the appendix."""

from __future__ import annotations

import torch
from torch import nn

from shufflenet_audit.zoo.layers import classifier, sequence
from shufflenet_audit.zoo.shufflenet_v2 import stage


def shufflenet_v2_50(*, num_classes: int = 1000) -> nn.Module:
    """ShuffleNet V2 as deep as ResNet-50."""
    return ShuffleNetV2x50(num_classes)


class ShuffleNetV2x50(nn.Module):
    """A stem, four stages of the units of ShuffleNet V2, a convolution, and a classifier."""

    def __init__(self, num_classes: int) -> None:
        super().__init__()
        # Only without batch norm here and in conv6 are there as many parameters as were counted for
        # the reference: 16,571,674.
        self.stem = sequence(
            conv=nn.Conv2d(3, 64, 3, stride=2, padding=1, bias=False), relu=nn.ReLU()
        )
        self.pool = nn.MaxPool2d(3, stride=2, padding=1)
        # How conv2 goes from 64 to 244 channels is not said: as the other stages, at stride 1.
        self.conv2 = stage(64, 244, units=3, stride=1)
        self.conv3 = stage(244, 488, units=4)
        self.conv4 = stage(488, 976, units=6)
        self.conv5 = stage(976, 1952, units=3)
        self.conv6 = sequence(conv=nn.Conv2d(1952, 2048, 1, bias=False), relu=nn.ReLU())
        self.head = classifier(nn.Linear(2048, num_classes, bias=False))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """The score of each class."""
        x = self.stem(x)
        x = self.pool(x)
        x = self.conv2(x)
        x = self.conv3(x)
        x = self.conv4(x)
        x = self.conv5(x)
        x = self.conv6(x)
        scores: torch.Tensor = self.head(x)
        return scores
