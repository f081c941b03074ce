"""A tensor as an audit sees it: shape and element type, without its values."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from math import prod

from shufflenet_audit.structure.hints import Count

_BITS = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Tensor:
    """Shape and element type of a tensor, without its values."""

    shape: tuple[Count, ...]
    """Size of each dimension."""
    dtype: str
    """Element type as PyTorch calls it, as in `float32`."""

    @property
    def elements(self) -> int:
        """Number of elements."""
        return prod(self.shape)

    @property
    def element_size(self) -> int:
        """Size of one element, in bytes."""
        return _element_size(self.dtype)

    @property
    def bytes(self) -> int:
        """Size of all elements, in bytes."""
        return self.elements * self.element_size

    def __str__(self) -> str:
        return f"{self.dtype}[{'×'.join(map(str, self.shape))}]"


@lru_cache(maxsize=64)
def _element_size(dtype: str) -> int:
    """Bytes of one element: from the bits in the name of the dtype, or 1 if it has none (bool)."""
    bits = _BITS.search(dtype)
    return max(int(bits.group()) // 8, 1) if bits else 1
