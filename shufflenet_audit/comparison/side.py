"""What stands side by side in a comparison: one value for each of the models."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from shufflenet_audit.checking.finding import Avoidable
from shufflenet_audit.checking.guideline import Unit, Verdict
from shufflenet_audit.network.kind import Category, Kind
from shufflenet_audit.network.timings import Seconds
from shufflenet_audit.network.totals import Totals
from shufflenet_audit.results.audit import Tool

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Subject:
    """A model of a comparison. `unknown` ops have no known cost: its numbers leave them out."""

    name: str
    class_name: str
    inputs: tuple[str, ...]
    assumptions: tuple[str, ...]
    unknown: int
    tool: Tool


@dataclass(frozen=True, slots=True)
class Amount:
    """A quantity of each model, and how that of the others differs from the first's."""

    name: str
    title: str
    unit: str
    values: tuple[float, ...]

    @property
    def differences(self) -> tuple[float, ...]:
        """By how much each of the others is more than the first."""
        return tuple(value - self.values[0] for value in self.values[1:])

    @property
    def ratios(self) -> tuple[float | None, ...]:
        """How many times the first each of the others is; None where the first is zero."""
        return tuple(ratio(self.values[0], value) for value in self.values[1:])


@dataclass(frozen=True, slots=True)
class Standing:
    """How a model stands with a guideline."""

    verdict: Verdict
    metric: float | None
    score: int | None
    findings: int
    avoidable: Avoidable


@dataclass(frozen=True, slots=True)
class Judged:
    """A guideline, and how each model stands with it: None where it was not checked."""

    code: str
    name: str
    meaning: str
    unit: Unit
    standings: tuple[Standing | None, ...]


@dataclass(frozen=True, slots=True)
class Slice:
    """The ops of one kind in each model."""

    kind: Kind
    category: Category
    totals: tuple[Totals, ...]


@dataclass(frozen=True, slots=True)
class TimedKind:
    """The seconds that kernels of one kind take in each model; None where they were not timed."""

    kind: Kind
    category: Category
    seconds: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class Timed:
    """
    Each model on the same backend and device, in the same way; None where it was not timed.

    `notes` are what a measurement says of itself, of each model.
    """

    backend: str
    device: str
    predicted: bool
    threads: int
    settings: tuple[tuple[str, str], ...]
    totals: tuple[Seconds | None, ...]
    kinds: tuple[TimedKind, ...]
    notes: tuple[tuple[str, ...], ...]

    @property
    def ratios(self) -> tuple[float | None, ...]:
        """How many times as long as the first each of the others takes."""
        return self._each(lambda first, other: ratio(first.median, other.median))

    @property
    def told_apart(self) -> tuple[bool | None, ...]:
        """Whether the intervals of the first and of each of the others do not overlap."""
        return self._each(lambda first, other: not first.overlaps(other))

    def _each(self, compared: Callable[[Seconds, Seconds], T | None]) -> tuple[T | None, ...]:
        first, *others = self.totals
        return tuple(
            None if first is None or each is None else compared(first, each) for each in others
        )


def ratio(first: float, second: float) -> float | None:
    """How many times the first the second is; None where the first is zero."""
    return second / first if first else None
