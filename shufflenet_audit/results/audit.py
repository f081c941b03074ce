"""The result of an audit: frozen data that every report is made from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from shufflenet_audit.checking.finding import Finding, sorted_by_cost
from shufflenet_audit.checking.guideline import Guideline, Verdict
from shufflenet_audit.network.graph import CostGraph
from shufflenet_audit.network.timings import Latency
from shufflenet_audit.results.budget import Budget
from shufflenet_audit.results.drift import Drift

if TYPE_CHECKING:  # half a second that a report does not need
    import pandas as pd


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
    """
    An audited model. Save it with `to_json`, read it back with `from_json`, without loss.

    `drift` is how it stands against a baseline, if there is one.
    """

    tool: Tool
    model: Model
    graph: CostGraph
    guidelines: tuple[Guideline, ...]
    latencies: tuple[Latency, ...] = ()
    budgets: tuple[Budget, ...] = ()
    drift: Drift | None = None

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
        from shufflenet_audit.results.saved import to_json  # noqa: PLC0415  (it knows this module)

        return to_json(self)

    @classmethod
    def from_json(cls, text: str) -> Audit:
        """The audit that was saved as this JSON. Raises FormatError if it is none."""
        from shufflenet_audit.results.saved import from_json  # noqa: PLC0415  (it knows this module)

        return from_json(text)

    def _repr_html_(self) -> str:
        """The audit as a table, in a notebook."""
        from shufflenet_audit.results.notebook import summary  # noqa: PLC0415  (it knows this module)

        return summary(self)

    def guideline(self, code: str) -> Guideline:
        """What the rule of that code says. Raises KeyError."""
        for guideline in self.guidelines:
            if guideline.code == code:
                return guideline
        raise KeyError(code)


_JUDGED = (Verdict.PASS, Verdict.WARN, Verdict.FAIL)
