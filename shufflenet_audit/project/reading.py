"""Where the configuration is, and what it sets."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from shufflenet_audit.checking.rule import Rule
from shufflenet_audit.discovery import rules
from shufflenet_audit.errors import ConfigError
from shufflenet_audit.project import (
    BaselineSetting,
    Config,
    Level,
    Setting,
)
from shufflenet_audit.project.amount import amount
from shufflenet_audit.project.fields import code, mistakes
from shufflenet_audit.project.suppression import Suppression
from shufflenet_audit.results.budget import Aggregation, Limit
from shufflenet_audit.results.violation import FailOn

FILE: Final = "shufflenet-audit.toml"
PROJECT: Final = "pyproject.toml"
TABLE: Final = "shufflenet-audit"


def found(start: Path) -> Path | None:
    """The file that configures a folder: in that folder, or in the nearest one above."""
    for folder in (start, *start.parents):
        if (folder / FILE).is_file():
            return folder / FILE
        project = folder / PROJECT
        if project.is_file() and _configures(project):
            return project
    return None


def configuration(file: Path | None) -> Config:
    """What a file sets, or the nearest one from the current folder upwards. Raises ConfigError."""
    file = file or found(Path.cwd())
    return Config() if file is None else read(file)


def read(file: Path) -> Config:
    """What a file sets. Raises ConfigError with every mistake in it."""
    table = _table(file)
    installed = rules()
    wrong = tuple(f"{file.name}: {mistake}" for mistake in mistakes(table, installed))
    if wrong:
        raise ConfigError(wrong)
    return _config(table, file, installed)


def _configures(project: Path) -> bool:
    """Whether it has our table; one that is not valid TOML has it if the header is in it."""
    try:
        text = project.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return False
    try:
        return TABLE in tomllib.loads(text).get("tool", {})
    except (tomllib.TOMLDecodeError, AttributeError, TypeError):
        return f"[tool.{TABLE}" in text


def _table(file: Path) -> Any:
    try:
        document = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError((f"{file} cannot be read: {error.strerror}",)) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError((f"{file} is not TOML: {error}",)) from error
    tool = document.get("tool", {})
    if isinstance(tool, dict) and TABLE in tool:
        return tool[TABLE]
    if file.name == PROJECT:
        raise ConfigError((f"{file} has no table [tool.{TABLE}]: audit init writes one",))
    return document


def _config(table: Mapping[str, Any], file: Path, rules: Mapping[str, Rule]) -> Config:
    return Config(
        file=file,
        model=_from_here(table.get("model", ""), file.parent),
        args=table.get("args", {}),
        inputs=tuple(table.get("inputs", ())),
        latency=table.get("latency", False),
        device=table.get("on", ""),
        fail_on=FailOn(table["fail_on"]) if "fail_on" in table else None,
        baseline=_baseline(table["baseline"], file.parent) if "baseline" in table else None,
        settings={
            code(name, rules): _setting(value) for name, value in table.get("rules", {}).items()
        },
        suppressions=tuple(
            Suppression(code(entry["rule"], rules), entry["module"], entry["reason"])
            for entry in table.get("suppress", ())
        ),
        limits=tuple(_limit(name, value) for name, value in table.get("budgets", {}).items()),
    )


def _from_here(model: str, folder: Path) -> str:
    """The configured model; one in a file beside the configuration, from the current folder."""
    path, colon, member = model.partition(":")
    beside = folder / path
    if not (path and (beside.is_file() or (beside / "config.json").is_file())):
        return model
    return os.path.relpath(beside) + colon + member


def _baseline(value: str | Mapping[str, Any], folder: Path) -> BaselineSetting:
    if isinstance(value, str):
        return BaselineSetting(folder / value)
    return BaselineSetting(folder / value["file"], value.get("tolerance", 0.0))


def _setting(value: str | Mapping[str, Any]) -> Setting:
    if isinstance(value, str):
        return Setting(Level(value))
    options = {key: option for key, option in value.items() if key != "level"}
    return Setting(Level(value["level"]) if "level" in value else None, options)


def _limit(name: str, value: Any) -> Limit:
    """A budget; the amounts have been checked."""
    if not isinstance(value, dict):
        return Limit(name, amount(value) or 0.0)
    aggregation = Aggregation(value.get("aggregation", Aggregation.MEDIAN))
    return Limit(name, amount(value["max"]) or 0.0, value.get("tolerance", 0.0), aggregation)
