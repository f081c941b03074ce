"""A baseline: what was found before, so that only what is new or worse counts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

from shufflenet_audit.checking.guideline import Guideline, Unit
from shufflenet_audit.errors import FormatError
from shufflenet_audit.results.audit import Audit
from shufflenet_audit.results.budget import COUNTS
from shufflenet_audit.results.drift import Drift, Regression
from shufflenet_audit.results.fingerprint import fingerprints
from shufflenet_audit.results.saved.schema import fault

BASELINE_VERSION: Final = 1
FILE: Final = "shufflenet-baseline.json"
_AGAIN: Final = "write it anew with audit baseline"
_SLACK: Final = 1e-9  # what rounding may do to a metric


@dataclass(frozen=True, slots=True)
class Baseline:
    """A saved baseline: of which model and inputs, its totals, metrics, and known findings."""

    file: str
    model: str
    inputs: tuple[str, ...]
    totals: dict[str, float]
    metrics: dict[str, float]
    known: frozenset[str]


def to_json(audit: Audit) -> str:
    """What is to be known of an audit later. The same model gives the same bytes."""
    found = [
        {"fingerprint": mark, "rule": each.code, "module": one.module, "message": one.message}
        for each in audit.guidelines
        for mark, one in fingerprints(each, audit.model.class_name).items()
        if not one.suppressed
    ]
    whole = {
        "baseline_version": BASELINE_VERSION,
        "model": audit.model.class_name,
        "inputs": list(_inputs(audit)),
        "totals": {name: asdict(audit.graph.total)[name] for name in COUNTS},
        "metrics": [{"rule": code, "metric": value} for code, value in _metrics(audit)],
        "findings": found,
    }
    return json.dumps(whole, indent=1, ensure_ascii=True, allow_nan=False) + "\n"


def from_json(text: str, file: str = FILE) -> Baseline:
    """The baseline that was saved as this text. Raises FormatError."""
    try:
        saved = json.loads(text)
    except (ValueError, RecursionError) as error:
        message = f"{file} is no baseline: {error}: {_AGAIN}"
        raise FormatError(message) from error
    version = saved.get("baseline_version") if isinstance(saved, dict) else None
    if version != BASELINE_VERSION:
        said = "no baseline_version" if version is None else f"baseline_version {version!r}"
        message = f"{file} has {said}, this program reads {BASELINE_VERSION}: {_AGAIN}"
        raise FormatError(message)
    damage = fault(saved, "baseline")
    if damage:
        message = f"{file} is damaged: {damage}: {_AGAIN}"
        raise FormatError(message)
    return _read(saved, file)


def with_drift(audit: Audit, baseline: Baseline, tolerance: float = 0.0) -> Audit:
    """The audit, with what is known marked, and with what is worse. Raises FormatError."""
    for what, before, now in (
        ("model", (baseline.model,), (audit.model.class_name,)),
        ("input", baseline.inputs, _inputs(audit)),
    ):
        if before != now:
            was, is_ = (", ".join(each) or "none" for each in (before, now))
            message = f"{baseline.file} was made with the {what} {was}, this is {is_}: {_AGAIN}"
            raise FormatError(message)
    marked = tuple(_marked(each, audit, baseline) for each in audit.guidelines)
    present = {
        mark for each in audit.guidelines for mark in fingerprints(each, audit.model.class_name)
    }
    worse = tuple(_regressions(audit, baseline, tolerance))
    drift = Drift(baseline.file, worse, len(baseline.known - present))
    return replace(audit, guidelines=marked, drift=drift)


def _read(saved: Any, file: str) -> Baseline:
    return Baseline(
        file,
        saved["model"],
        tuple(saved["inputs"]),
        saved["totals"],
        {each["rule"]: each["metric"] for each in saved["metrics"]},
        frozenset(each["fingerprint"] for each in saved["findings"]),
    )


def _inputs(audit: Audit) -> tuple[str, ...]:
    return tuple(f"{each.name} {each.tensor}" for each in audit.graph.inputs)


def _metrics(audit: Audit) -> Iterator[tuple[str, float]]:
    for each in audit.guidelines:
        if each.metric and each.metric.value is not None:
            yield each.code, each.metric.value


def _marked(guideline: Guideline, audit: Audit, baseline: Baseline) -> Guideline:
    found = fingerprints(guideline, audit.model.class_name)
    marked = (replace(each, known=mark in baseline.known) for mark, each in found.items())
    return replace(guideline, findings=tuple(marked))


def _regressions(audit: Audit, baseline: Baseline, tolerance: float) -> Iterator[Regression]:
    totals = asdict(audit.graph.total)
    shares = {
        each.code for each in audit.guidelines if each.metric and each.metric.unit is Unit.SHARE
    }
    for before, now in (
        (baseline.totals, {name: totals[name] for name in COUNTS}),
        (baseline.metrics, dict(_metrics(audit))),
    ):
        for name in (each for each in now if each in before):
            if now[name] > before[name] * (1 + tolerance) + _SLACK:
                yield Regression(name, before[name], now[name], share=name in shares)
