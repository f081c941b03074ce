"""An audit with what its project sets: suppressions, budgets, the baseline."""

from __future__ import annotations

from dataclasses import replace

from shufflenet_audit.errors import FormatError
from shufflenet_audit.project import BaselineSetting, Config
from shufflenet_audit.project.baseline import from_json, with_drift
from shufflenet_audit.project.suppression import with_suppressed
from shufflenet_audit.results.audit import Audit
from shufflenet_audit.results.budget import check_budget
from shufflenet_audit.text import contents


def held_against(config: Config, audit: Audit) -> Audit:
    """The audit with the suppressions, budgets and baseline of a project. Raises FormatError."""
    audit = with_suppressed(audit, config.suppressions)
    if config.baseline:
        audit = _drifted(audit, config.baseline)
    total, latencies = audit.graph.total, audit.latencies
    budgets = tuple(check_budget(limit, total, latencies) for limit in config.limits)
    return replace(audit, budgets=budgets)


def _drifted(audit: Audit, baseline: BaselineSetting) -> Audit:
    file = baseline.file
    if not file.exists():
        message = f"there is no baseline {file}: write it with audit baseline"
        raise FormatError(message)
    text = contents(file, "a baseline (audit baseline)")
    return with_drift(audit, from_json(text, file.name), baseline.tolerance)
