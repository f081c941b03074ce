"""Small networks, with numbers as training leaves them: a fold that forgets one is seen."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm


def as_trained(model: nn.Module) -> nn.Module:
    """The model in evaluation mode, with statistics, scales and shifts that are not 0 and 1."""
    generator = torch.Generator().manual_seed(1)
    for module in model.modules():
        if isinstance(module, _BatchNorm):
            _fill(module, generator)
    return model.eval()


@torch.no_grad()
def _fill(norm: _BatchNorm, generator: torch.Generator) -> None:
    for tensor, low, high in (
        (norm.running_mean, -0.2, 0.2),
        (norm.running_var, 0.5, 1.5),
        (norm.weight, 0.5, 1.5),
        (norm.bias, -0.2, 0.2),
    ):
        if tensor is not None:
            noise = torch.rand(tensor.shape, generator=generator)
            tensor.copy_(low + (high - low) * noise)


class LayerScale(nn.Module):
    def __init__(self, *shape: int) -> None:
        super().__init__()
        self.gamma = nn.Parameter(torch.rand(shape))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x * self.gamma


class Attention(nn.Module):
    """Attention as it is written by hand, with a bias that is looked up for relative positions."""

    index: torch.Tensor

    def __init__(self, *, biased: bool) -> None:
        super().__init__()
        self.qkv = nn.Linear(16, 48)
        self.table = nn.Parameter(torch.rand(9, 2)) if biased else None
        self.register_buffer("index", torch.arange(25).reshape(5, 5) % 9)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        batch, places, width = x.shape
        qkv = self.qkv(x).reshape(batch, places, 3, 2, 8).permute(2, 0, 3, 1, 4)
        q, k, v = qkv.unbind(0)
        scores = (q * 8**-0.5) @ k.transpose(-2, -1)
        if self.table is not None:
            scores = scores + self.table[self.index].permute(2, 0, 1).unsqueeze(0)
        mixed = scores.softmax(-1) @ v
        attended: torch.Tensor = mixed.transpose(1, 2).reshape(batch, places, width)
        return attended


class Shuffle(nn.Module):
    def __init__(self, groups: int) -> None:
        super().__init__()
        self.groups = groups

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        batch, width, *size = x.shape
        split = x.reshape(batch, self.groups, width // self.groups, *size)
        return split.transpose(1, 2).reshape(batch, width, *size)


class Halves(nn.Module):
    """ShuffleNet V2's unit: one half goes through a branch, then both are shuffled."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Conv2d(8, 8, 1)
        self.branches = nn.ModuleList(
            nn.Sequential(
                nn.Conv2d(4, 4, 1),
                nn.ReLU(),
                nn.Conv2d(4, 4, 3, padding=1, groups=4),
                nn.Conv2d(4, 4, 1),
                nn.ReLU(),
            )
            for _ in range(3)
        )
        self.shuffle, self.last = Shuffle(2), nn.Conv2d(8, 6, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.first(x)
        for branch in self.branches:
            kept, used = x.chunk(2, dim=1)
            x = self.shuffle(torch.cat((kept, branch(used)), 1))
        y: torch.Tensor = self.last(x)
        return y
