"""Measured and predicted times, each with its spread."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from shufflenet_audit.network.kind import Kind
from shufflenet_audit.structure.hints import AtLeast, Count
from shufflenet_audit.text import duration


@dataclass(frozen=True, slots=True)
class Seconds:
    """A time in seconds, with the interval that the true median lies in."""

    median: float
    """Median of the repetitions, in seconds."""
    low: float
    """Lower end of the interval, in seconds."""
    high: float
    """Upper end of the interval, in seconds."""

    def interval(self) -> str:
        """The interval in words, as in `180 µs to 240 µs`."""
        return f"{duration(self.low)} to {duration(self.high)}"

    def __str__(self) -> str:
        """The median and its interval, as in `210 µs (180 µs to 240 µs)`, if it has one."""
        if self.low == self.high:
            return duration(self.median)
        return f"{duration(self.median)} ({self.interval()})"

    def __neg__(self) -> Seconds:
        """The opposite of a saving: the same time as a loss."""
        return Seconds(-self.median, -self.high, -self.low)

    def overlaps(self, other: Seconds) -> bool:
        """Whether the intervals overlap: then no difference is seen."""
        return self.low <= other.high and other.low <= self.high


@dataclass(frozen=True, slots=True)
class Timing:
    """The time of what a backend runs as one kernel."""

    ops: tuple[str, ...]
    """Names of the ops that the kernel runs; empty if it belongs to none (a layout reorder)."""
    label: str
    """What the backend calls it."""
    kind: Kind
    """What it is to the guidelines."""
    seconds: Seconds
    """How long it takes."""


@dataclass(frozen=True, slots=True)
class Roof:
    """What a device does at best."""

    macs_per_second: Annotated[float, AtLeast(0)]
    """Multiply–accumulates per second."""
    bytes_per_second: Annotated[float, AtLeast(0)]
    """Bytes per second, moved from whichever cache is fastest."""


@dataclass(frozen=True, slots=True)
class Latency:
    """Where the time goes on one backend and device."""

    backend: str
    """Name of the backend, as in `eager`."""
    device: str
    """Name of the device."""
    predicted: bool
    """Whether it was computed from costs instead of measured."""
    threads: Count
    """Threads that the backend used."""
    total: Seconds
    """Time of a whole run without instrumentation."""
    timings: tuple[Timing, ...]
    """Time of each kernel under instrumentation: for shares, not for sums."""
    settings: tuple[tuple[str, str], ...] = ()
    """Pairs of name and value, such as `("batch", "1")`."""
    notes: tuple[str, ...] = ()
    """Sentences about the measurement, such as what made it noisy."""
    roof: Roof | None = None
    """What the device does at best; None if it is not known."""

    @property
    def op_by_op(self) -> bool:
        """Whether each op was timed alone: then its time says what the op costs."""
        return not self.predicted and all(len(timing.ops) <= 1 for timing in self.timings)

    @property
    def sum_of_parts(self) -> float:
        """Sum of the medians of all timings, in seconds."""
        return sum(timing.seconds.median for timing in self.timings)


class Support(StrEnum):
    """What a prediction or a measurement says about the saving of a finding."""

    PREDICTED = "predicted"
    CONFIRMED = "confirmed"
    CONTRADICTED = "contradicted"
    NO_DIFFERENCE = "no difference seen"


@dataclass(frozen=True, slots=True)
class Evidence:
    """What fixing a finding saves on a device, predicted or measured."""

    device: str
    """Name of the device."""
    support: Support
    """Whether it was predicted, or what the measurement says about the prediction."""
    saves: Seconds
    """Time saved per run of the network; negative if the alternative is slower."""
    total: Seconds
    """Time of a whole run of the network, for comparison."""
