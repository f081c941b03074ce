"""The result of an audit: frozen data that every report is made from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from shufflenet_audit.checking.finding import Finding, sorted_by_cost
from shufflenet_audit.checking.guideline import Guideline, Verdict
from shufflenet_audit.network.graph import CostGraph
from shufflenet_audit.network.timings import Latency
from shufflenet_audit.results.budget import Budget
from shufflenet_audit.results.drift import Drift
from shufflenet_audit.results.notebook import summary
from shufflenet_audit.results.saved import FORM
from shufflenet_audit.structure import document
from shufflenet_audit.structure.hints import Inline

if TYPE_CHECKING:  # half a second that a report does not need
    import pandas as pd


@dataclass(frozen=True, slots=True)
class Tool:
    """The programs that made the audit."""

    name: str
    """The name of this program."""
    version: str
    """The version of this program."""
    python: str
    """The version of Python."""
    torch: str
    """The version of PyTorch."""


@dataclass(frozen=True, slots=True)
class Model:
    """The model under audit."""

    name: str
    """What the user calls it: a file, an import path, a reference network or a class."""
    class_name: str
    """The class of its outermost module."""
    traced_on: str
    """The tensors that it was traced with: `meta` (shapes alone) or `real` (with values)."""
    assumptions: tuple[str, ...] = ()
    """What was not specified and the audit had to decide, such as its input; a sentence each."""


@dataclass(frozen=True, slots=True)
class Audit:
    """An audited model. Save it with `to_json`, read it back with `from_json`, without loss."""

    tool: Tool
    """The programs that made the audit."""
    model: Model
    """The model that was audited."""
    graph: Annotated[CostGraph, Inline()]
    """Its ops with their costs."""
    guidelines: tuple[Guideline, ...]
    """The result of each rule that was checked, with its findings."""
    latencies: tuple[Latency, ...] = ()
    """Where its time goes, measured or predicted: one for each backend and device."""
    budgets: tuple[Budget, ...] = ()
    """The limits that the project sets, and whether the network keeps to them."""
    drift: Drift | None = None
    """What has changed since the project's baseline; None where there is no baseline."""

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All findings, the most costly first."""
        findings = (finding for guideline in self.guidelines for finding in guideline.findings)
        return sorted_by_cost(findings)

    @property
    def suppressed(self) -> tuple[Finding, ...]:
        """The findings that are suppressed, the most costly first."""
        return tuple(finding for finding in self.findings if finding.suppressed)

    @property
    def new(self) -> tuple[Finding, ...]:
        """The findings that are neither suppressed nor in the baseline, the most costly first."""
        return tuple(
            finding for finding in self.findings if not (finding.suppressed or finding.known)
        )

    @property
    def verdict(self) -> Verdict:
        """The worst of the guidelines."""
        order = list(Verdict)
        verdicts = (g.verdict for g in self.guidelines if g.verdict in _JUDGED)
        return max(verdicts, key=order.index, default=Verdict.PASS)

    @property
    def crashed(self) -> bool:
        """Whether a rule or a cost handler crashed, so that a part of the audit is missing."""
        rules = any(guideline.verdict is Verdict.CRASHED for guideline in self.guidelines)
        return rules or any(op.error for op in self.graph)

    def table(self) -> pd.DataFrame:
        """One row per op."""
        return self.graph.table()

    def to_json(self) -> str:
        """The audit as JSON, the same bytes for the same model."""
        return document.written(self, FORM)

    @classmethod
    def from_json(cls, text: str) -> Audit:
        """The audit that was saved as this JSON. Raises FormatError if it is not one."""
        return document.read(cls, text, FORM)

    def _repr_html_(self) -> str:
        """The audit as a table, in a notebook."""
        return summary(self.model.name, self.graph.total, self.guidelines)

    def guideline(self, code: str) -> Guideline:
        """The result of the rule with that code. Raises KeyError."""
        for guideline in self.guidelines:
            if guideline.code == code:
                return guideline
        raise KeyError(code)


_JUDGED = (Verdict.PASS, Verdict.WARN, Verdict.FAIL)
