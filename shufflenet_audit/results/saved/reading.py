"""An audit from a JSON document that keeps to the schema."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from shufflenet_audit.checking.finding import Avoidable, Finding
from shufflenet_audit.checking.guideline import (
    Guideline,
    Metric,
    Severity,
    Unit,
    Verdict,
)
from shufflenet_audit.network.cost import (
    Convolution,
    Cost,
    Traffic,
)
from shufflenet_audit.network.graph import CostGraph, Input
from shufflenet_audit.network.kind import Kind
from shufflenet_audit.network.op import Op, Source
from shufflenet_audit.network.tensor import Tensor
from shufflenet_audit.network.timings import (
    Evidence,
    Latency,
    Roof,
    Seconds,
    Support,
    Timing,
)
from shufflenet_audit.results.audit import (
    Audit,
    Model,
    Tool,
)
from shufflenet_audit.results.budget import (
    Aggregation,
    Budget,
    Kept,
    Limit,
)
from shufflenet_audit.results.drift import Drift, Regression
from shufflenet_audit.results.saved.writing import Json, totals

T = TypeVar("T")


def read(document: Json) -> Audit:
    """The audit that a document holds. Raises ValueError or its like if it contradicts itself."""
    ops = tuple(_read_op(each) for each in document["ops"])
    inputs = tuple(Input(each["name"], _read_tensor(each)) for each in document["inputs"])
    outputs, params = tuple(document["outputs"]), document["totals"]["params"]
    graph = CostGraph(ops, inputs, outputs, params)
    if totals(graph) != document["totals"]:
        message = "the totals are not the sums over the ops"
        raise ValueError(message)
    model = document["model"]
    return Audit(
        Tool(**document["tool"]),
        Model(**{**model, "assumptions": tuple(model["assumptions"])}),
        graph,
        tuple(_read_guideline(graph, each) for each in document["guidelines"]),
        tuple(map(_read_latency, document["latencies"])),
        tuple(map(_read_budget, document["budgets"])),
        _optional(_read_drift, document["drift"]),
    )


def _read_tensor(saved: Json) -> Tensor:
    return Tensor(tuple(saved["shape"]), saved["dtype"])


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
        defined=_optional(lambda each: Source(**each), saved["defined"]),
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
        suppressed=saved["suppressed"],
        known=saved["known"],
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
        "roof": saved["roof"] and Roof(**saved["roof"]),
    }
    kept = {name: value for name, value in saved.items() if name != "breakdown"}
    return Latency(**{**kept, **parts})


def _read_budget(saved: Json) -> Budget:
    limit = saved["limit"]
    held = Limit(**{**limit, "aggregation": Aggregation(limit["aggregation"])})
    return Budget(held, saved["value"], Kept(saved["kept"]), saved["why"])


def _read_drift(saved: Json) -> Drift:
    worse = tuple(Regression(**each) for each in saved["regressions"])
    return Drift(saved["baseline"], worse, saved["gone"])


def _read_timing(saved: Json) -> Timing:
    seconds = Seconds(**saved["seconds"])
    return Timing(tuple(saved["ops"]), saved["label"], Kind(saved["kind"]), seconds)
