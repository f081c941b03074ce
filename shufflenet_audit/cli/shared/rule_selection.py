"""The rules that are checked."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

import click

from shufflenet_audit.checking.rule import Rule
from shufflenet_audit.discovery import rules
from shufflenet_audit.text import named


def selected(only: Iterable[str], ignored: Iterable[str], off: Collection[str] = ()) -> list[Rule]:
    """All rules that are not off, or only some; none that is ignored. Raises NotFoundError."""
    installed = rules()
    wanted = {chosen(installed, each).code for each in only} or set(installed) - set(off)
    wanted -= {chosen(installed, each).code for each in ignored}
    if not wanted:
        message = "no rule is left to check: take away an --ignore, or an off in the configuration"
        raise click.UsageError(message)
    return [rule for code, rule in installed.items() if code in wanted]


def chosen(installed: Mapping[str, Rule], name: str) -> Rule:
    """The rule of that code or name. Raises NotFoundError."""
    return named({**installed, **{rule.name: rule for rule in installed.values()}}, name, "rule")
