"""What the meta kernels know of a tensor, as a value that can be compared."""

from __future__ import annotations

from functools import lru_cache
from math import prod
from typing import NamedTuple

import torch

from shufflenet_audit.op import Tensor


class Layout(NamedTuple):
    """Shape, stride and dtype. `stride` is None where a tensor has none (sparse, nested)."""

    shape: tuple[int, ...]
    stride: tuple[int, ...] | None
    dtype: torch.dtype

    def empty(self) -> torch.Tensor:
        """A meta tensor that is laid out so."""
        if self.stride is None:
            return torch.empty(self.shape, dtype=self.dtype, device="meta")
        return torch.empty_strided(self.shape, self.stride, dtype=self.dtype, device="meta")


def layout_of(tensor: torch.Tensor) -> Layout:
    """How a tensor is laid out."""
    if tensor.is_nested:
        return Layout((tensor.numel(),), None, tensor.dtype)
    if tensor.layout is not torch.strided:
        return Layout(tuple(tensor.shape), None, tensor.dtype)
    return Layout(tuple(tensor.shape), tensor.stride(), tensor.dtype)


@lru_cache(maxsize=4096)
def described(layout: Layout) -> tuple[Tensor, int]:
    """The tensor as the graph shows it, and how many elements it has in memory."""
    tensor = Tensor(layout.shape, str(layout.dtype).removeprefix("torch."))
    if layout.stride is None:
        return tensor, tensor.elements
    sizes = zip(layout.shape, layout.stride, strict=True)
    return tensor, prod(size for size, stride in sizes if stride or size == 0)
