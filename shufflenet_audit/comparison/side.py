"""The rows of a comparison: each has one value for each model."""

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
from shufflenet_audit.structure.hints import Derived

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Subject:
    """A model of a comparison."""

    name: str
    """What it is called, unlike any other model of the comparison."""
    class_name: str
    """The class of its outermost module."""
    inputs: tuple[str, ...]
    """Its inputs, each as in `x float32[1×3×224×224]`."""
    assumptions: tuple[str, ...]
    """What the audit had to decide, a sentence each."""
    unknown: int
    """How many of its ops have no known cost: its numbers leave them out."""
    tool: Tool
    """The programs that made its audit."""


@dataclass(frozen=True, slots=True)
class Amount:
    """A quantity of each model, and how the others differ from the first."""

    name: str
    """What a program calls it, as in `bytes_fused`."""
    title: str
    """What a person calls it, as in `memory access, fused`."""
    unit: str
    """`B` for bytes, `per byte` for an intensity, empty for a count."""
    values: tuple[float, ...]
    """The quantity of each model."""

    @property
    def differences(self) -> Derived[tuple[float, ...]]:
        """Each of the others minus the first."""
        return tuple(value - self.values[0] for value in self.values[1:])

    @property
    def ratios(self) -> Derived[tuple[float | None, ...]]:
        """Each of the others divided by the first; None where the first is zero."""
        return tuple(ratio(self.values[0], value) for value in self.values[1:])


@dataclass(frozen=True, slots=True)
class GuidelineResult:
    """The result of a model for a guideline."""

    verdict: Verdict
    """Whether the guideline holds."""
    metric: float | None
    """The value that the verdict follows from; None where it is unavailable."""
    score: int | None
    """From 0 (worst) to 100; None where there is no metric."""
    findings: int
    """How many places violate it, suppressed ones included."""
    avoidable: Avoidable
    """The cost that fixing all of them would avoid."""


@dataclass(frozen=True, slots=True)
class GuidelineRow:
    """A guideline, and the result of each model for it."""

    code: str
    """The code of its rule, as in `G1`."""
    name: str
    """The name of its rule, as in `unbalanced-channels`."""
    meaning: str
    """What its metric measures."""
    unit: Unit
    """The unit of its metric."""
    standings: tuple[GuidelineResult | None, ...]
    """The results; None for a model that was not checked for it."""


@dataclass(frozen=True, slots=True)
class KindRow:
    """The costs of the ops of one kind in each model."""

    kind: Kind
    """What the ops are to the guidelines."""
    category: Category
    """The paper's category of that kind."""
    totals: tuple[Totals, ...]
    """Their costs in each model."""


@dataclass(frozen=True, slots=True)
class TimedKind:
    """The time of the kernels of one kind in each model."""

    kind: Kind
    """What the kernels are to the guidelines."""
    category: Category
    """The paper's category of that kind."""
    seconds: tuple[float | None, ...]
    """The sum of their medians in each model; None for a model that was not timed."""


@dataclass(frozen=True, slots=True)
class LatencyRow:
    """The time of each model on the same backend and device, run in the same way."""

    backend: str
    """The runtime, as in `eager`."""
    device: str
    """What the models ran on, or would run on."""
    predicted: bool
    """Whether the times were computed from costs, not measured."""
    threads: int
    """CPU threads of the runtime."""
    settings: tuple[tuple[str, str], ...]
    """What else makes the times comparable, as pairs such as ("batch", "1")."""
    totals: tuple[Seconds | None, ...]
    """The time of each model as a whole; None for one that was not timed."""
    kinds: tuple[TimedKind, ...]
    """The time by kind of kernel, the longest first."""
    notes: tuple[tuple[str, ...], ...]
    """For each model what there is to know about its measurement, a sentence each."""

    @property
    def ratios(self) -> Derived[tuple[float | None, ...]]:
        """The time of each of the others divided by the first; None where one was not timed."""
        return self._compared(lambda first, other: ratio(first.median, other.median))

    @property
    def told_apart(self) -> Derived[tuple[bool | None, ...]]:
        """Whether the interval of each of the others lies apart from that of the first."""
        return self._compared(lambda first, other: not first.overlaps(other))

    def _compared(self, result: Callable[[Seconds, Seconds], T | None]) -> tuple[T | None, ...]:
        first, *others = self.totals
        return tuple(
            None if first is None or other is None else result(first, other) for other in others
        )


def ratio(first: float, second: float) -> float | None:
    """The second divided by the first; None where the first is zero."""
    return second / first if first else None
