"""A budget: what a network may cost as a whole, and whether it keeps to that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Final

from shufflenet_audit.network.timings import Latency
from shufflenet_audit.network.totals import Totals
from shufflenet_audit.structure.hints import AtLeast, OneOf
from shufflenet_audit.text import duration, human

COUNTS: Final = ("macs", "params", "memory_access", "memory_access_fused", "peak_memory", "ops")
LATENCY: Final = "latency_ms"
_MILLISECOND: Final = 1e-3
_MANY: Final = 3
_IN_BYTES: Final = "peak_memory"
_EXACT: Final = ("params", "peak_memory", "ops")  # known even where the cost of an op is not


class Aggregation(StrEnum):
    """
    Which end of a measured interval has to keep to the limit.

    `median`: all of it; if the limit lies inside the interval, the result is unknown. `low` gives
    the benefit of the doubt, `high` does not.
    """

    MEDIAN = "median"
    LOW = "low"
    HIGH = "high"


class BudgetStatus(StrEnum):
    """Whether a network keeps to a budget."""

    WITHIN = "within"
    OVER = "over"
    UNKNOWN = "cannot be told"


@dataclass(frozen=True, slots=True)
class Limit:
    """The most that a network may cost, as the project sets it."""

    name: Annotated[str, OneOf((*COUNTS, LATENCY))]
    """What is limited: `macs`, `params`, `memory_access`, …, or `latency_ms`."""
    most: Annotated[float, AtLeast(0)]
    """The limit: a count, elements for memory access, milliseconds for a latency."""
    tolerance: Annotated[float, AtLeast(0)] = 0.0
    """By which share of the limit a network may exceed it; 0.05 is 5 %."""
    aggregation: Aggregation = Aggregation.MEDIAN
    """Which end of a latency's interval has to keep to the limit."""

    @property
    def bound(self) -> float:
        """The limit with its tolerance: a network above it is over the budget."""
        return self.most * (1 + self.tolerance)


@dataclass(frozen=True, slots=True)
class Budget:
    """A limit, the value of the network, and whether it keeps to the limit."""

    limit: Limit
    """The limit that the project sets."""
    value: float | None
    """The value of the network, in the unit of the limit; None where it is not known."""
    kept: BudgetStatus
    """Whether the network keeps to the limit."""
    why: str = ""
    """What the status rests on, such as `measured`, or why it is unknown."""

    def __str__(self) -> str:
        """As in `145.8 M of 140.0 M: 4.1% over`."""
        value, limit = self.value, self.limit
        if value is None:
            return f"{self.kept}: {self.why}"
        amounts = f"{_shown(limit.name, value)} of {_shown(limit.name, limit.most)}"
        over = (
            f": {_more(value, limit.most)}" if self.kept is BudgetStatus.OVER else f": {self.kept}"
        )
        tolerated = f", {limit.tolerance * 100:.3g}% more tolerated" if limit.tolerance else ""
        return amounts + over + tolerated + (f" ({self.why})" if self.why else "")


def check_budget(limit: Limit, total: Totals, latencies: Sequence[Latency]) -> Budget:
    """Whether a network with these costs and times keeps to a limit."""
    if limit.name == LATENCY:
        return _time(limit, latencies)
    value = getattr(total, limit.name)
    if value > limit.bound:
        return Budget(limit, value, BudgetStatus.OVER)
    if total.unknown and limit.name not in _EXACT:
        why = f"the cost of {total.unknown} ops is not known"
        return Budget(limit, value, BudgetStatus.UNKNOWN, why)
    return Budget(limit, value, BudgetStatus.WITHIN)


def _time(limit: Limit, latencies: Sequence[Latency]) -> Budget:
    """A limit of the latency, checked on a measured one, or else on a predicted one."""
    latest = sorted(latencies, key=lambda latency: not latency.predicted)
    if not latest:
        return Budget(limit, None, BudgetStatus.UNKNOWN, "no latency was measured or predicted")
    latency, total = latest[-1], latest[-1].total
    low, high = _interval(limit.aggregation, total.low, total.high)
    bound = limit.bound * _MILLISECOND
    kept = (
        BudgetStatus.OVER
        if low > bound
        else BudgetStatus.WITHIN
        if high <= bound
        else BudgetStatus.UNKNOWN
    )
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
    if name == LATENCY:
        return duration(value * _MILLISECOND)
    return human(value, "B" if name == _IN_BYTES else "")
