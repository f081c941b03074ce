"""The network of the tour: blocks that are narrow inside, as in ResNet-50."""

from __future__ import annotations

import torch
from torch import nn


class Bottleneck(nn.Module):
    """Wide, narrow, wide, with a shortcut."""

    def __init__(self, outer: int, inner: int) -> None:
        super().__init__()
        self.branch = nn.Sequential(
            nn.Conv2d(outer, inner, 1, bias=False),
            nn.BatchNorm2d(inner),
            nn.ReLU(),
            nn.Conv2d(inner, inner, 3, padding=1, bias=False),
            nn.BatchNorm2d(inner),
            nn.ReLU(),
            nn.Conv2d(inner, outer, 1, bias=False),
            nn.BatchNorm2d(outer),
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Add what the branch makes of the input to the input."""
        y: torch.Tensor = torch.relu(x + self.branch(x))
        return y


def network(outer: int = 256, inner: int = 64) -> nn.Module:
    """Eight blocks on feature maps of 56×56."""
    blocks = (Bottleneck(outer, inner) for _ in range(8))
    return nn.Sequential(nn.Conv2d(3, outer, 3, stride=2, padding=1), *blocks)


def example_inputs() -> torch.Tensor:
    """One image."""
    return torch.zeros(1, 3, 112, 112)
