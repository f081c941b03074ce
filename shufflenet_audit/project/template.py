"""A commented configuration to start from: every key, every rule, every option."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from shufflenet_audit.checking.guideline import Severity
from shufflenet_audit.checking.rule import Rule
from shufflenet_audit.project.baseline import FILE as BASELINE
from shufflenet_audit.project.reading import TABLE


def template(rules: Iterable[Rule], *, model: str = "", project: bool = False) -> str:
    """The configuration as text; for pyproject.toml its tables are under tool."""
    at = f"tool.{TABLE}" if project else ""
    return "\n".join((*_head(model, at), *_rules(rules, at), *_budgets(at), *_suppress(at))) + "\n"


def _head(model: str, at: str) -> Iterator[str]:
    if at:
        yield f"[{at}]"
    yield from (
        "# Configuration of shufflenet-audit. Lines behind a # are defaults, or examples.",
        "",
        "# The model that `audit` without MODEL audits, the arguments that build it, its inputs.",
        f"model = {json.dumps(model)}" if model else '#model = "model.py:build"',
        "#args = { width = 0.5 }",
        '#inputs = ["1x3x224x224"]',
        "",
        "# The least verdict that sets exit status 1: error, warning or never.",
        '#fail_on = "error"',
        "",
        "# Latency: measured on this machine, or predicted for a device (audit devices).",
        "#latency = true",
        '#on = "gtx-1080ti"',
        "",
        "# Only new findings, and numbers worse by more than this share, count (audit baseline).",
        f'#baseline = {{ file = "{BASELINE}", tolerance = 0.0 }}',
        "",
    )


def _rules(rules: Iterable[Rule], at: str) -> Iterator[str]:
    yield f"[{_below(at, 'rules')}]"
    yield "# Levels: off, warn (at most a warning), error (fails where the rule fails)."
    for rule in rules:
        level = "warn" if rule.severity is Severity.WARNING else "error"
        options = {"level": level, **rule.options}
        pairs = ", ".join(f"{name} = {_value(value)}" for name, value in options.items())
        yield f"# {rule.name}: {rule.summary}"
        yield f"#{rule.code} = {{ {pairs} }}"
    yield ""


def _budgets(at: str) -> Iterator[str]:
    yield f"[{_below(at, 'budgets')}]"
    yield from (
        "# The most that the model may cost, and by which share it may exceed that.",
        '#macs = "150M"',
        '#params = "2.5M"',
        '#memory_access = { max = "30M", tolerance = 0.05 }',
        '#memory_access_fused = "15M"',
        '#peak_memory = "4M"  # bytes of activations',
        "#ops = 250",
        "# The end of the measured interval that must keep to it: median (both), low or high.",
        '#latency_ms = { max = 12.5, tolerance = 0.1, aggregation = "median" }',
        "",
    )


def _suppress(at: str) -> Iterator[str]:
    yield from (
        "# Findings that may stay: the rule, a pattern for the path of the module, the reason.",
        f"#[[{_below(at, 'suppress')}]]",
        '#rule = "G2"',
        '#module = "stage2.*"',
        '#reason = "the accelerator runs groups in parallel"',
    )


def _below(at: str, name: str) -> str:
    return f"{at}.{name}" if at else name


def _value(value: object) -> str:
    """A default as TOML, which spells texts, numbers, booleans and lists as JSON does."""
    return json.dumps(list(value) if isinstance(value, tuple) else value, default=str)
