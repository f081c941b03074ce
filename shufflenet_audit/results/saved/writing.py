"""An audit as a JSON document."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from shufflenet_audit.checking.finding import Avoidable, Finding
from shufflenet_audit.checking.guideline import Guideline, Metric
from shufflenet_audit.network import breakdown
from shufflenet_audit.network.blocks import Block
from shufflenet_audit.network.cost import Convolution, Traffic
from shufflenet_audit.network.graph import CostGraph
from shufflenet_audit.network.op import Op, Source
from shufflenet_audit.network.tensor import Tensor
from shufflenet_audit.network.timings import Latency
from shufflenet_audit.results.audit import Audit

Json = dict[str, Any]


def document(audit: Audit) -> Json:
    """
    All that an audit holds, and for a reader's comfort what follows from it.

    Ops and blocks are iterators, since there may be a hundred thousand of them.
    """
    graph = audit.graph
    unknown = graph.unknown
    return {
        "tool": asdict(audit.tool),
        "model": {**asdict(audit.model), "assumptions": list(audit.model.assumptions)},
        "inputs": [{"name": each.name, **_tensor(each.tensor)} for each in graph.inputs],
        "outputs": list(graph.outputs),
        "totals": totals(graph),
        "coverage": {
            "ops": len(graph),
            "unknown": len(unknown),
            "unknown_targets": sorted({op.target for op in unknown}),
        },
        "guidelines": [_guideline(each) for each in audit.guidelines],
        "latencies": [_latency(graph, latency) for latency in audit.latencies],
        "budgets": [asdict(budget) for budget in audit.budgets],
        "drift": asdict(audit.drift) if audit.drift else None,
        "blocks": map(_fields, graph.blocks()),
        "ops": map(_op, graph.ops),
    }


def _latency(graph: CostGraph, latency: Latency) -> Json:
    """A latency, and how it breaks down: by module at every depth."""
    deepest = max((op.module.count(".") + 1 for op in graph), default=1)
    by_module = (breakdown.by_module(graph, latency, depth) for depth in range(1, deepest + 1))
    parts = {
        "category": breakdown.by_category(latency),
        "kind": breakdown.by_kind(latency),
        "source": breakdown.by_source(graph, latency),
    }
    rows = {name: list(map(asdict, found)) for name, found in parts.items()}
    modules = [list(map(asdict, found)) for found in by_module]
    return asdict(latency) | {"breakdown": {**rows, "module": modules}}


def totals(graph: CostGraph) -> Json:
    """The sums over its ops."""
    return asdict(graph.total) | {"intensity": graph.total.intensity}


def _fields(thing: Block | Source | Traffic | Convolution | Avoidable | None) -> Json | None:
    """What `dataclasses.asdict` makes of data without data inside, in a fifth of the time."""
    return None if thing is None else {name: getattr(thing, name) for name in thing.__slots__}


def _tensor(tensor: Tensor) -> Json:
    return {"shape": list(tensor.shape), "dtype": tensor.dtype}


def _op(op: Op) -> Json:
    known = op.cost
    return {
        "name": op.name,
        "kind": op.kind,
        "category": op.kind.category,
        "target": op.target,
        "module": op.module,
        "module_class": op.module_class,
        "source": _fields(op.source),
        "inputs": [_tensor(tensor) for tensor in op.inputs],
        "outputs": [_tensor(tensor) for tensor in op.outputs],
        "parents": list(op.parents),
        "parameters": list(op.parameters),
        "params": op.params,
        "macs": op.macs if known else None,
        "elementwise": op.elementwise if known else None,
        "reads": op.reads if known else None,
        "writes": op.writes if known else None,
        "memory_access": op.memory_access if known else None,
        "bytes": op.bytes if known else None,
        "fused": _fields(op.fused),
        "memory_access_fused": op.memory_access_fused if known else None,
        "intensity": op.intensity if known else None,
        "foldable": known.foldable if known else False,
        "convolution": _fields(known.convolution) if known else None,
        "error": op.error,
        "defined": _fields(op.defined),
    }


def _guideline(guideline: Guideline) -> Json:
    metric = guideline.metric
    return {
        "code": guideline.code,
        "name": guideline.name,
        "summary": guideline.summary,
        "severity": guideline.severity,
        "verdict": guideline.verdict,
        "metric": metric.value if metric else None,
        "score": guideline.score,
        "scale": _scale(metric) if metric else None,
        "error": guideline.error,
        "findings": [_finding(finding) for finding in guideline.findings],
        "documentation": guideline.documentation,
    }


def _scale(metric: Metric) -> Json:
    return {key: value for key, value in asdict(metric).items() if key != "value"}


def _finding(finding: Finding) -> Json:
    return {
        "ops": [op.name for op in finding.ops],
        "module": finding.module,
        "source": _fields(finding.source),
        "message": finding.message,
        "avoidable": _fields(finding.avoidable),
        "instead": finding.instead,
        "evidence": [asdict(each) for each in finding.evidence],
        "suppressed": finding.suppressed,
        "known": finding.known,
    }
