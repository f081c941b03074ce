"""Which model: the argument and options that say so, of every command that needs one."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import wraps
from pathlib import Path
from typing import Any

import click

from shufflenet_audit.cli.shared import completions
from shufflenet_audit.loading.loaded import Loaded, LoadedGraph
from shufflenet_audit.project import Config


@dataclass(frozen=True, slots=True)
class ModelArgument:
    """A model as the user named it, with what the project's configuration says of it."""

    model: str
    """The word that was typed, or configured."""
    arguments: Mapping[str, Any] = field(default_factory=dict)
    """Arguments for what builds the model, by name."""
    inputs: tuple[str, ...] = ()
    """Example inputs as typed, as in 1x3x224x224."""
    allow_pickle: bool = False
    """Whether a pickled model may be loaded, which runs what is in it."""
    config: Config = field(default_factory=Config)
    """What the project sets for this model."""

    def load(self) -> Loaded | LoadedGraph:
        """The model. Raises AuditError."""
        from shufflenet_audit.loading import InputSpec, Request, load  # noqa: PLC0415  (few verbs need it)

        inputs = tuple(map(InputSpec.parse, self.inputs))
        return load(Request(self.model, self.arguments, inputs, self.allow_pickle))


def model_argument(command: Callable[..., int]) -> Callable[..., int]:
    """Let the user say which model, or else the configuration: gives `model`."""

    @click.argument("model", required=False, shell_complete=completions.models)
    @_building
    @wraps(command)
    def packing(model: str | None, **values: Any) -> int:
        typed, config = _split(values)
        own = config.for_model(model or "")
        if model is None and not own.model:
            where = f", or set model in {own.file}" if own.file else ""
            message = f"missing argument 'MODEL': name one{where}"
            raise click.UsageError(message)
        return command(model=_as_configured(model, typed, own), **values)

    return packing


def model_arguments(command: Callable[..., int]) -> Callable[..., int]:
    """Let the user say which models: gives `models`, with the configuration of each."""

    @click.argument("models", nargs=-1, metavar="A B [C …]", shell_complete=completions.models)
    @_building
    @wraps(command)
    def packing(models: tuple[str, ...], **values: Any) -> int:
        typed, config = _split(values)
        named = tuple(_as_configured(each, typed, config.for_model(each)) for each in models)
        return command(models=named, **values)

    return packing


@dataclass(frozen=True, slots=True)
class _Typed:
    """What the options say of how to build a model."""

    arguments: tuple[str, ...]
    inputs: tuple[str, ...]
    allow_pickle: bool


def _building(command: Callable[..., int]) -> Callable[..., int]:
    """The options that say how to build a model, and what to run it on."""
    for option in (
        click.option(
            "--config", "configuration_file", metavar="FILE", type=click.Path(path_type=Path),
            help="The configuration; else [tool.shufflenet-audit] in pyproject.toml.",
        ),
        click.option(
            "--allow-pickle", is_flag=True, help="Load a pickled model, and run what is in it."
        ),
        click.option(
            "--input", "inputs", metavar="SHAPE", multiple=True,
            help="An input, such as 1x3x224x224, int64[1,128] or NAME=int64[1,128]; repeatable.",
        ),
        click.option(
            "--arg", "arguments", metavar="NAME=VALUE", multiple=True,
            help="An argument for what builds the model; repeatable.",
        ),
    ):  # fmt: skip
        command = option(command)
    return command


def _split(values: dict[str, Any]) -> tuple[_Typed, Config]:
    """Take what `_building` declared out of the values of a command; and the configuration."""
    from shufflenet_audit.project.reading import configuration  # noqa: PLC0415  (not for --help)

    typed = _Typed(*(values.pop(name) for name in ("arguments", "inputs", "allow_pickle")))
    return typed, configuration(values.pop("configuration_file"))


def _as_configured(model: str | None, typed: _Typed, config: Config) -> ModelArgument:
    """What was typed goes before what is configured."""
    arguments = {**config.args, **_arguments(typed.arguments)}
    named = config.model if model is None else model
    inputs = typed.inputs or config.inputs
    return ModelArgument(named, arguments, inputs, typed.allow_pickle, config)


def _arguments(texts: Iterable[str]) -> dict[str, Any]:
    """The arguments by name. A value is what Python reads in it, or else its text."""
    arguments: dict[str, Any] = {}
    for text in texts:
        name, value = _argument(text)
        if name in arguments:
            message = f"--arg {name} is given twice: leave one out"
            raise click.UsageError(message)
        arguments[name] = value
    return arguments


def _argument(text: str) -> tuple[str, Any]:
    name, equals, value = text.partition("=")
    if not equals or not name.isidentifier():
        message = f"--arg {text}: write it as NAME=VALUE"
        raise click.UsageError(message)
    try:
        return name, ast.literal_eval(value)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return name, value
