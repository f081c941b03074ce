"""Networks with numbers as training leaves them, so that a fold that forgets one is seen."""

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
