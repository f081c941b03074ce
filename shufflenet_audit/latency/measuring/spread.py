"""Statistics of repeated timings: the median, and its confidence interval."""

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

    It holds for any distribution. Fewer than six samples cannot give an interval of 95 %: then it
    is the range of all samples.
    """
    ordered = sorted(samples)
    low = _rank(len(ordered))
    return Seconds(median(ordered), ordered[low], ordered[-1 - low])


def difference(first: Sequence[float], second: Sequence[float]) -> Seconds:
    """How much longer the first took, from runs that were made in turn."""
    return seconds([a - b for a, b in zip(first, second, strict=True)])


@lru_cache(maxsize=1024)
def _rank(count: int) -> int:
    """How many samples the interval leaves out at either end: each end errs in 2.5 % of cases."""
    outside, allowed = 0, (1 - _CONFIDENCE) / 2 * 2**count
    for rank in range(count):
        outside += comb(count, rank)
        if outside > allowed:
            return max(rank - 1, 0)
    return 0
