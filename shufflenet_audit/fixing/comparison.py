"""Two networks run on the same inputs, and how far their outputs are apart."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from math import inf, isfinite
from typing import Any

import torch

Outputs = tuple[torch.Tensor, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """How far outputs are apart at most: as they are, and as a share of the largest of them."""

    absolute: float = 0.0
    """The largest difference of two outputs."""
    relative: float = 0.0
    """The same as a share of the largest output."""

    def __or__(self, other: Difference) -> Difference:
        return Difference(max(self.absolute, other.absolute), max(self.relative, other.relative))


def difference(expected: Outputs, found: Outputs) -> Difference:
    """The difference of the outputs of two networks; infinite if they differ in form."""
    if len(expected) != len(found):
        return Difference(inf, inf)
    total = Difference()
    for one, other in zip(expected, found, strict=True):
        total |= _difference(one, other)
    return total


def tensors(result: Any) -> Iterator[torch.Tensor]:
    """The tensors in whatever a model returns, in the order in which a trace finds them."""
    if isinstance(result, torch.Tensor):
        yield result
        return
    for part in _parts(result):
        yield from tensors(part)


def _parts(result: Any) -> Iterable[Any]:
    if isinstance(result, Mapping):
        return result.values()
    if isinstance(result, list | tuple | set):
        return result
    own = vars(result).values() if hasattr(result, "__dict__") else ()
    return [part for part in own if isinstance(part, torch.Tensor | list | tuple | dict)]


def _difference(one: torch.Tensor, other: torch.Tensor) -> Difference:
    if one.shape != other.shape:
        return Difference(inf, inf)
    if not one.numel() or torch.equal(one, other.to(one.dtype)):
        return Difference()
    if not (one.is_floating_point() or one.is_complex()):
        return Difference(inf, inf)
    one, other = one.detach(), other.detach()
    same = (one == other) | (one.isnan() & other.isnan())
    apart = (one - other).abs().masked_fill(same, 0).max().item()
    largest = one.abs().masked_fill(~one.abs().isfinite(), 0).max().item()
    if not isfinite(apart):
        return Difference(inf, inf)
    return Difference(apart, apart / largest if largest else inf)
