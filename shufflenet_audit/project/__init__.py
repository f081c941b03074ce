"""What a project sets: its model, its rules, its suppressions, its budgets, its baseline."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

from shufflenet_audit.checking.guideline import Severity
from shufflenet_audit.checking.rule import Rule
from shufflenet_audit.project.suppression import Suppression
from shufflenet_audit.results.budget import Limit
from shufflenet_audit.results.violation import FailOn


class Level(StrEnum):
    """How severe a rule may be: not checked, at most a warning, or an error where it fails."""

    OFF = "off"
    WARN = "warn"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Setting:
    """What a project sets for a rule."""

    level: Level | None = None
    """How severe it may be; None leaves that to the rule."""
    options: Mapping[str, Any] = field(default_factory=dict)
    """The values of its options, by name; options that are not set keep their defaults."""


@dataclass(frozen=True, slots=True)
class BaselineSetting:
    """The baseline that a project compares its audits to."""

    file: Path
    """The file that `audit baseline` wrote."""
    tolerance: float = 0.0
    """By which share a number may get worse; 0.01 is 1 %."""


@dataclass(frozen=True, slots=True)
class Config:
    """The configuration of a project; the defaults are those of a project without one."""

    file: Path | None = None
    """The file that it was read from."""
    model: str = ""
    """The model that `audit` without MODEL audits."""
    args: Mapping[str, Any] = field(default_factory=dict)
    """Arguments for the function or class that builds the model."""
    inputs: tuple[str, ...] = ()
    """The inputs of the model, as `--input` takes them."""
    latency: bool = False
    """Whether to measure the model on this machine."""
    device: str = ""
    """The device to predict the latency for; empty for none."""
    fail_on: FailOn | None = None
    """The least verdict that sets exit status 1."""
    baseline: BaselineSetting | None = None
    """The baseline to compare to; None for none."""
    settings: Mapping[str, Setting] = field(default_factory=dict)
    """What is set for rules, by code."""
    suppressions: tuple[Suppression, ...] = ()
    """The findings that may stay."""
    limits: tuple[Limit, ...] = ()
    """The budgets: the most that the model may cost."""

    @property
    def options(self) -> dict[str, Mapping[str, Any]]:
        """The options of rules, by code."""
        return {code: setting.options for code, setting in self.settings.items()}

    @property
    def off(self) -> frozenset[str]:
        """The codes of rules that are off."""
        settings = self.settings.items()
        return frozenset(code for code, setting in settings if setting.level is Level.OFF)

    def levelled(self, rules: Iterable[Rule]) -> list[Rule]:
        """The rules, each with the severity that its level sets."""
        severities = {Level.WARN: Severity.WARNING, Level.ERROR: Severity.ERROR}
        levels = {code: setting.level for code, setting in self.settings.items()}
        pairs = ((rule, severities.get(levels.get(rule.code) or Level.OFF)) for rule in rules)
        return [replace(rule, severity=severity or rule.severity) for rule, severity in pairs]

    def with_options(self, options: Mapping[str, Mapping[str, Any]]) -> Config:
        """The same with these options of rules, by code."""
        return replace(self, settings={code: Setting(None, own) for code, own in options.items()})

    def for_model(self, model: str) -> Config:
        """What applies to a model: all for the configured one, only general keys for another."""
        if model in ("", self.model) or not self.model:
            return self
        return replace(
            self, model=model, args={}, inputs=(), baseline=None, suppressions=(), limits=()
        )
