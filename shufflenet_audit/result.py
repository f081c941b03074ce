"""The result of an audit: frozen data that every report is made from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from math import exp2
from typing import TYPE_CHECKING, Any, Self

from shufflenet_audit.graph import CostGraph
from shufflenet_audit.op import Op, Source
from shufflenet_audit.timings import Evidence, Latency

if TYPE_CHECKING:  # half a second that a report does not need
    import pandas as pd


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


@dataclass(frozen=True, slots=True)
class Avoidable:
    """
    What the equivalent that keeps the guideline would save, with the same multiply–adds.

    Elements and bytes not moved (when each op runs alone, and after fusion), and kernels not
    launched, where each group of a group convolution counts as one.
    """

    memory_access: int = 0
    memory_access_fused: int = 0
    bytes: int = 0
    bytes_fused: int = 0
    launches: int = 0

    @classmethod
    def of(cls, op: Op, elements: float, *, fused: float | None = None, launches: int = 0) -> Self:
        """So many elements of an op not moved; after fusion as many, unless told otherwise."""
        left = elements if fused is None else fused
        size = op.element_size
        return cls(
            round(elements), round(left), round(elements * size), round(left * size), launches
        )

    def __add__(self, other: Avoidable) -> Avoidable:
        return Avoidable(
            self.memory_access + other.memory_access,
            self.memory_access_fused + other.memory_access_fused,
            self.bytes + other.bytes,
            self.bytes_fused + other.bytes_fused,
            self.launches + other.launches,
        )

    def share(self, graph: CostGraph) -> float:
        """The larger of the shares of the network's memory access, before and after fusion."""
        total = graph.total
        return max(
            self.memory_access / max(total.memory_access, 1),
            self.memory_access_fused / max(total.memory_access_fused, 1),
        )


@dataclass(frozen=True, slots=True)
class Finding:
    """One place where a rule does not hold: its ops, the numbers, and what to do instead."""

    ops: tuple[Op, ...]
    message: str
    avoidable: Avoidable = Avoidable()
    instead: str = ""
    evidence: tuple[Evidence, ...] = ()

    @property
    def module(self) -> str:
        """Path of the module that runs the first of its ops."""
        return self.ops[0].module

    @property
    def source(self) -> Source | None:
        """The user's line that runs the first of its ops."""
        return self.ops[0].source


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
    def score(self) -> int | None:
        """From 0 to 100, from the metric alone; None where there is none."""
        return None if self.metric is None else self.metric.score


@dataclass(frozen=True, slots=True)
class Tool:
    """The programs that made the audit."""

    name: str
    version: str
    python: str
    torch: str


@dataclass(frozen=True, slots=True)
class Model:
    """
    The model under audit.

    `traced_on` is "meta" (shapes alone) or "real" (with values), `assumptions` are sentences
    about what nobody said and the audit had to decide.
    """

    name: str
    class_name: str
    traced_on: str
    assumptions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Audit:
    """An audited model. Save it with `to_json`, read it back with `from_json`, without loss."""

    tool: Tool
    model: Model
    graph: CostGraph
    guidelines: tuple[Guideline, ...]
    latencies: tuple[Latency, ...] = ()

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All findings, the most costly first."""
        found = (finding for guideline in self.guidelines for finding in guideline.findings)
        return tuple(sorted(found, key=_costliness))

    @property
    def verdict(self) -> Verdict:
        """The worst of the guidelines."""
        order = list(Verdict)
        verdicts = (g.verdict for g in self.guidelines if g.verdict in _JUDGED)
        return max(verdicts, key=order.index, default=Verdict.PASS)

    @property
    def crashed(self) -> bool:
        """Whether a rule or a cost handler crashed, so that a part of the audit is missing."""
        rules = any(each.verdict is Verdict.CRASHED for each in self.guidelines)
        return rules or any(op.error for op in self.graph)

    def table(self) -> pd.DataFrame:
        """One row per op."""
        return self.graph.table()

    def to_json(self) -> str:
        """The audit as JSON, the same bytes for the same model."""
        from shufflenet_audit.saved import to_json  # noqa: PLC0415  (it knows this module)

        return to_json(self)

    @classmethod
    def from_json(cls, text: str) -> Audit:
        """The audit that was saved as this JSON. Raises FormatError if it is none."""
        from shufflenet_audit.saved import from_json  # noqa: PLC0415  (it knows this module)

        return from_json(text)

    def _repr_html_(self) -> str:
        """The audit as a table, in a notebook."""
        from shufflenet_audit.notebook import summary  # noqa: PLC0415  (it knows this module)

        return summary(self)

    def guideline(self, code: str) -> Guideline:
        """What the rule of that code says. Raises KeyError."""
        for guideline in self.guidelines:
            if guideline.code == code:
                return guideline
        raise KeyError(code)


_JUDGED = (Verdict.PASS, Verdict.WARN, Verdict.FAIL)


def _costliness(finding: Finding) -> tuple[Any, ...]:
    avoidable = finding.avoidable
    saved = -finding.evidence[-1].saves.median if finding.evidence else 0.0
    traffic = (-avoidable.bytes_fused, -avoidable.bytes, -avoidable.launches)
    return (saved, *traffic, finding.ops[0].name)


def sorted_by_cost(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Findings, the most costly first."""
    return tuple(sorted(findings, key=_costliness))
