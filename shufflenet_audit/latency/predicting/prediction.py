"""Times computed from costs: of a network on a device, and of what fixing a finding saves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from shufflenet_audit.checking.finding import Finding, sorted_by_cost
from shufflenet_audit.checking.guideline import Guideline
from shufflenet_audit.latency.predicting.device import Work
from shufflenet_audit.latency.predicting.predictor import Predictor
from shufflenet_audit.network.graph import CostGraph
from shufflenet_audit.network.timings import (
    Evidence,
    Latency,
    Seconds,
    Support,
    Timing,
)
from shufflenet_audit.results.audit import Audit


def predicted(graph: CostGraph, device: Predictor) -> Latency:
    """Where the time of a network would go on a device."""
    total = device.predict(graph)
    launched = [(op, device.seconds(op)) for op in graph.known if op.launched]
    views = sum(device.seconds(op) for op in graph.known if not op.launched)
    parts = sum(seconds for _, seconds in launched) + views
    share = total.median / parts if parts else 0.0  # what ops alone do not explain is spread
    timings = (
        Timing((op.name,), op.target, op.kind, device.likely(seconds * share))
        for op, seconds in launched
    )
    return Latency(
        backend="fused" if device.fused else "eager",
        device=device.name,
        predicted=True,
        threads=device.threads,
        total=total,
        timings=tuple(timings),
        notes=tuple(_notes(graph, device)),
        roof=device.roof,
    )


def with_evidence(audit: Audit, device: Predictor, total: Seconds) -> Audit:
    """The audit with what fixing each finding would save on a device, the most first."""
    guidelines = (_guideline(guideline, device, total) for guideline in audit.guidelines)
    return replace(audit, guidelines=tuple(guidelines))


def saving(finding: Finding, device: Predictor) -> float:
    """
    Seconds that fixing a finding would save: those of the bytes not moved and the ops not started.

    The groups of a group convolution are not counted as ops here: no kernel is started for each.
    """
    op = finding.ops[0]
    if not op.known:
        return 0.0
    avoidable, rate = finding.avoidable, device.rate(op)
    now = Work.of(op, fused=device.fused)
    saved = avoidable.bytes_fused if device.fused else avoidable.bytes
    then = replace(now, activations=max(now.activations - saved, 0))
    ops = min(avoidable.launches, len(finding.ops))
    return rate.seconds(now) - rate.seconds(then) + ops * rate.per_op


def _guideline(guideline: Guideline, device: Predictor, total: Seconds) -> Guideline:
    findings = (
        replace(finding, evidence=(*finding.evidence, _evidence(finding, device, total)))
        for finding in guideline.findings
    )
    return replace(guideline, findings=sorted_by_cost(findings))


def _evidence(finding: Finding, device: Predictor, total: Seconds) -> Evidence:
    saves = device.likely(saving(finding, device))
    return Evidence(device.name, Support.PREDICTED, saves, total)


def _notes(graph: CostGraph, device: Predictor) -> Iterator[str]:
    how = "measured" if device.measured else "not measured"
    yield f"predicted from costs; the device is {how}: {device.source}"
    if device.error is None:
        yield "the error of such a prediction is not known"
    if graph.unknown:
        yield f"{len(graph.unknown)} ops of unknown cost are left out"
