"""An audit as JSON, and back: the canonical form, described by `audit.schema.json`."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any, TypeVar

from shufflenet_audit.errors import FormatError
from shufflenet_audit.graph import CostGraph, Input
from shufflenet_audit.op import Convolution, Cost, Kind, Op, Source, Tensor, Traffic
from shufflenet_audit.result import (
    Audit,
    Avoidable,
    Finding,
    Guideline,
    Metric,
    Model,
    Severity,
    Tool,
    Unit,
    Verdict,
)
from shufflenet_audit.schema import fault
from shufflenet_audit.text import printable
from shufflenet_audit.timings import Evidence, Latency, Seconds, Support, Timing

SCHEMA_VERSION = 1
"""1: the first."""

Json = dict[str, Any]
T = TypeVar("T")


def to_json(audit: Audit) -> str:
    """The audit as JSON text. The same model gives the same bytes."""
    graph = audit.graph
    unknown = graph.unknown
    document = {
        "schema_version": SCHEMA_VERSION,
        "tool": asdict(audit.tool),
        "model": {**asdict(audit.model), "assumptions": list(audit.model.assumptions)},
        "inputs": [{"name": each.name, **_tensor(each.tensor)} for each in graph.inputs],
        "outputs": list(graph.outputs),
        "totals": _totals(graph),
        "coverage": {
            "ops": len(graph),
            "unknown": len(unknown),
            "unknown_targets": sorted({op.target for op in unknown}),
        },
        "guidelines": [_guideline(each) for each in audit.guidelines],
        "latencies": [asdict(latency) for latency in audit.latencies],
        "blocks": [asdict(block) for block in graph.blocks()],
        "ops": [_op(op) for op in graph.ops],
    }
    # In ASCII, since a name may hold what no encoding can write or what would steer a terminal.
    return json.dumps(document, indent=1, ensure_ascii=True, allow_nan=False) + "\n"


def from_json(text: str) -> Audit:
    """The audit that was saved as this text. Raises FormatError."""
    try:
        document = json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        message = f"not a saved audit: {error}; save one with --format json"
        raise FormatError(message) from error
    if not isinstance(document, dict) or "schema_version" not in document:
        message = "not a saved audit: it has no schema_version; save one with --format json"
        raise FormatError(message)
    if document["schema_version"] != SCHEMA_VERSION:
        message = (
            f"the audit has schema_version {document['schema_version']!r}, this program reads"
            f" {SCHEMA_VERSION}: use the version of the program that wrote it"
        )
        raise FormatError(message)
    damage = fault(document)
    if damage:
        message = f"the saved audit is damaged: {damage}"
        raise FormatError(message)
    try:
        return _audit(document)
    except (ArithmeticError, LookupError, TypeError, ValueError) as error:
        message = f"the saved audit is damaged: {type(error).__name__}: {printable(str(error))}"
        raise FormatError(message) from error


def _refuse(name: str) -> None:
    message = f"{name} is no number in JSON"
    raise ValueError(message)


def _audit(document: Json) -> Audit:
    ops = tuple(_read_op(each) for each in document["ops"])
    inputs = tuple(Input(each["name"], _read_tensor(each)) for each in document["inputs"])
    outputs, params = tuple(document["outputs"]), document["totals"]["params"]
    graph = CostGraph(ops, inputs, outputs, params)
    if _totals(graph) != document["totals"]:
        message = "the totals are not the sums over the ops"
        raise ValueError(message)
    model = document["model"]
    return Audit(
        Tool(**document["tool"]),
        Model(**{**model, "assumptions": tuple(model["assumptions"])}),
        graph,
        tuple(_read_guideline(graph, each) for each in document["guidelines"]),
        tuple(map(_read_latency, document["latencies"])),
    )


def _totals(graph: CostGraph) -> Json:
    return asdict(graph.total) | {"intensity": graph.total.intensity}


def _tensor(tensor: Tensor) -> Json:
    return {"shape": list(tensor.shape), "dtype": tensor.dtype}


def _read_tensor(saved: Json) -> Tensor:
    return Tensor(tuple(saved["shape"]), saved["dtype"])


def _op(op: Op) -> Json:
    known = op.cost
    return {
        "name": op.name,
        "kind": op.kind,
        "category": op.kind.category,
        "target": op.target,
        "module": op.module,
        "module_class": op.module_class,
        "source": asdict(op.source) if op.source else None,
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
        "fused": asdict(op.fused) if op.fused else None,
        "memory_access_fused": op.memory_access_fused if known else None,
        "intensity": op.intensity if known else None,
        "foldable": known.foldable if known else False,
        "convolution": asdict(known.convolution) if known and known.convolution else None,
        "error": op.error,
    }


def _read_op(saved: Json) -> Op:
    return Op(
        name=saved["name"],
        target=saved["target"],
        module=saved["module"],
        module_class=saved["module_class"],
        source=_optional(lambda each: Source(**each), saved["source"]),
        inputs=tuple(map(_read_tensor, saved["inputs"])),
        outputs=tuple(map(_read_tensor, saved["outputs"])),
        parents=tuple(saved["parents"]),
        parameters=tuple(saved["parameters"]),
        params=saved["params"],
        cost=None if saved["macs"] is None else _read_cost(saved),
        fused=_optional(lambda each: Traffic(**each), saved["fused"]),
        error=saved["error"],
    )


def _read_cost(saved: Json) -> Cost:
    return Cost(
        Kind(saved["kind"]),
        Traffic(saved["reads"], saved["writes"], saved["bytes"]),
        macs=saved["macs"],
        elementwise=saved["elementwise"],
        convolution=_optional(_read_convolution, saved["convolution"]),
        foldable=saved["foldable"],
    )


def _read_convolution(saved: Json) -> Convolution:
    lists = {"kernel": tuple(saved["kernel"]), "stride": tuple(saved["stride"])}
    return Convolution(**{**saved, **lists})


def _optional(read: Callable[[Json], T], saved: Json | None) -> T | None:
    return None if saved is None else read(saved)


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
        "source": asdict(finding.source) if finding.source else None,
        "message": finding.message,
        "avoidable": asdict(finding.avoidable),
        "instead": finding.instead,
        "evidence": [asdict(each) for each in finding.evidence],
    }


def _read_guideline(graph: CostGraph, saved: Mapping[str, Any]) -> Guideline:
    scale = saved["scale"]
    return Guideline(
        code=saved["code"],
        name=saved["name"],
        summary=saved["summary"],
        documentation=saved["documentation"],
        severity=Severity(saved["severity"]),
        verdict=Verdict(saved["verdict"]),
        metric=scale and Metric(**{**scale, "value": saved["metric"], "unit": Unit(scale["unit"])}),
        findings=tuple(_read_finding(graph, each) for each in saved["findings"]),
        error=saved["error"],
    )


def _read_finding(graph: CostGraph, saved: Json) -> Finding:
    ops = tuple(graph[name] for name in saved["ops"])
    return Finding(
        ops=ops,
        message=saved["message"],
        avoidable=Avoidable(**saved["avoidable"]),
        instead=saved["instead"],
        evidence=tuple(map(_read_evidence, saved["evidence"])),
    )


def _read_evidence(saved: Json) -> Evidence:
    saves, total = Seconds(**saved["saves"]), Seconds(**saved["total"])
    return Evidence(saved["device"], Support(saved["support"]), saves, total)


def _read_latency(saved: Json) -> Latency:
    parts = {
        "total": Seconds(**saved["total"]),
        "timings": tuple(map(_read_timing, saved["timings"])),
        "settings": tuple((name, value) for name, value in saved["settings"]),
        "notes": tuple(saved["notes"]),
    }
    return Latency(**{**saved, **parts})


def _read_timing(saved: Json) -> Timing:
    seconds = Seconds(**saved["seconds"])
    return Timing(tuple(saved["ops"]), saved["label"], Kind(saved["kind"]), seconds)
