"""The keys of a configuration, and the check of each."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from shufflenet_audit.checking.rule import Rule
from shufflenet_audit.errors import AuditError
from shufflenet_audit.project import Level
from shufflenet_audit.project.checks import (
    Check,
    anything,
    choice,
    flag,
    hint,
    items,
    mapping,
    number,
    or_table,
    quantity,
    shown,
    table,
    text,
)
from shufflenet_audit.results.budget import (
    COUNTS,
    LATENCY,
    Aggregation,
)
from shufflenet_audit.results.violation import FailOn

SHARE = "share"


def fields(rules: Mapping[str, Rule]) -> dict[str, Check]:
    """The check of each key, for these installed rules."""
    by_name = _by_name(rules)
    count = table({"max": quantity, "tolerance": number(0)}, required=["max"])
    time = {"max": quantity, "tolerance": number(0), "aggregation": choice(*Aggregation)}
    suppression = {"rule": _rule(by_name), "module": text, "reason": text}
    return {
        "model": text,
        "args": mapping(anything),
        "inputs": items(_input),
        "latency": flag,
        "on": _device,
        "fail_on": choice(*FailOn),
        "baseline": or_table(text, table({"file": text, "tolerance": number(0)}, ["file"])),
        "rules": _rules(by_name),
        "suppress": items(table(suppression, required=suppression)),
        "budgets": table(
            {name: or_table(quantity, count) for name in COUNTS}
            | {LATENCY: or_table(quantity, table(time, required=["max"]))}
        ),
    }


def mistakes(config: Any, rules: Mapping[str, Rule]) -> Iterator[str]:
    """A sentence for each mistake in a configuration."""
    yield from table(fields(rules))(config, "")


def code(name: str, rules: Mapping[str, Rule]) -> str:
    """The code of the rule with that code or name. Raises KeyError."""
    return _by_name(rules)[name].code


def _by_name(rules: Mapping[str, Rule]) -> dict[str, Rule]:
    return {**rules, **{rule.name: rule for rule in rules.values()}}


def _rule(by_name: Mapping[str, Rule]) -> Check:
    def check(value: Any, path: str) -> Iterator[str]:
        if not isinstance(value, str) or value not in by_name:
            yield f"{path} is {shown(value)}: there is no such rule: {hint(value, by_name)}"

    return check


def _rules(by_name: Mapping[str, Rule]) -> Check:
    def check(value: Any, path: str) -> Iterator[str]:
        if not isinstance(value, dict):
            yield f"{path} is {shown(value)}: write a table"
            return
        for name, setting in value.items():
            if name in by_name:
                defaults = by_name[name].options
                options = {key: _option(key, default) for key, default in defaults.items()}
                allowed = table({"level": choice(*Level), **options})
                yield from or_table(choice(*Level), allowed)(setting, f"{path}.{name}")
            else:
                yield f"{path}.{name}: there is no such rule: {hint(name, by_name)}"

    return check


def _option(name: str, default: Any) -> Check:
    """The check for an option, by the type of its default. A share is from 0 to 1."""
    match default:
        case bool():
            return flag
        case int() | float():
            low = 0.0 if default >= 0 else -math.inf
            high = 1.0 if name.endswith(SHARE) else math.inf
            return number(low, high, whole=isinstance(default, int))
        case str():
            return text
    return anything


def _input(value: Any, path: str) -> Iterator[str]:
    if not isinstance(value, str):
        yield from text(value, path)
        return
    from shufflenet_audit.loading.inputs.input_spec import InputSpec  # noqa: PLC0415  (its package has torch)

    try:
        InputSpec.parse(value)
    except AuditError as error:
        yield f"{path}: {error}"


def _device(value: Any, path: str) -> Iterator[str]:
    if not isinstance(value, str):
        yield from text(value, path)
        return
    from shufflenet_audit.latency.predicting.device_names import folder  # noqa: PLC0415  (few set one)
    from shufflenet_audit.latency.predicting.devices import device  # noqa: PLC0415  (few set one)

    try:
        device(value, folder())
    except AuditError as error:
        yield f"{path}: {error}"
