"""Findings that are alike, taken together."""

from __future__ import annotations

import pytest

from shufflenet_audit.plugin import (
    Audit,
    Avoidable,
    Cluster,
    Cost,
    CostGraph,
    Finding,
    Guideline,
    Kind,
    Model,
    Op,
    Severity,
    Tool,
    Traffic,
    Verdict,
    clusters,
    costliest,
    savings,
)


def graph(*modules: str) -> CostGraph:
    cost = Cost(Kind.ELEMENTWISE, Traffic(50, 50, 400))
    ops = [
        Op(f"op{at}", "aten.relu.default", module, "ReLU", None, (), (), (), (), 0, cost)
        for at, module in enumerate(modules)
    ]
    return CostGraph.of(ops, (), (), 0)


def guideline(*findings: Finding, verdict: Verdict = Verdict.FAIL, code: str = "G1") -> Guideline:
    return Guideline(code, "a-rule", "", "", Severity.ERROR, verdict, None, findings)


def found(made: CostGraph, *messages: str) -> tuple[Cluster, ...]:
    findings = (
        Finding((op,), message, Avoidable(bytes=8, bytes_fused=4, launches=1))
        for op, message in zip(made.ops, messages, strict=True)
    )
    return clusters(guideline(*findings), made)


def test_messages_that_differ_in_numbers_only_are_alike() -> None:
    messages = ("64 in, 256 out: 4.0 times", "float32[1×3×8×8]", "32 in, 128 out: 4.5 times")
    first, second = found(graph("a", "b", "c"), *messages)
    assert [finding.module for finding in first.findings] == ["a", "c"]
    assert [finding.module for finding in second.findings] == ["b"]


def test_a_cluster_saves_what_its_findings_save() -> None:
    (cluster,) = found(graph("a", "b", "c"), "1", "2", "3")
    assert cluster.avoidable == Avoidable(bytes=24, bytes_fused=12, launches=3)


@pytest.mark.parametrize(
    ("modules", "others"),
    [
        (("a",), ""),
        (("a", "b"), "1 more in b"),
        (("a", ""), "1 more in the model itself"),
        (("a", "stage3.1.conv", "stage4.3.conv"), "2 more in stage3.1 … stage4.3"),
        (("a", "layers.l_0.mlp", "x", "layers.l_9.mlp"), "3 more in layers.l_0 … layers.l_9"),
        (("a", "b.c", "b.c"), "2 more in b.c"),
        (("a", "b", "b.0.c"), "2 more in b … b.0"),
    ],
)
def test_the_others_are_told_by_where_they_are(modules: tuple[str, ...], others: str) -> None:
    (cluster,) = found(graph(*modules), *map(str, range(len(modules))))
    assert cluster.others == others


def test_only_guidelines_that_do_not_hold_cost_anything() -> None:
    made = graph("a", "b", "c", "d")
    cheap, dear, dearer, free = (
        Finding((op,), message, Avoidable(bytes_fused=nbytes))
        for op, message, nbytes in zip(made.ops, "abcd", (1, 2, 3, 0), strict=True)
    )
    audit = Audit(
        Tool("", "", "", ""),
        Model("", "", "meta"),
        made,
        (
            guideline(dearer, verdict=Verdict.PASS),
            guideline(cheap, verdict=Verdict.WARN),
            guideline(dear, free, code="G2"),
        ),
    )
    assert [cluster.worst.message for cluster in costliest(audit, each=1)] == ["b", "a"]


def test_savings_are_in_bytes_shares_and_launches() -> None:
    total = graph("a", "b").total
    said = savings(Avoidable(bytes=200, bytes_fused=100, launches=2), total)
    assert (
        said == f"100 B fused ({100 / total.bytes_fused:.1%}), 200 B op by op (25.0%), 2 launches"
    )
    assert savings(Avoidable(), total) == "nothing that is counted"
