"""A tensor as an audit sees it: shape and element type, without its values."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from math import prod

_BITS = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Tensor:
    """Shape and element type of a tensor, without its values."""

    shape: tuple[int, ...]
    dtype: str

    @property
    def elements(self) -> int:
        """How many elements it has."""
        return prod(self.shape)

    @property
    def element_size(self) -> int:
        """Bytes of one element."""
        return _element_size(self.dtype)

    @property
    def bytes(self) -> int:
        """Bytes that its elements fill."""
        return self.elements * self.element_size

    def __str__(self) -> str:
        return f"{self.dtype}[{'×'.join(map(str, self.shape))}]"


@lru_cache(maxsize=64)
def _element_size(dtype: str) -> int:
    """Bytes by the width in the name; a dtype without one (bool) fills one byte."""
    bits = _BITS.search(dtype)
    return max(int(bits.group()) // 8, 1) if bits else 1
