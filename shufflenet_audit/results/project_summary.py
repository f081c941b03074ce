"""What was set for a model, and how it stands to it: budgets, the baseline, suppressions."""

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
class Guard:
    """A part of a report in words: its title, and a line for each thing that it says."""

    title: str
    lines: tuple[str, ...] = ()


def guards(audit: Audit) -> tuple[Guard, ...]:
    """What reports say of them; nothing where nothing was set."""
    return tuple(_guards(audit))


def _guards(audit: Audit) -> Iterator[Guard]:
    if audit.budgets:
        yield Guard("Budgets", tuple(map(_budget, audit.budgets)))
    if audit.drift:
        known = sum(each.known and not each.suppressed for each in audit.findings)
        title = f"{_findings(known, 'known')}, {len(audit.new)} new"
        lines = tuple(_drift(audit, audit.drift))
        yield Guard(f"Against the baseline {audit.drift.baseline}: {title}", lines)
    if audit.suppressed:
        title = _findings(len(audit.suppressed), "suppressed")
        yield Guard(title[0].upper() + title[1:], tuple(_suppressed(audit)))


def _budget(budget: Budget) -> str:
    return f"{budget.limit.name}: {budget}"


def _drift(audit: Audit, drift: Drift) -> Iterator[str]:
    yield from (f"worse: {each}" for each in drift.regressions)
    new = [
        f"new: {each.code} {finding.module or 'the model itself'}: {finding.message}"
        for each in audit.guidelines
        for finding in each.findings
        if _is_new(finding)
    ]
    yield from new[:_SHOWN]
    if len(new) > _SHOWN:
        yield f"and {len(new) - _SHOWN} more new"
    if drift.gone:
        yield f"gone: {_findings(drift.gone, 'known')}: audit baseline writes it anew"


def _is_new(finding: Finding) -> bool:
    return not (finding.suppressed or finding.known)


def _suppressed(audit: Audit) -> Iterator[str]:
    reasons = Counter(
        (each.code, finding.suppressed) for each in audit.guidelines for finding in each.suppressed
    )
    for (code, reason), count in reasons.items():
        yield f"{count} of {code}: {reason}"


def _findings(count: int, what: str) -> str:
    return f"{count} {what} finding{'s' * (count != 1)}"
