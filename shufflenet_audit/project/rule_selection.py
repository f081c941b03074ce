"""The rules that are checked: installed, on in the project, and chosen by the user."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from shufflenet_audit.checking.rule import Rule
from shufflenet_audit.discovery import rules
from shufflenet_audit.errors import NotFoundError
from shufflenet_audit.project import Config
from shufflenet_audit.text import named


def selected(config: Config, only: Iterable[str] = (), ignored: Iterable[str] = ()) -> list[Rule]:
    """
    The rules to check, each as severe as the project says.

    All that are on, or `only` some (by code or name, whether on or off); never an `ignored` one.
    Raises NotFoundError for a name that no rule has, or where no rule is left.
    """
    installed = rules()
    wanted = {rule_named(installed, name).code for name in only} or set(installed) - config.off
    wanted -= {rule_named(installed, name).code for name in ignored}
    if not wanted:
        message = "no rule is left to check: take away an --ignore, or an off in the configuration"
        raise NotFoundError(message)
    return config.levelled(rule for code, rule in installed.items() if code in wanted)


def rule_named(installed: Mapping[str, Rule], name: str) -> Rule:
    """The rule of that code or name. Raises NotFoundError."""
    return named({**installed, **{rule.name: rule for rule in installed.values()}}, name, "rule")
