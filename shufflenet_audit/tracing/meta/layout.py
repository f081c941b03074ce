"""What the meta kernels know of a tensor, as a value that can be compared."""

from __future__ import annotations

from functools import lru_cache
from math import prod
from typing import NamedTuple, Self

import torch

from shufflenet_audit.network.tensor import Tensor

_CHANNELS_LAST_RANKS = (4, 5)


class Layout(NamedTuple):
    """Shape, stride and dtype. `stride` is None where a tensor has none (sparse, nested)."""

    shape: tuple[int, ...]
    stride: tuple[int, ...] | None
    dtype: torch.dtype

    @classmethod
    def dense(
        cls, shape: tuple[int, ...], dtype: torch.dtype, *, channels_last: bool = False
    ) -> Self:
        """A tensor without gaps, its dimensions in order, or the channels innermost."""
        strides = _channels_innermost(shape) if channels_last else _in_order(shape)
        return cls(shape, strides, dtype)

    @property
    def is_dense(self) -> bool:
        """Whether it has no gaps, in one of the two usual orders."""
        return self.stride == _in_order(self.shape) or self.channels_last

    @property
    def in_order(self) -> bool:
        """Whether an earlier dimension has the larger stride, with or without gaps."""
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
        """Its first two dimensions exchanged, in the same memory."""
        first, second, *rest = range(len(self.shape))
        order = (second, first, *rest)
        stride = self.stride and tuple(self.stride[at] for at in order)
        return Layout(tuple(self.shape[at] for at in order), stride, self.dtype)

    def empty(self) -> torch.Tensor:
        """A meta tensor that is laid out so."""
        if self.stride is None:
            return torch.empty(self.shape, dtype=self.dtype, device="meta")
        return torch.empty_strided(self.shape, self.stride, dtype=self.dtype, device="meta")


def layout_of(tensor: torch.Tensor) -> Layout:
    """How a tensor is laid out."""
    if tensor.layout is torch.strided and not tensor.is_nested:
        return Layout(tuple(tensor.shape), tensor.stride(), tensor.dtype)
    shape = (tensor.numel(),) if tensor.is_nested else tuple(tensor.shape)
    return Layout(shape, None, tensor.dtype)


@lru_cache(maxsize=4096)
def described(layout: Layout) -> tuple[Tensor, int]:
    """The tensor as the graph shows it, and how many elements it has in memory."""
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
    batch, *places = _in_order((shape[0], *shape[2:], shape[1]))
    return (batch, 1, *places[:-1])
