"""An audit held against what a configuration sets."""

from __future__ import annotations

from dataclasses import replace

from shufflenet_audit.errors import FormatError
from shufflenet_audit.project import Config, Known
from shufflenet_audit.project.baseline import from_json, with_drift
from shufflenet_audit.project.suppression import with_suppressed
from shufflenet_audit.results.audit import Audit
from shufflenet_audit.results.budget import judged
from shufflenet_audit.text import contents


def guarded(audit: Audit, config: Config) -> Audit:
    """The audit with its suppressions, budgets and baseline. Raises FormatError."""
    audit = with_suppressed(audit, config.suppressions)
    if config.baseline:
        audit = _drifted(audit, config.baseline)
    total, latencies = audit.graph.total, audit.latencies
    budgets = tuple(judged(limit, total, latencies) for limit in config.limits)
    return replace(audit, budgets=budgets)


def _drifted(audit: Audit, known: Known) -> Audit:
    file = known.file
    if not file.exists():
        message = f"there is no baseline {file}: write it with audit baseline"
        raise FormatError(message)
    text = contents(file, "a baseline (audit baseline)")
    return with_drift(audit, from_json(text, file.name), known.tolerance)
