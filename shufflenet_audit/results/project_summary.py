"""What a project sets, and the result, in words: budgets, the baseline, suppressions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from shufflenet_audit.checking.finding import Finding
from shufflenet_audit.results.audit import Audit
from shufflenet_audit.results.budget import Budget
from shufflenet_audit.results.drift import Drift

_SHOWN: Final = 10


@dataclass(frozen=True, slots=True)
class ProjectSection:
    """A section of a report: the budgets, the baseline or the suppressions."""

    title: str
    """Its heading."""
    lines: tuple[str, ...] = ()
    """Its body: a sentence for each budget, regression, new finding or reason."""


def project_summary(audit: Audit) -> tuple[ProjectSection, ...]:
    """The sections of the project; none where the project sets nothing."""
    return tuple(_sections(audit))


def _sections(audit: Audit) -> Iterator[ProjectSection]:
    if audit.budgets:
        yield ProjectSection("Budgets", tuple(map(_budget, audit.budgets)))
    if audit.drift:
        known = sum(finding.known and not finding.suppressed for finding in audit.findings)
        title = f"{_findings(known, 'known')}, {len(audit.new)} new"
        lines = tuple(_drift(audit, audit.drift))
        yield ProjectSection(f"Against the baseline {audit.drift.baseline}: {title}", lines)
    if audit.suppressed:
        title = _findings(len(audit.suppressed), "suppressed")
        yield ProjectSection(title[0].upper() + title[1:], tuple(_suppressed(audit)))


def _budget(budget: Budget) -> str:
    return f"{budget.limit.name}: {budget}"


def _drift(audit: Audit, drift: Drift) -> Iterator[str]:
    yield from (f"worse: {regression}" for regression in drift.regressions)
    new = [
        f"new: {guideline.code} {finding.where()}: {finding.message}"
        for guideline in audit.guidelines
        for finding in guideline.findings
        if _is_new(finding)
    ]
    yield from new[:_SHOWN]
    if len(new) > _SHOWN:
        yield f"and {len(new) - _SHOWN} more new"
    if drift.gone:
        yield f"gone: {_findings(drift.gone, 'known')} (audit baseline updates the file)"


def _is_new(finding: Finding) -> bool:
    return not (finding.suppressed or finding.known)


def _suppressed(audit: Audit) -> Iterator[str]:
    reasons = Counter(
        (guideline.code, finding.suppressed)
        for guideline in audit.guidelines
        for finding in guideline.suppressed
    )
    for (code, reason), count in reasons.items():
        yield f"{count} of {code}: {reason}"


def _findings(count: int, what: str) -> str:
    return f"{count} {what} finding{'s' * (count != 1)}"
