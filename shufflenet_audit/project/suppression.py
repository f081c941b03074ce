"""Suppressions: findings that nobody needs to mend, each with its reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

from shufflenet_audit.checking.finding import Finding
from shufflenet_audit.checking.guideline import Guideline
from shufflenet_audit.results.audit import Audit


@dataclass(frozen=True, slots=True)
class Suppression:
    """The findings of a rule in modules whose path fits a pattern, and why they may stay."""

    rule: str
    module: str
    reason: str

    def fits(self, code: str, finding: Finding) -> bool:
        """Whether it speaks of that finding."""
        return code == self.rule and fnmatchcase(finding.module, self.module)


def with_suppressed(audit: Audit, suppressions: Sequence[Suppression]) -> Audit:
    """The audit with the findings marked that are suppressed. Its metrics stay as they are."""
    marked = tuple(_marked(each, suppressions) for each in audit.guidelines)
    return replace(audit, guidelines=marked)


def idle(audit: Audit, suppressions: Sequence[Suppression]) -> tuple[Suppression, ...]:
    """The suppressions that fit no finding of a rule that was checked: they may go."""
    found = {each.code: each.findings for each in audit.guidelines}
    return tuple(
        each
        for each in suppressions
        if each.rule in found and not any(each.fits(each.rule, f) for f in found[each.rule])
    )


def _marked(guideline: Guideline, suppressions: Sequence[Suppression]) -> Guideline:
    found = tuple(
        replace(finding, suppressed=_reason(guideline.code, finding, suppressions))
        for finding in guideline.findings
    )
    return replace(guideline, findings=found)


def _reason(code: str, finding: Finding, suppressions: Sequence[Suppression]) -> str:
    return next((each.reason for each in suppressions if each.fits(code, finding)), "")
