"""The configuration: which model, which rules, what may stay, and what it may cost."""

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
    """How much a rule counts: not at all, as a warning at most, or as it judges."""

    OFF = "off"
    WARN = "warn"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Setting:
    """What is set of a rule: its level, if that is, and its options."""

    level: Level | None = None
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Known:
    """The file of the baseline, and by which share a number may get worse."""

    file: Path
    tolerance: float = 0.0


@dataclass(frozen=True, slots=True)
class Config:
    """All that a configuration sets; nothing where there is none."""

    file: Path | None = None
    model: str = ""
    args: Mapping[str, Any] = field(default_factory=dict)
    inputs: tuple[str, ...] = ()
    latency: bool = False
    device: str = ""
    fail_on: FailOn | None = None
    baseline: Known | None = None
    settings: Mapping[str, Setting] = field(default_factory=dict)
    suppressions: tuple[Suppression, ...] = ()
    limits: tuple[Limit, ...] = ()

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
        """The rules, each as severe as its level says."""
        severities = {Level.WARN: Severity.WARNING, Level.ERROR: Severity.ERROR}
        levels = {code: setting.level for code, setting in self.settings.items()}
        found = ((rule, severities.get(levels.get(rule.code) or Level.OFF)) for rule in rules)
        return [replace(rule, severity=severity or rule.severity) for rule, severity in found]

    def for_model(self, model: str) -> Config:
        """What holds for a model: all if none was set or it is that; else only what is general."""
        if model in ("", self.model) or not self.model:
            return self
        return replace(
            self, model=model, args={}, inputs=(), baseline=None, suppressions=(), limits=()
        )
