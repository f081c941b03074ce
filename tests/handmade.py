"""An audit by hand that has a bit of everything, for the tests of whatever is made from one."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from shufflenet_audit.plugin import (
    Audit,
    Avoidable,
    Budget,
    BudgetStatus,
    Convolution,
    Cost,
    CostGraph,
    Drift,
    Evidence,
    Finding,
    Guideline,
    Input,
    Kind,
    Latency,
    Limit,
    Metric,
    Model,
    Op,
    Regression,
    Roof,
    Seconds,
    Severity,
    Source,
    Support,
    Tensor,
    Timing,
    Tool,
    Traffic,
    Unit,
    Verdict,
)

HOSTILE: Final = "stage<b>1</b>.\x1b[31mred\nnext|`*_\x9b2J\u202e"
MAP: Final = Tensor((1, 24, 28, 28), "float32")


def _op(name: str, parents: tuple[str, ...], cost: Cost | None, **more: object) -> Op:
    target, module = str(more.get("target", f"aten.{name}.default")), str(more.get("module", name))
    source = Source("model.py", 7, "y = self.<layer>(x)  # \x1b[2J")
    maps = (MAP,) * len(parents)
    made = Op(name, target, module, "Module", source, maps, (MAP,), parents, (), 0, cost)
    if name == "conv":
        made = replace(made, params=288, defined=Source("model.py", 3, "self.<layer> = conv(24)"))
    return replace(made, error=str(more.get("error", "")))


def _moving(kind: Kind, inputs: int, **more: int) -> Cost:
    reads = inputs * MAP.elements + more.get("macs", 0) // 784
    traffic = Traffic(reads, MAP.elements, 4 * (reads + MAP.elements))
    return Cost(kind, traffic, macs=more.get("macs", 0), elementwise=more.get("elementwise", 0))


def _graph() -> CostGraph:
    shape = Convolution(24, 24, (1, 1), (1, 1), 2, 784, 784)
    conv = replace(_moving(Kind.GROUP_CONV, 1, macs=225_792), convolution=shape)
    ops = (
        _op("conv", ("x",), conv, module=HOSTILE),
        _op("relu", ("conv",), _moving(Kind.ELEMENTWISE, 1, elementwise=18_816)),
        _op("add", ("relu", "x"), _moving(Kind.ELEMENTWISE, 2, elementwise=18_816)),
        _op("fancy", ("add",), None, target="mylib.fancy<T>.default", error="ValueError: no\nway"),
        _op("shuffle", ("fancy",), _moving(Kind.SHUFFLE, 1), module="stage1.0.shuffle"),
        _op("again", ("shuffle",), _moving(Kind.SHUFFLE, 1), module="stage1.1.shuffle"),
        _op("more", ("again",), _moving(Kind.SHUFFLE, 1), module="stage4.3.shuffle"),
        _op("view", ("more",), Cost(Kind.VIEW, Traffic(0, 0, 0)), module=""),
    )
    return CostGraph.of(ops, (Input("x", MAP),), ("view",), 288)


def _guideline(code: str, name: str, verdict: Verdict, metric: Metric | None) -> Guideline:
    summary = f"What {name} says of <i>a network</i>."
    documentation = f"{summary}\n\n## Why it matters\n\nIt *costs* time."
    return Guideline(code, name, summary, documentation, Severity.ERROR, verdict, metric)


def _guidelines(graph: CostGraph) -> tuple[Guideline, ...]:
    share = Metric(0.06, "memory that could be saved", Unit.SHARE, best=0.0, warn=0.02, fail=0.05)
    blocks = Metric(2.0, "fragments", Unit.FRAGMENTS, best=3.0, warn=4.0, fail=5.0)
    shuffled = Avoidable.of(graph["shuffle"], 37_632, launches=1)
    evidence = Evidence("cpu", Support.CONFIRMED, Seconds(2e-5, 1e-5, 3e-5), Seconds(1e-3, 0, 2e-3))
    grouped = Finding(
        (graph["conv"],),
        "2 groups, 24 channels in, 24 out",
        Avoidable.of(graph["conv"], 5_511),
        "17→17 without groups has as many multiply–adds <&>",
        (evidence,),
    )
    moved = tuple(
        Finding((graph[name],), f"shuffle {at} of a <map>", shuffled, "order the filters")
        for at, name in enumerate(("shuffle", "again", "more"))
    )
    failed = _guideline("G2", "group-convolution", Verdict.FAIL, share)
    warned = _guideline("D1", "data-movement", Verdict.WARN, replace(share, value=0.03))
    crashed = _guideline("X9", "its-own-fault", Verdict.CRASHED, None)
    nothing = replace(share, value=None)
    return (
        _guideline("G1", "unbalanced-channels", Verdict.NOT_APPLICABLE, nothing),
        replace(failed, findings=(grouped,)),
        _guideline("G3", "fragmented-blocks", Verdict.PASS, blocks),
        replace(warned, findings=moved),
        replace(crashed, error="ZeroDivisionError: division\nby <zero>"),
    )


def _audit() -> Audit:
    made = _graph()
    timings = (
        Timing(("conv",), "conv2d", Kind.GROUP_CONV, Seconds(6e-4, 5e-4, 7e-4)),
        Timing((), "reorder", Kind.DATA, Seconds(3e-4, 3e-4, 3e-4)),
    )
    total = Seconds(1e-3, 9.5e-4, 1.2e-3)
    notes = ("the machine was busy",)
    batch, roof = (("batch", "1"),), Roof(4e10, 2e10)
    latency = Latency("eager", "cpu", False, 1, total, timings, batch, notes, roof)
    tool = Tool("shufflenet-audit", "0.1.0", "3.11.7", "2.14.1")
    model = Model("net <script>alert(1)</script>", "Net", "meta", ("the input is <1×24×28×28>",))
    return Audit(tool, model, made, _guidelines(made), (latency,))


AUDIT: Final = _audit()


def _guarded() -> Audit:
    """The same audit with limits set, a baseline, and a finding that may stay."""
    failed, warned = AUDIT.guideline("G2"), AUDIT.guideline("D1")
    allowed = replace(failed.findings[0], suppressed="a <b>partner</b> needs\x1b[31m groups")
    first, *others = warned.findings
    findings = (replace(first, known=True), *others)
    budgets = (
        Budget(Limit("macs", 200_000), 225_792, BudgetStatus.OVER),
        Budget(Limit("latency_ms", 1.0, 0.1), 1.0, BudgetStatus.UNKNOWN, "measured, median of 2"),
        Budget(Limit("ops", 10), 8, BudgetStatus.WITHIN),
    )
    drift = Drift("<old>.json", (Regression("G2", 0.05, 0.06, share=True),), 2)
    changed = {
        "G2": replace(failed, findings=(allowed,)),
        "D1": replace(warned, findings=findings),
    }
    guidelines = tuple(changed.get(each.code, each) for each in AUDIT.guidelines)
    return replace(AUDIT, guidelines=guidelines, budgets=budgets, drift=drift)


GUARDED: Final = _guarded()
