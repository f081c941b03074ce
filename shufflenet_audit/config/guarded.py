"""An audit held against what a configuration sets."""

from __future__ import annotations

from dataclasses import replace

from shufflenet_audit.baseline import from_json, with_drift
from shufflenet_audit.budget import judged
from shufflenet_audit.config import Config, Known
from shufflenet_audit.errors import FormatError
from shufflenet_audit.result import Audit
from shufflenet_audit.suppression import with_suppressed


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
    try:
        text = file.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        message = f"there is no baseline {file}: write it with audit baseline"
        raise FormatError(message) from error
    except OSError as error:
        message = f"the baseline {file} cannot be read: {error.strerror}"
        raise FormatError(message) from error
    except UnicodeDecodeError as error:
        message = f"the baseline {file} is no text: write it anew with audit baseline"
        raise FormatError(message) from error
    return with_drift(audit, from_json(text, file.name), known.tolerance)
