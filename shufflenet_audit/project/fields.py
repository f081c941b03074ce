"""What may stand in a configuration: its keys, and the check of each."""

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
    """The keys of the configuration, where these rules are installed."""
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
    """A sentence for each mistake, wherever it is."""
    yield from table(fields(rules))(config, "")


def code(name: str, rules: Mapping[str, Rule]) -> str:
    """The code of the rule that goes by that code or name. Raises KeyError."""
    return _by_name(rules)[name].code


def _by_name(rules: Mapping[str, Rule]) -> dict[str, Rule]:
    return {**rules, **{rule.name: rule for rule in rules.values()}}


def _rule(by_name: Mapping[str, Rule]) -> Check:
    def check(value: Any, at: str) -> Iterator[str]:
        if not isinstance(value, str) or value not in by_name:
            yield f"{at} is {shown(value)}: no rule is called that: {hint(value, by_name)}"

    return check


def _rules(by_name: Mapping[str, Rule]) -> Check:
    def check(value: Any, at: str) -> Iterator[str]:
        if not isinstance(value, dict):
            yield f"{at} is {shown(value)}: write a table"
            return
        for name, setting in value.items():
            if name in by_name:
                options = {key: _option(key, each) for key, each in by_name[name].options.items()}
                known = table({"level": choice(*Level), **options})
                yield from or_table(choice(*Level), known)(setting, f"{at}.{name}")
            else:
                yield f"{at}.{name}: no rule is called that: {hint(name, by_name)}"

    return check


def _option(name: str, default: Any) -> Check:
    """By the type of the default. A share is from 0 to 1, and no limit is negative."""
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


def _input(value: Any, at: str) -> Iterator[str]:
    if not isinstance(value, str):
        yield from text(value, at)
        return
    from shufflenet_audit.loading.inputs.input_spec import example  # noqa: PLC0415  (its package has torch)

    try:
        example(value)
    except AuditError as error:
        yield f"{at}: {error}"


def _device(value: Any, at: str) -> Iterator[str]:
    if not isinstance(value, str):
        yield from text(value, at)
        return
    from shufflenet_audit.latency.predicting.devices import device, folder  # noqa: PLC0415  (few set one)

    try:
        device(value, folder())
    except AuditError as error:
        yield f"{at}: {error}"
