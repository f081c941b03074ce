"""Shape, strides and dtype of a tensor, as a value that can be compared and hashed."""

from __future__ import annotations

from functools import lru_cache
from math import prod
from typing import NamedTuple, Self

import torch

from shufflenet_audit.network.tensor import Tensor

_CHANNELS_LAST_RANKS = (4, 5)


class Layout(NamedTuple):
    """How a tensor lies in memory."""

    shape: tuple[int, ...]
    """The size of each dimension, in elements."""
    stride: tuple[int, ...] | None
    """The stride of each dimension, in elements; None if there is none (sparse, nested)."""
    dtype: torch.dtype
    """The element type."""

    @classmethod
    def dense(
        cls, shape: tuple[int, ...], dtype: torch.dtype, *, channels_last: bool = False
    ) -> Self:
        """A tensor without gaps, in row-major order or with the channels innermost."""
        strides = _channels_innermost(shape) if channels_last else _in_order(shape)
        return cls(shape, strides, dtype)

    @property
    def is_dense(self) -> bool:
        """Whether it has no gaps and is in one of these two orders."""
        return self.stride == _in_order(self.shape) or self.channels_last

    @property
    def in_order(self) -> bool:
        """Whether it is in row-major order, with or without gaps."""
        sides = zip(self.shape, self.stride or (), strict=False)
        strides = [stride for size, stride in sides if size > 1]
        return self.stride is not None and all(strides) and strides == sorted(strides)[::-1]

    @property
    def channels_last(self) -> bool:
        """Whether it is an image, or a batch of them, with the channels innermost."""
        return (
            len(self.shape) in _CHANNELS_LAST_RANKS
            and self.stride != _in_order(self.shape)
            and self.stride == _channels_innermost(self.shape)
        )

    def transposed(self) -> Layout:
        """The layout with the first two dimensions exchanged, in the same memory."""
        first, second, *rest = range(len(self.shape))
        order = (second, first, *rest)
        stride = self.stride and tuple(self.stride[dim] for dim in order)
        return Layout(tuple(self.shape[dim] for dim in order), stride, self.dtype)

    def empty(self) -> torch.Tensor:
        """A meta tensor of this layout."""
        if self.stride is None:
            return torch.empty(self.shape, dtype=self.dtype, device="meta")
        return torch.empty_strided(self.shape, self.stride, dtype=self.dtype, device="meta")


def layout_of(tensor: torch.Tensor) -> Layout:
    """The layout of a tensor."""
    if tensor.layout is torch.strided and not tensor.is_nested:
        return Layout(tuple(tensor.shape), tensor.stride(), tensor.dtype)
    shape = (tensor.numel(),) if tensor.is_nested else tuple(tensor.shape)
    return Layout(shape, None, tensor.dtype)


@lru_cache(maxsize=4096)
def tensor_and_elements(layout: Layout) -> tuple[Tensor, int]:
    """Shape and dtype as the graph shows them, and the number of elements in memory."""
    tensor = Tensor(layout.shape, str(layout.dtype).removeprefix("torch."))
    if layout.stride is None:
        return tensor, tensor.elements
    sizes = zip(layout.shape, layout.stride, strict=True)
    return tensor, prod(size for size, stride in sizes if stride or size == 0)


def _in_order(shape: tuple[int, ...]) -> tuple[int, ...]:
    strides, step = [], 1
    for size in reversed(shape):
        strides.append(step)
        step *= max(size, 1)
    return tuple(reversed(strides))


def _channels_innermost(shape: tuple[int, ...]) -> tuple[int, ...]:
    batch, *inner = _in_order((shape[0], *shape[2:], shape[1]))
    return (batch, 1, *inner[:-1])
