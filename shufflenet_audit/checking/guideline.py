"""What a rule says of a network: its metric, its verdict, its findings."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from math import exp2
from typing import Annotated

from shufflenet_audit.checking.finding import Finding
from shufflenet_audit.structure.hints import Apart, Count, Derived


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
    """The number; None where the network has nothing that the guideline speaks of."""
    meaning: str
    """What it counts."""
    unit: Unit
    """Its unit; a share is from 0 to 1."""
    best: float
    """The value of a network without fault."""
    warn: float
    """From here on the verdict is warn."""
    fail: float
    """From here on the verdict is fail."""

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
    """Code of the rule, as in G1."""
    name: str
    """Name of the rule, as in unbalanced-channels."""
    summary: str
    """The rule in one sentence."""
    documentation: str
    """The whole explanation, as Markdown."""
    severity: Severity
    """How bad it may get."""
    verdict: Verdict
    """Whether the guideline holds."""
    metric: Annotated[Metric | None, Apart("value", others="scale")]
    """The number that it is judged by; None where there is nothing to judge."""
    findings: tuple[Finding, ...] = ()
    """The places where it does not hold, the most costly first."""
    error: str = ""
    """What the rule raised if it crashed; else empty."""

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
        """From 0 to 100, from the metric alone; None where there is none."""
        return None if self.metric is None else self.metric.score
