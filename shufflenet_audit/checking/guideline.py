"""What a rule says of a network: its metric, its verdict, its findings."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from math import exp2

from shufflenet_audit.checking.finding import Finding


class Severity(StrEnum):
    """How bad it may get when a guideline is violated."""

    WARNING = "warning"
    ERROR = "error"


class Verdict(StrEnum):
    """What became of a guideline."""

    PASS = "pass"
    WARN = "warn"
    FAIL = "fail"
    NOT_APPLICABLE = "not_applicable"
    CRASHED = "crashed"


class Unit(StrEnum):
    """What a metric counts. A share is a number from 0 to 1, shown in per cent."""

    SHARE = "share"
    FRAGMENTS = "fragments per block"
    COUNT = "count"


@dataclass(frozen=True, slots=True)
class Metric:
    """
    The number that a guideline is judged by, and what it means.

    `value` is None where the network has nothing that the guideline speaks of. The verdict turns
    to warn at `warn` and to fail at `fail`; `best` is the value of a network without fault.
    """

    value: float | None
    meaning: str
    unit: Unit
    best: float
    warn: float
    fail: float

    @property
    def score(self) -> int | None:
        """100 at the best value, halved for each distance between it and the failing one."""
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
    """What a rule says of a network: metric, verdict, and findings, the most costly first."""

    code: str
    name: str
    summary: str
    documentation: str
    severity: Severity
    verdict: Verdict
    metric: Metric | None
    findings: tuple[Finding, ...] = ()
    error: str = ""

    @property
    def active(self) -> tuple[Finding, ...]:
        """The findings that are not suppressed."""
        return tuple(finding for finding in self.findings if not finding.suppressed)

    @property
    def suppressed(self) -> tuple[Finding, ...]:
        """The findings that are suppressed, with a reason."""
        return tuple(finding for finding in self.findings if finding.suppressed)

    @property
    def score(self) -> int | None:
        """From 0 to 100, from the metric alone; None where there is none."""
        return None if self.metric is None else self.metric.score
