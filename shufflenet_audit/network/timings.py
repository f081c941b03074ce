"""Measured and predicted times, each with its spread: a timing is a claim."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from shufflenet_audit.network.kind import Kind
from shufflenet_audit.structure.hints import AtLeast, Count


@dataclass(frozen=True, slots=True)
class Seconds:
    """A time: the median of its repetitions, and the interval in which the true median lies."""

    median: float
    """Median of its repetitions, in seconds."""
    low: float
    """Lower end of the interval in which the true median lies."""
    high: float
    """Upper end of that interval."""

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
    """The names of its ops; empty for a kernel of no origin, such as a layout reorder."""
    label: str
    """What the backend calls it."""
    kind: Kind
    """What it is to the guidelines."""
    seconds: Seconds
    """How long it takes."""


@dataclass(frozen=True, slots=True)
class Roof:
    """What a device does at best: multiply–adds, and bytes moved from any cache, per second."""

    macs_per_second: Annotated[float, AtLeast(0)]
    """Multiply–adds per second."""
    bytes_per_second: Annotated[float, AtLeast(0)]
    """Bytes moved per second, from whatever cache."""


@dataclass(frozen=True, slots=True)
class Latency:
    """
    Where the time goes on one backend and device.

    `total` is the uninstrumented run; `timings` are for shares. A predicted latency was computed
    from costs, not measured. `settings` are pairs such as ("batch", "1"), `notes` sentences such
    as what made the measurement noisy. `roof` is None where the device's own is not known.
    """

    backend: str
    """Name of the backend."""
    device: str
    """Name of the device."""
    predicted: bool
    """Whether it was computed from costs and not measured."""
    threads: Count
    """Threads that run the ops."""
    total: Seconds
    """Time of the uninstrumented run."""
    timings: tuple[Timing, ...]
    """Time by kernel, for shares."""
    settings: tuple[tuple[str, str], ...] = ()
    """Names and values, as in `batch` and `1`."""
    notes: tuple[str, ...] = ()
    """Sentences, such as what made the measurement noisy."""
    roof: Roof | None = None
    """What the device does at best; None where that is not known."""

    @property
    def op_by_op(self) -> bool:
        """Whether each op was timed alone: then its time says what the op costs."""
        return not self.predicted and all(len(timing.ops) <= 1 for timing in self.timings)

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
    """Name of the device."""
    support: Support
    """What the measurement says of the finding."""
    saves: Seconds
    """Time that is saved."""
    total: Seconds
    """Time of the whole network."""
