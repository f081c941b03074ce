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
    """Name of the program."""
    version: str
    """Its version."""
    python: str
    """Version of Python."""
    torch: str
    """Version of PyTorch."""


@dataclass(frozen=True, slots=True)
class Model:
    """
    The model under audit.

    `traced_on` is "meta" (shapes alone) or "real" (with values), `assumptions` are sentences
    about what nobody said and the audit had to decide.
    """

    name: str
    """What the user called it."""
    class_name: str
    """The name of its class."""
    traced_on: str
    """
    `meta` if it was run on shapes alone, `real` if on values; or the format that its graph
    was read from.
    """
    assumptions: tuple[str, ...] = ()
    """Sentences about what nobody said and the audit had to decide."""


@dataclass(frozen=True, slots=True)
class Audit:
    """
    An audited model. Save it with `to_json`, read it back with `from_json`, without loss.

    `drift` is how it stands against a baseline, if there is one.
    """

    tool: Tool
    """The programs that made the audit."""
    model: Model
    """The model under audit."""
    graph: Annotated[CostGraph, Inline()]
    """Its costed ops."""
    guidelines: tuple[Guideline, ...]
    """What each rule says of it."""
    latencies: tuple[Latency, ...] = ()
    """Measured and predicted times."""
    budgets: tuple[Budget, ...] = ()
    """What it may cost, and whether it keeps to that."""
    drift: Drift | None = None
    """How it stands against a baseline; None where there is none."""

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All findings, the most costly first."""
        found = (finding for guideline in self.guidelines for finding in guideline.findings)
        return sorted_by_cost(found)

    @property
    def suppressed(self) -> tuple[Finding, ...]:
        """The findings that are suppressed, the most costly first."""
        return tuple(finding for finding in self.findings if finding.suppressed)

    @property
    def new(self) -> tuple[Finding, ...]:
        """The findings that are neither suppressed nor in the baseline, the most costly first."""
        return tuple(each for each in self.findings if not (each.suppressed or each.known))

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
        return document.written(self, FORM)

    @classmethod
    def from_json(cls, text: str) -> Audit:
        """The audit that was saved as this JSON. Raises FormatError if it is none."""
        return document.read(cls, text, FORM)

    def _repr_html_(self) -> str:
        """The audit as a table, in a notebook."""
        return summary(self.model.name, self.graph.total, self.guidelines)

    def guideline(self, code: str) -> Guideline:
        """What the rule of that code says. Raises KeyError."""
        for guideline in self.guidelines:
            if guideline.code == code:
                return guideline
        raise KeyError(code)


_JUDGED = (Verdict.PASS, Verdict.WARN, Verdict.FAIL)
