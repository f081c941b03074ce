"""Where the configuration stands, and what it says."""

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
    Config,
    Known,
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
    """The file that configures what happens in a folder: there, or in the next one above."""
    for folder in (start, *start.parents):
        if (folder / FILE).is_file():
            return folder / FILE
        project = folder / PROJECT
        if project.is_file() and _configures(project):
            return project
    return None


def configuration(file: Path | None) -> Config:
    """What a file says, or the one that is found from here on upwards. Raises ConfigError."""
    file = file or found(Path.cwd())
    return Config() if file is None else read(file)


def read(file: Path) -> Config:
    """What a file says. Raises ConfigError, with all that is wrong."""
    said = _table(file)
    installed = rules()
    wrong = tuple(f"{file.name}: {each}" for each in mistakes(said, installed))
    if wrong:
        raise ConfigError(wrong)
    return _config(said, file, installed)


def _configures(project: Path) -> bool:
    """Whether it has the table; one that is broken has it if it seems to."""
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


def _config(said: Mapping[str, Any], file: Path, rules: Mapping[str, Rule]) -> Config:
    return Config(
        file=file,
        model=_from_here(said.get("model", ""), file.parent),
        args=said.get("args", {}),
        inputs=tuple(said.get("inputs", ())),
        latency=said.get("latency", False),
        device=said.get("on", ""),
        fail_on=FailOn(said["fail_on"]) if "fail_on" in said else None,
        baseline=_known(said["baseline"], file.parent) if "baseline" in said else None,
        settings={code(name, rules): _set(each) for name, each in said.get("rules", {}).items()},
        suppressions=tuple(
            Suppression(code(each["rule"], rules), each["module"], each["reason"])
            for each in said.get("suppress", ())
        ),
        limits=tuple(_limit(name, each) for name, each in said.get("budgets", {}).items()),
    )


def _from_here(model: str, folder: Path) -> str:
    """A model that is a file beside the configuration, as seen from the current folder."""
    path, colon, member = model.partition(":")
    beside = folder / path
    if not (path and (beside.is_file() or (beside / "config.json").is_file())):
        return model
    return os.path.relpath(beside) + colon + member


def _known(said: str | Mapping[str, Any], folder: Path) -> Known:
    if isinstance(said, str):
        return Known(folder / said)
    return Known(folder / said["file"], said.get("tolerance", 0.0))


def _set(said: str | Mapping[str, Any]) -> Setting:
    if isinstance(said, str):
        return Setting(Level(said))
    options = {key: value for key, value in said.items() if key != "level"}
    return Setting(Level(said["level"]) if "level" in said else None, options)


def _limit(name: str, said: Any) -> Limit:
    """A budget; the amounts have been checked."""
    if not isinstance(said, dict):
        return Limit(name, amount(said) or 0.0)
    aggregation = Aggregation(said.get("aggregation", Aggregation.MEDIAN))
    return Limit(name, amount(said["max"]) or 0.0, said.get("tolerance", 0.0), aggregation)
