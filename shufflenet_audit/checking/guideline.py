"""What a rule says about a network: its metric, its verdict, its findings."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from math import exp2
from typing import Annotated

from shufflenet_audit.checking.finding import Finding
from shufflenet_audit.structure.hints import Apart, Count, Derived


class Severity(StrEnum):
    """The worst verdict that a violated guideline can get."""

    WARNING = "warning"
    ERROR = "error"


class Verdict(StrEnum):
    """Whether a guideline holds for a network."""

    PASS = "pass"
    WARN = "warn"
    FAIL = "fail"
    NOT_APPLICABLE = "not_applicable"
    CRASHED = "crashed"


class Unit(StrEnum):
    """What a metric counts. A share is a number from 0 to 1, shown as a percentage."""

    SHARE = "share"
    FRAGMENTS = "fragments per block"
    COUNT = "count"


@dataclass(frozen=True, slots=True)
class Metric:
    """The number that a guideline is judged by, on its scale."""

    value: float | None
    """The number; None if the network has nothing that the guideline is about."""
    meaning: str
    """What the number is, in words."""
    unit: Unit
    """What it counts."""
    best: float
    """The value of a network without fault: its score is 100."""
    warn: float
    """From this value on the verdict is warn."""
    fail: float
    """From this value on the verdict is fail; its score is 50."""

    @property
    def score(self) -> int | None:
        """From 0 to 100: 100 at the best value, halved for each distance from `best` to `fail`."""
        if self.value is None:
            return None
        excess = max(self.value - self.best, 0.0) / (self.fail - self.best)
        return round(100 * exp2(-excess))

    def __str__(self) -> str:
        if self.value is None:
            return "none"
        return f"{self.value:.1%}" if self.unit is Unit.SHARE else f"{self.value:.1f}"


@dataclass(frozen=True, slots=True)
class Guideline:
    """What a rule says about a network."""

    code: str
    """Short code of the rule, as in `G1`."""
    name: str
    """Name of the rule, as in `unbalanced-channels`."""
    summary: str
    """First line of the documentation of the rule."""
    documentation: str
    """Documentation of the rule, as Markdown."""
    severity: Severity
    """How bad its verdict can get."""
    verdict: Verdict
    """Whether the guideline holds."""
    metric: Annotated[Metric | None, Apart("value", others="scale")]
    """The number that it is judged by; None if the rule crashed or never ran."""
    findings: tuple[Finding, ...] = ()
    """The places where it does not hold, the most costly first."""
    error: str = ""
    """Why the rule crashed; empty if it did not."""

    @property
    def active(self) -> tuple[Finding, ...]:
        """The findings that are not suppressed."""
        return tuple(finding for finding in self.findings if not finding.suppressed)

    @property
    def suppressed(self) -> tuple[Finding, ...]:
        """The findings that are suppressed, with a reason."""
        return tuple(finding for finding in self.findings if finding.suppressed)

    @property
    def score(self) -> Derived[Count | None]:
        """From 0 to 100, from the metric alone; None if it has no value."""
        return None if self.metric is None else self.metric.score
