"""Measured and predicted times, each with its spread: a timing is a claim."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from shufflenet_audit.network.kind import Kind


@dataclass(frozen=True, slots=True)
class Seconds:
    """A time: the median of its repetitions, and the interval in which the true median lies."""

    median: float
    low: float
    high: float

    def overlaps(self, other: Seconds) -> bool:
        """Whether the intervals have something in common: then no difference is seen."""
        return self.low <= other.high and other.low <= self.high


@dataclass(frozen=True, slots=True)
class Timing:
    """
    The time of what a backend runs as one kernel.

    `ops` names its members; a kernel of no origin (a layout reorder) has none. `label` is what
    the backend calls it.
    """

    ops: tuple[str, ...]
    label: str
    kind: Kind
    seconds: Seconds


@dataclass(frozen=True, slots=True)
class Roof:
    """What a device does at best: multiply–adds, and bytes moved from any cache, per second."""

    macs_per_second: float
    bytes_per_second: float


@dataclass(frozen=True, slots=True)
class Latency:
    """
    Where the time goes on one backend and device.

    `total` is the uninstrumented run; `timings` are for shares. A predicted latency was computed
    from costs, not measured. `settings` are pairs such as ("batch", "1"), `notes` sentences such
    as what made the measurement noisy. `roof` is None where the device's own is not known.
    """

    backend: str
    device: str
    predicted: bool
    threads: int
    total: Seconds
    timings: tuple[Timing, ...]
    settings: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()
    roof: Roof | None = None

    @property
    def sum_of_parts(self) -> float:
        """Seconds of all timings together."""
        return sum(timing.seconds.median for timing in self.timings)


class Support(StrEnum):
    """What a measurement says of a finding."""

    PREDICTED = "predicted"
    CONFIRMED = "confirmed"
    CONTRADICTED = "contradicted"
    NO_DIFFERENCE = "no difference seen"


@dataclass(frozen=True, slots=True)
class Evidence:
    """What mending a finding saves on a device: `saves` of the `total` time of the network."""

    device: str
    support: Support
    saves: Seconds
    total: Seconds
