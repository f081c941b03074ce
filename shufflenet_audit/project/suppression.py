"""Suppressions: findings that may stay, each with its reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

from shufflenet_audit.checking.finding import Finding
from shufflenet_audit.checking.guideline import Guideline
from shufflenet_audit.results.audit import Audit


@dataclass(frozen=True, slots=True)
class Suppression:
    """Findings that may stay: those of one rule in some modules."""

    rule: str
    """The code of the rule."""
    module: str
    """A pattern for the path of the module, as in `stage[23].*`."""
    reason: str
    """Why they may stay."""

    def fits(self, code: str, finding: Finding) -> bool:
        """Whether the finding, of the rule with that code, is one of them."""
        return code == self.rule and fnmatchcase(finding.module, self.module)


def with_suppressed(audit: Audit, suppressions: Sequence[Suppression]) -> Audit:
    """The audit with its suppressed findings marked. Its metrics stay as they are."""
    marked = tuple(_marked(guideline, suppressions) for guideline in audit.guidelines)
    return replace(audit, guidelines=marked)


def unused_suppressions(
    audit: Audit, suppressions: Sequence[Suppression]
) -> tuple[Suppression, ...]:
    """The suppressions that fit no finding, of rules that were checked: they can be removed."""
    findings = {guideline.code: guideline.findings for guideline in audit.guidelines}
    return tuple(
        suppression
        for suppression in suppressions
        if suppression.rule in findings
        and not any(
            suppression.fits(suppression.rule, found) for found in findings[suppression.rule]
        )
    )


def _marked(guideline: Guideline, suppressions: Sequence[Suppression]) -> Guideline:
    marked = tuple(
        replace(finding, suppressed=_reason(guideline.code, finding, suppressions))
        for finding in guideline.findings
    )
    return replace(guideline, findings=marked)


def _reason(code: str, finding: Finding, suppressions: Sequence[Suppression]) -> str:
    fitting = (suppression for suppression in suppressions if suppression.fits(code, finding))
    return next((suppression.reason for suppression in fitting), "")
