"""A baseline: what was found before, so that only what is new or worse counts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Annotated, Final

from shufflenet_audit.checking.guideline import Guideline, Unit
from shufflenet_audit.errors import FormatError
from shufflenet_audit.results.audit import Audit
from shufflenet_audit.results.budget import COUNTS
from shufflenet_audit.results.drift import Drift, Regression
from shufflenet_audit.results.fingerprint import fingerprints
from shufflenet_audit.structure import document
from shufflenet_audit.structure.document import Form
from shufflenet_audit.structure.hints import Mark
from shufflenet_audit.structure.writing import plain

FILE: Final = "shufflenet-baseline.json"
_AGAIN: Final = "write it again with audit baseline"
_SLACK: Final = 1e-9  # what rounding may do to a metric
FORM: Final = Form(called="baseline", cure=_AGAIN, key="baseline_version", version=1)
"""1: the first."""


@dataclass(frozen=True, slots=True)
class RuleMetric:
    """The metric of a rule."""

    rule: str
    """Code of the rule."""
    metric: float
    """Its value."""


@dataclass(frozen=True, slots=True)
class KnownFinding:
    """A finding that was there."""

    fingerprint: str
    """Its stable identity, by which it is found in a later audit."""
    rule: str
    """Code of its rule."""
    module: str
    """Path of its module, for a reader."""
    message: str
    """What was found, for a reader."""


@dataclass(frozen=True, slots=True)
class Baseline:
    """What was found in a model before, as saved by audit baseline."""

    model: str
    """Class of the model."""
    inputs: tuple[str, ...]
    """Names, element types and shapes of the example inputs."""
    totals: dict[str, float]
    """What may not get worse."""
    metrics: tuple[RuleMetric, ...]
    """The metric of each rule that could judge."""
    findings: tuple[KnownFinding, ...]
    """The findings that were there and not suppressed."""
    file: Annotated[str, Mark.NOT_SAVED] = FILE
    """The name of the file that it was read from."""

    @property
    def known(self) -> frozenset[str]:
        """The fingerprints of its findings."""
        return frozenset(finding.fingerprint for finding in self.findings)


def to_json(audit: Audit) -> str:
    """What is to be known of an audit later. The same model gives the same bytes."""
    totals = plain(audit.graph.total)
    found = tuple(
        KnownFinding(mark, guideline.code, finding.module, finding.message)
        for guideline in audit.guidelines
        for mark, finding in fingerprints(guideline, audit.model.class_name).items()
        if not finding.suppressed
    )
    made = Baseline(
        model=audit.model.class_name,
        inputs=_inputs(audit),
        totals={name: totals[name] for name in COUNTS},
        metrics=tuple(RuleMetric(code, value) for code, value in _metrics(audit)),
        findings=found,
    )
    return document.written(made, FORM)


def from_json(text: str, file: str = FILE) -> Baseline:
    """The baseline that was saved as this text. Raises FormatError."""
    try:
        return replace(document.read(Baseline, text, FORM), file=file)
    except FormatError as error:
        message = f"{file}: {error}"
        raise FormatError(message) from error


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


def _inputs(audit: Audit) -> tuple[str, ...]:
    return tuple(f"{each.name} {each.tensor}" for each in audit.graph.inputs)


def _metrics(audit: Audit) -> Iterator[tuple[str, float]]:
    for each in audit.guidelines:
        if each.metric and each.metric.value is not None:
            yield each.code, each.metric.value


def _marked(guideline: Guideline, audit: Audit, baseline: Baseline) -> Guideline:
    found, known = fingerprints(guideline, audit.model.class_name), baseline.known
    marked = (replace(each, known=mark in known) for mark, each in found.items())
    return replace(guideline, findings=tuple(marked))


def _regressions(audit: Audit, baseline: Baseline, tolerance: float) -> Iterator[Regression]:
    totals = plain(audit.graph.total)
    metrics = {each.rule: each.metric for each in baseline.metrics}
    shares = {
        each.code for each in audit.guidelines if each.metric and each.metric.unit is Unit.SHARE
    }
    for before, now in (
        (baseline.totals, {name: totals[name] for name in COUNTS}),
        (metrics, dict(_metrics(audit))),
    ):
        for name in (each for each in now if each in before):
            if now[name] > before[name] * (1 + tolerance) + _SLACK:
                yield Regression(name, before[name], now[name], share=name in shares)
