"""Statistics of repeated timings: a median, and the interval in which the true one lies."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from math import comb
from statistics import median

from shufflenet_audit.network.timings import Seconds

_CONFIDENCE = 0.95


def seconds(samples: Sequence[float]) -> Seconds:
    """
    The median of the samples with its confidence interval, from order statistics.

    Nothing is assumed of how they are distributed. Fewer than six samples cannot give 95 %: then
    the interval is all that was seen.
    """
    ordered = sorted(samples)
    low = _rank(len(ordered))
    return Seconds(median(ordered), ordered[low], ordered[-1 - low])


def difference(first: Sequence[float], second: Sequence[float]) -> Seconds:
    """How much longer the first took, from runs that were made side by side."""
    return seconds([a - b for a, b in zip(first, second, strict=True)])


def added(parts: Sequence[Sequence[float]]) -> tuple[float, ...]:
    """The sum of the parts, run by run."""
    return tuple(map(sum, zip(*parts, strict=True)))


def told_apart(first: Seconds, second: Seconds) -> bool:
    """Whether the intervals of two times do not overlap."""
    return first.high < second.low or second.high < first.low


@lru_cache(maxsize=1024)
def _rank(count: int) -> int:
    """How many samples may be cut off at either end: each end errs in 2.5 % of all cases."""
    outside, allowed = 0, (1 - _CONFIDENCE) / 2 * 2**count
    for rank in range(count):
        outside += comb(count, rank)
        if outside > allowed:
            return max(rank - 1, 0)
    return 0
