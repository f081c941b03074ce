"""Two audits by hand that differ in a bit of everything, side by side."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from handmade import AUDIT

from shufflenet_audit import compare
from shufflenet_audit.plugin import (
    Audit,
    CostGraph,
    Finding,
    Kind,
    Seconds,
    Timing,
    Traffic,
    Verdict,
)


def _graph() -> CostGraph:
    """Without groups, with one shuffle less, and with a relu more."""
    conv, relu, add, fancy, shuffle, _, more, view = AUDIT.graph.ops
    assert conv.cost
    assert conv.convolution
    traffic = Traffic(conv.reads + 288, conv.writes, conv.bytes + 4 * 288)
    dense = replace(conv.cost, kind=Kind.POINTWISE_CONV, traffic=traffic, macs=2 * conv.macs,
                    convolution=replace(conv.convolution, groups=1))  # fmt: skip
    ops = (
        replace(conv, cost=dense, params=576),
        relu,
        add,
        fancy,
        shuffle,
        replace(more, parents=("shuffle",)),
        replace(relu, name="relu_1", module="stage5.<relu>", parents=("more",)),
        replace(view, parents=("relu_1",)),
    )
    return CostGraph.of(ops, AUDIT.graph.inputs, ("view",), 576)


def _other() -> Audit:
    graph = _graph()
    (latency,) = AUDIT.latencies
    shuffled, _, last = AUDIT.guideline("D1").findings
    moved = (
        replace(shuffled, ops=(graph["shuffle"],)),
        replace(last, ops=(graph["more"],), message="shuffle 7 of a <map>"),
        Finding((graph["relu_1"],), "relu of a <map>", instead="leave it | out"),
    )
    grouped = replace(AUDIT.guideline("G2"), verdict=Verdict.PASS, findings=())
    assert grouped.metric
    timings = (Timing(("conv",), "conv2d", Kind.POINTWISE_CONV, Seconds(3e-4, 2e-4, 4e-4)),)
    return replace(
        AUDIT,
        model=replace(AUDIT.model, name="net|2 <b>", assumptions=()),
        graph=graph,
        guidelines=(
            replace(grouped, metric=replace(grouped.metric, value=0.0)),
            replace(AUDIT.guideline("G3"), metric=None, verdict=Verdict.CRASHED, error="no"),
            replace(AUDIT.guideline("D1"), findings=moved),
        ),
        latencies=(
            replace(latency, total=Seconds(4e-4, 3.5e-4, 5e-4), timings=timings, notes=()),
            replace(latency, backend="onnxruntime", total=Seconds(1e-4, 1e-4, 1e-4)),
        ),
    )


OTHER: Final = _other()
BOTH: Final = compare(AUDIT, OTHER)
THREE: Final = compare(AUDIT, OTHER, AUDIT)
