"""A budget: what a network may cost in all, and whether it keeps to that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from shufflenet_audit.network.timings import Latency
from shufflenet_audit.network.totals import Totals
from shufflenet_audit.text import duration, human

COUNTS: Final = ("macs", "params", "memory_access", "memory_access_fused", "ops")
LATENCY: Final = "latency_ms"
_MILLISECOND: Final = 1e-3
_MANY: Final = 3
_EXACT: Final = ("params", "ops")  # known even where the cost of an op is not


class Aggregation(StrEnum):
    """
    Which end of a measured interval has to keep to the limit.

    `median`: all of it; an interval on both sides of the limit tells nothing. `low` gives the
    benefit of the doubt, `high` gives none.
    """

    MEDIAN = "median"
    LOW = "low"
    HIGH = "high"


class Kept(StrEnum):
    """Whether a budget is kept."""

    WITHIN = "within"
    OVER = "over"
    UNKNOWN = "cannot be told"


@dataclass(frozen=True, slots=True)
class Limit:
    """What somebody set: so much at most, and by which share of it more may be tolerated."""

    name: str
    most: float
    tolerance: float = 0.0
    aggregation: Aggregation = Aggregation.MEDIAN

    @property
    def bound(self) -> float:
        """The limit with its tolerance: above it, the budget is not kept."""
        return self.most * (1 + self.tolerance)


@dataclass(frozen=True, slots=True)
class Budget:
    """A limit, the value it is held against (none if nobody knows), and what came of it."""

    limit: Limit
    value: float | None
    kept: Kept
    why: str = ""

    def __str__(self) -> str:
        """As in `145.8 M of 140.0 M: 4.1% over`."""
        value, limit = self.value, self.limit
        if value is None:
            return f"{self.kept}: {self.why}"
        said = f"{_shown(limit.name, value)} of {_shown(limit.name, limit.most)}"
        over = f": {_more(value, limit.most)}" if self.kept is Kept.OVER else f": {self.kept}"
        tolerated = f", {limit.tolerance * 100:.3g}% more tolerated" if limit.tolerance else ""
        return said + over + tolerated + (f" ({self.why})" if self.why else "")


def judged(limit: Limit, total: Totals, latencies: Sequence[Latency]) -> Budget:
    """What a network makes of a limit."""
    if limit.name == LATENCY:
        return _time(limit, latencies)
    value = getattr(total, limit.name)
    if value > limit.bound:
        return Budget(limit, value, Kept.OVER)
    if total.unknown and limit.name not in _EXACT:
        why = f"the cost of {total.unknown} ops is not known"
        return Budget(limit, value, Kept.UNKNOWN, why)
    return Budget(limit, value, Kept.WITHIN)


def _time(limit: Limit, latencies: Sequence[Latency]) -> Budget:
    """Held against what was measured, or else against what was predicted."""
    latest = sorted(latencies, key=lambda each: not each.predicted)
    if not latest:
        return Budget(limit, None, Kept.UNKNOWN, "no latency was measured or predicted")
    latency, total = latest[-1], latest[-1].total
    low, high = _interval(limit.aggregation, total.low, total.high)
    bound = limit.bound * _MILLISECOND
    kept = Kept.OVER if low > bound else Kept.WITHIN if high <= bound else Kept.UNKNOWN
    how = "predicted" if latency.predicted else "measured"
    spread = f", {limit.aggregation} of {duration(total.low)} – {duration(total.high)}"
    why = how + spread * (total.low < total.high)
    ends = {Aggregation.MEDIAN: total.median, Aggregation.LOW: low, Aggregation.HIGH: high}
    return Budget(limit, ends[limit.aggregation] / _MILLISECOND, kept, why)


def _interval(aggregation: Aggregation, low: float, high: float) -> tuple[float, float]:
    match aggregation:
        case Aggregation.LOW:
            return low, low
        case Aggregation.HIGH:
            return high, high
    return low, high


def _more(value: float, most: float) -> str:
    if not most:
        return "over"
    times = value / most
    return f"{times - 1:.1%} over" if times < _MANY else f"{times:.3g} times as much"


def _shown(name: str, value: float) -> str:
    return duration(value * _MILLISECOND) if name == LATENCY else human(value)
