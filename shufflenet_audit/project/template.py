"""A commented configuration to begin with: every key, every rule, every option."""

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
        "# Configuration of shufflenet-audit. Behind a # stands what holds anyway, or an example.",
        "",
        "# What `audit` without MODEL audits, what builds it, and what it is run on.",
        f"model = {json.dumps(model)}" if model else '#model = "model.py:build"',
        "#args = { width = 0.5 }",
        '#inputs = ["1x3x224x224"]',
        "",
        "# Which verdicts exit with status 1: error, warning or never.",
        '#fail_on = "error"',
        "",
        "# Time: measured on this machine, or predicted for a device (audit devices).",
        "#latency = true",
        '#on = "gtx-1080ti"',
        "",
        "# Only what is not in this file (audit baseline) or worse by more than this share counts.",
        f'#baseline = {{ file = "{BASELINE}", tolerance = 0.0 }}',
        "",
    )


def _rules(rules: Iterable[Rule], at: str) -> Iterator[str]:
    yield f"[{_below(at, 'rules')}]"
    yield "# Levels: off, warn (a warning at most), error (as the rule judges)."
    for rule in rules:
        level = "warn" if rule.severity is Severity.WARNING else "error"
        options = {"level": level, **rule.options}
        inside = ", ".join(f"{name} = {_value(value)}" for name, value in options.items())
        yield f"# {rule.name}: {rule.summary}"
        yield f"#{rule.code} = {{ {inside} }}"
    yield ""


def _budgets(at: str) -> Iterator[str]:
    yield f"[{_below(at, 'budgets')}]"
    yield from (
        "# At most so many, with a tolerance (a share) where one is named.",
        '#macs = "150M"',
        '#params = "2.5M"',
        '#memory_access = { max = "30M", tolerance = 0.05 }',
        '#memory_access_fused = "15M"',
        "#ops = 250",
        "# Of the interval in which the median lies: median (all of it), low or high.",
        '#latency_ms = { max = 12.5, tolerance = 0.1, aggregation = "median" }',
        "",
    )


def _suppress(at: str) -> Iterator[str]:
    yield from (
        "# Findings that may stay: the rule, a pattern for the path of the module, and why.",
        f"#[[{_below(at, 'suppress')}]]",
        '#rule = "G2"',
        '#module = "stage2.*"',
        '#reason = "the accelerator runs groups in parallel"',
    )


def _below(at: str, name: str) -> str:
    return f"{at}.{name}" if at else name


def _value(value: object) -> str:
    """A default as TOML, which spells texts, numbers, truth and lists as JSON does."""
    return json.dumps(list(value) if isinstance(value, tuple) else value, default=str)
