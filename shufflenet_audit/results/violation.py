"""What makes an audit fail: violated guidelines, budgets, and what is worse than the baseline."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Final

from shufflenet_audit.checking.guideline import Guideline, Verdict
from shufflenet_audit.results.audit import Audit
from shufflenet_audit.results.budget import Kept


class FailOn(StrEnum):
    """The least verdict that makes the exit status 1."""

    ERROR = "error"
    WARNING = "warning"
    NEVER = "never"


_COUNTING: Final[Mapping[FailOn, frozenset[Verdict]]] = {
    FailOn.ERROR: frozenset({Verdict.FAIL}),
    FailOn.WARNING: frozenset({Verdict.FAIL, Verdict.WARN}),
    FailOn.NEVER: frozenset(),
}


def violations(audit: Audit, threshold: FailOn) -> Iterator[str]:
    """Each reason to fail, in a few words."""
    if threshold is FailOn.NEVER:
        return
    for guideline in audit.guidelines:
        if counts(guideline, audit, threshold):
            yield f"{guideline.code} {guideline.name}: {guideline.metric}"
    yield from limits(audit)


def counts(guideline: Guideline, audit: Audit, threshold: FailOn) -> bool:
    """Whether a guideline is violated so that it counts."""
    return guideline.verdict in _COUNTING[threshold] and is_open(guideline, audit)


def limits(audit: Audit) -> Iterator[str]:
    """The budgets that are not kept, and what is worse than the baseline."""
    over = (budget for budget in audit.budgets if budget.kept is Kept.OVER)
    yield from (f"budget {budget.limit.name}: {budget}" for budget in over)
    if drift := audit.drift:
        yield from (f"worse than {drift.baseline}: {each}" for each in drift.regressions)


def is_open(guideline: Guideline, audit: Audit) -> bool:
    """
    Whether a violated guideline still has something to mend.

    Its verdict follows from the metric of the whole network, suppressed findings included; it
    counts no more where each of its findings is suppressed or in the baseline. One that never had
    a finding counts, unless a baseline watches its metric.
    """
    if any(not (finding.suppressed or finding.known) for finding in guideline.findings):
        return True
    return not guideline.findings and audit.drift is None
