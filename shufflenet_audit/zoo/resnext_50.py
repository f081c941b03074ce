"""ResNeXt-50 (32×4d): Xie et al., <https://arxiv.org/abs/1611.05431>, Table 1."""

from __future__ import annotations

from torch import nn

from shufflenet_audit.zoo.layers import normalized, pointwise, sequence
from shufflenet_audit.zoo.resnet_50 import ResNet


def resnext_50(*, num_classes: int = 1000) -> nn.Module:
    """ResNet-50 with 32 groups in its 3×3 convolutions, of 4 channels each in the first stage."""
    return ResNet(_bottleneck, num_classes)


def _bottleneck(c_in: int, c_out: int, stride: int) -> nn.Sequential:
    """Figure 3 (c), with the stride on the 3×3 convolution."""
    c_mid = c_out // 2
    return sequence(
        reduce=pointwise(c_in, c_mid),
        relu1=nn.ReLU(),
        conv=_grouped(c_mid, stride),
        relu2=nn.ReLU(),
        expand=pointwise(c_mid, c_out),
    )


def _grouped(channels: int, stride: int) -> nn.Sequential:
    return normalized(
        nn.Conv2d(channels, channels, 3, stride=stride, padding=1, groups=32, bias=False)
    )
