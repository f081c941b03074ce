"""Rules, applied to a graph."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from shufflenet_audit.checking.finding import Finding, sorted_by_cost
from shufflenet_audit.checking.guideline import (
    Guideline,
    Metric,
    Severity,
    Verdict,
)
from shufflenet_audit.checking.rule import Rule, avoidable_share
from shufflenet_audit.errors import AuditError
from shufflenet_audit.network.graph import CostGraph


def guidelines(
    graph: CostGraph, rules: Iterable[Rule], options: Mapping[str, Mapping[str, Any]] = {}
) -> tuple[Guideline, ...]:
    """What each rule says of the network. A rule that crashes says so, and the others go on."""
    return tuple(_guideline(graph, rule, options.get(rule.code, {})) for rule in rules)


def _guideline(graph: CostGraph, rule: Rule, options: Mapping[str, Any]) -> Guideline:
    try:
        findings = sorted_by_cost(rule.check(graph, **options))
        metric = _metric(graph, rule, findings)
    except Exception as error:  # noqa: BLE001  (a rule is a plugin: whatever it raises is reported)
        said = str(error) if isinstance(error, AuditError) else f"{type(error).__name__}: {error}"
        return replace(_unjudged(rule), verdict=Verdict.CRASHED, error=said)
    verdict = _verdict(metric, rule.severity)
    return replace(_unjudged(rule), verdict=verdict, metric=metric, findings=findings)


def _metric(graph: CostGraph, rule: Rule, findings: Iterable[Finding]) -> Metric:
    scale = rule.scale
    value = scale.measure(graph) if scale.measure else avoidable_share(findings, graph)
    return Metric(value, scale.meaning, scale.unit, scale.best, scale.warn, scale.fail)


def _verdict(metric: Metric, severity: Severity) -> Verdict:
    if metric.value is None:
        return Verdict.NOT_APPLICABLE
    if metric.value >= metric.fail and severity is Severity.ERROR:
        return Verdict.FAIL
    return Verdict.WARN if metric.value >= metric.warn else Verdict.PASS


def _unjudged(rule: Rule) -> Guideline:
    return Guideline(
        code=rule.code,
        name=rule.name,
        summary=rule.summary,
        documentation=rule.documentation,
        severity=rule.severity,
        verdict=Verdict.NOT_APPLICABLE,
        metric=None,
    )
