"""Times that follow from costs: of a network on a device, and of what a finding could save."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from shufflenet_audit.checking.finding import Finding, sorted_by_cost
from shufflenet_audit.checking.guideline import Guideline
from shufflenet_audit.latency.predicting.device import Device, Work
from shufflenet_audit.network.graph import CostGraph
from shufflenet_audit.network.timings import (
    Evidence,
    Latency,
    Seconds,
    Support,
    Timing,
)
from shufflenet_audit.results.audit import Audit


def predicted(graph: CostGraph, device: Device) -> Latency:
    """Where the time of a network would go on a device."""
    timings = tuple(
        Timing((op.name,), op.target, op.kind, _likely(device.seconds(op), device))
        for op in graph.known
        if op.launched
    )
    views = sum(device.seconds(op) for op in graph.known if not op.launched)
    total = sum(timing.seconds.median for timing in timings) + views
    return Latency(
        backend="fused" if device.fused else "eager",
        device=device.name,
        predicted=True,
        threads=device.threads,
        total=_likely(total, device),
        timings=timings,
        notes=tuple(_notes(graph, device)),
        roof=device.roof,
    )


def with_evidence(audit: Audit, device: Device, total: Seconds) -> Audit:
    """The audit with what mending each finding would save on a device, the most first."""
    guidelines = (_guideline(each, device, total) for each in audit.guidelines)
    return replace(audit, guidelines=tuple(guidelines))


def saving(finding: Finding, device: Device) -> float:
    """
    Seconds that mending a finding would save: bytes that are not moved, ops that are not started.

    A group of a group convolution is not counted as an op here: no kernel is started for it.
    """
    op = finding.ops[0]
    if not op.known:
        return 0.0
    avoidable, rate = finding.avoidable, device.rate(op)
    now = Work.of(op, fused=device.fused)
    spared = avoidable.bytes_fused if device.fused else avoidable.bytes
    then = replace(now, activations=max(now.activations - spared, 0))
    ops = min(avoidable.launches, len(finding.ops))
    return rate.seconds(now) - rate.seconds(then) + ops * rate.per_op


def _guideline(guideline: Guideline, device: Device, total: Seconds) -> Guideline:
    findings = (
        replace(finding, evidence=(*finding.evidence, _evidence(finding, device, total)))
        for finding in guideline.findings
    )
    return replace(guideline, findings=sorted_by_cost(findings))


def _evidence(finding: Finding, device: Device, total: Seconds) -> Evidence:
    saves = _likely(saving(finding, device), device)
    return Evidence(device.name, Support.PREDICTED, saves, total)


def _likely(seconds: float, device: Device) -> Seconds:
    error = device.error or 0.0
    return Seconds(seconds, seconds * (1 - error), seconds * (1 + error))


def _notes(graph: CostGraph, device: Device) -> Iterator[str]:
    how = "measured" if device.measured else "not measured"
    yield f"predicted from costs; the device is {how}: {device.source}"
    if device.error is None:
        yield "how far such a prediction is off is not known"
    if graph.unknown:
        yield f"{len(graph.unknown)} ops of unknown cost are left out"
