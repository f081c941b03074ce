"""Small networks that a device is measured with: reference networks, and ops that these lack."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from importlib import import_module

import torch
from torch import nn

from shufflenet_audit.zoo import resolve

_REFERENCE = (
    "alexnet", "mobilenet_v1", "mobilenet_v1_0.5x", "mobilenet_v2", "mobilenet_v2_0.5x",
    "resnet_50", "resnext_50", "shufflenet_v1", "shufflenet_v1_g8", "shufflenet_v2",
    "shufflenet_v2_0.5x", "shufflenet_v2_50",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Probe:
    """A network to measure with: how it is built, and the shape of its input."""

    name: str
    build: Callable[[], nn.Module]
    shape: tuple[int, ...]


def probes() -> tuple[Probe, ...]:
    """All of them. None is a network of torchvision, so that those can tell how good it is."""
    own = (
        Probe("encoder, wide", partial(encoder, 768, heads=12), (1, 197, 768)),
        Probe("encoder, narrow", partial(encoder, 192, heads=3), (4, 196, 192)),
        Probe("encoder, many windows", partial(encoder, 96, heads=3), (64, 49, 96)),
        Probe("encoder, few tokens", partial(encoder, 1024, heads=16), (1, 64, 1024)),
        Probe("groups", groups, (1, 256, 28, 28)),
        Probe("plain", plain, (1, 3, 128, 128)),
        Probe("assorted, 32 channels", partial(assorted, 32), (1, 32, 56, 56)),
        Probe("assorted, 64 channels", partial(assorted, 64), (1, 64, 112, 112)),
        Probe("assorted, 128 channels", partial(assorted, 128), (1, 128, 28, 28)),
        Probe("assorted, 512 channels", partial(assorted, 512), (1, 512, 14, 14)),
    )
    return (*map(_reference, _REFERENCE), *own)


def encoder(width: int, *, heads: int) -> nn.Module:
    """Two layers of a transformer."""
    layers = [
        nn.TransformerEncoderLayer(
            width, heads, 4 * width, activation="gelu", batch_first=True, norm_first=True
        )
        for _ in range(2)
    ]
    return nn.Sequential(*layers)


def plain() -> nn.Module:
    """3×3 convolutions with bias, and pooling, as in VGG."""
    widths = ((3, 32), (32, 64), (64, 128), (128, 256), (256, 256))
    layers = [
        (nn.Conv2d(c_in, c_out, 3, padding=1), nn.ReLU(inplace=True), nn.MaxPool2d(2))
        for c_in, c_out in widths
    ]
    return nn.Sequential(*(layer for group in layers for layer in group))


def groups() -> nn.Module:
    """3×3 convolutions in groups of 8 to 128 channels, as in RegNet and ResNeXt."""
    convolutions = (nn.Conv2d(256, 256, 3, padding=1, groups=256 // each) for each in (8, 32, 128))
    return nn.Sequential(*convolutions, nn.Conv2d(256, 240, 1), nn.Conv2d(240, 240, 3, groups=10))


def assorted(width: int) -> nn.Module:
    """Activations, gates, norms and pooling that the reference networks do not have."""
    return nn.Sequential(
        nn.Conv2d(width, width, 1),
        nn.SiLU(),
        nn.SiLU(inplace=True),
        nn.Hardswish(),
        nn.Hardswish(inplace=True),
        nn.Hardsigmoid(),
        nn.Sigmoid(),
        nn.GELU(),
        nn.ReLU6(),
        nn.ReLU6(inplace=True),
        nn.ReLU(inplace=True),
        Gate(width),
        nn.Conv2d(width, width, 7, padding=3, groups=width),
        ChannelsLast(width),
        nn.Conv2d(width, width, 5, padding=2, groups=width),
        nn.Conv2d(width, width, 3, padding=1, groups=8),
        nn.AvgPool2d(2),
        nn.MaxPool2d(3, stride=1),
        nn.AdaptiveAvgPool2d(1),
    )


class Gate(nn.Module):
    """Squeeze and excitation."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.squeeze = nn.Conv2d(width, width // 4, 1)
        self.excite = nn.Conv2d(width // 4, width, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """The maps, each as strong as its gate."""
        gate: torch.Tensor = self.excite(self.squeeze(self.pool(x)).relu())
        return x * gate.sigmoid()


class ChannelsLast(nn.Module):
    """Norm and linear layers over channels, as in ConvNeXt, a concatenation and an addition."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.wide = nn.Linear(width, 2 * width)
        self.narrow = nn.Linear(2 * width, width)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """As many maps as came in."""
        y: torch.Tensor = self.narrow(self.wide(self.norm(x.permute(0, 2, 3, 1))))
        y = y.permute(0, 3, 1, 2)
        left, right = torch.cat((y, x), dim=1).chunk(2, dim=1)
        return left + right


def _reference(name: str) -> Probe:
    resolved = resolve(name)
    if resolved is None:
        message = f"no reference network is called {name}"
        raise LookupError(message)
    network, arguments = resolved
    module, _, function = network.factory.partition(":")

    def build() -> nn.Module:
        built: nn.Module = getattr(import_module(module), function)(**arguments)
        return built

    return Probe(name, build, network.input_shape)
