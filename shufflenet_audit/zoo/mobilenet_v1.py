"""MobileNet V1: Howard et al., <https://arxiv.org/abs/1704.04861>, Table 1."""

from __future__ import annotations

from typing import Final

import torch
from torch import nn

from shufflenet_audit.zoo.arguments import undefined
from shufflenet_audit.zoo.layers import classifier, convolution, depthwise, pointwise, sequence

WIDTHS: Final = (0.25, 0.5, 0.75, 1)

# Output channels and stride of each depthwise separable convolution.
LAYERS: Final = (
    (64, 1),
    (128, 2),
    (128, 1),
    (256, 2),
    (256, 1),
    (512, 2),
    *((512, 1),) * 5,
    (1024, 2),
    (1024, 1),
)


def mobilenet_v1(*, width: float = 1.0, num_classes: int = 1000) -> nn.Module:
    """MobileNet V1, with the channels of every layer times `width`."""
    if width not in WIDTHS:
        raise undefined("mobilenet_v1", "width", width, WIDTHS)
    return MobileNetV1(width, num_classes)


class MobileNetV1(nn.Module):
    """A stem, thirteen depthwise separable convolutions, and a classifier."""

    def __init__(self, width: float, num_classes: int) -> None:
        super().__init__()
        c_in = int(32 * width)
        self.stem = sequence(conv=convolution(3, c_in, stride=2), relu=nn.ReLU())
        self.layers = nn.Sequential()
        for channels, stride in LAYERS:
            c_out = int(channels * width)
            self.layers.append(_layer(c_in, c_out, stride))
            c_in = c_out
        self.head = classifier(nn.Linear(c_in, num_classes))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """The score of each class."""
        x = self.stem(x)
        x = self.layers(x)
        scores: torch.Tensor = self.head(x)
        return scores


def _layer(c_in: int, c_out: int, stride: int) -> nn.Sequential:
    """Figure 3, right: both convolutions have batch norm and ReLU of their own."""
    return sequence(
        depthwise=depthwise(c_in, stride=stride),
        relu1=nn.ReLU(),
        pointwise=pointwise(c_in, c_out),
        relu2=nn.ReLU(),
    )
