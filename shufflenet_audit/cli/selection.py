"""The rules that are checked."""

from __future__ import annotations

from collections.abc import Iterable

import click

from shufflenet_audit.discovery import named, rules
from shufflenet_audit.plugin import Rule


def selected(only: Iterable[str], ignored: Iterable[str]) -> list[Rule]:
    """All rules, or only some, without those that are ignored. Raises NotFoundError."""
    installed = rules()
    wanted = {named(installed, each, "rule").code for each in only} or set(installed)
    wanted -= {named(installed, each, "rule").code for each in ignored}
    if not wanted:
        message = "no rule is left to check: take away an --ignore"
        raise click.UsageError(message)
    return [rule for code, rule in installed.items() if code in wanted]
