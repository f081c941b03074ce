"""Which model: the argument and options that say so, of every command that needs one."""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Iterable, Mapping
from contextlib import redirect_stdout
from dataclasses import dataclass
from functools import wraps
from typing import Any

import click

from shufflenet_audit.cli.shared import completions
from shufflenet_audit.loading.loaded import Loaded, LoadedGraph


@dataclass(frozen=True, slots=True)
class Wanted:
    """The model that the user named, what builds it, and its inputs, as typed."""

    model: str
    arguments: tuple[str, ...] = ()
    inputs: tuple[str, ...] = ()
    allow_pickle: bool = False

    def load(self) -> Loaded | LoadedGraph:
        """The model. What its code prints does not get into the report. Raises AuditError."""
        from shufflenet_audit.loading import Request, example, load  # noqa: PLC0415  (few verbs need it)

        inputs = tuple(map(example, self.inputs))
        with redirect_stdout(sys.stderr):
            return load(Request(self.model, _arguments(self.arguments), inputs, self.allow_pickle))


def model_options(command: Callable[..., int]) -> Callable[..., int]:
    """Let the user say which model: the command is given a Wanted as `wanted`."""

    @click.argument("model", shell_complete=completions.models)
    @building
    @wraps(command)
    def told(model: str, build: Callable[[str], Wanted], **rest: Any) -> int:
        return command(wanted=build(model), **rest)

    return told


def models_options(command: Callable[..., int]) -> Callable[..., int]:
    """Let the user say which models: the command is given a tuple of Wanted as `wanted`."""

    @click.argument("models", nargs=-1, metavar="A B [C …]", shell_complete=completions.models)
    @building
    @wraps(command)
    def told(models: tuple[str, ...], build: Callable[[str], Wanted], **rest: Any) -> int:
        return command(wanted=tuple(map(build, models)), **rest)

    return told


def building(command: Callable[..., int]) -> Callable[..., int]:
    """The options that say how to build a model, and what to run it on."""

    @click.option(
        "--arg",
        "arguments",
        metavar="NAME=VALUE",
        multiple=True,
        help="An argument for what builds the model; repeatable.",
    )
    @click.option(
        "--input",
        "inputs",
        metavar="SHAPE",
        multiple=True,
        help="An input, such as 1x3x224x224, int64[1,128] or NAME=int64[1,128]; repeatable.",
    )
    @click.option(
        "--allow-pickle", is_flag=True, help="Load a pickled model, and run what is in it."
    )
    @wraps(command)
    def told(
        arguments: tuple[str, ...], inputs: tuple[str, ...], *, allow_pickle: bool, **rest: Any
    ) -> int:
        def build(model: str) -> Wanted:
            return Wanted(model, arguments, inputs, allow_pickle)

        return command(build=build, **rest)

    return told


def _arguments(texts: Iterable[str]) -> Mapping[str, Any]:
    """The arguments by name. A value is what Python reads in it, or else its text."""
    return dict(_argument(text) for text in texts)


def _argument(text: str) -> tuple[str, Any]:
    name, equals, value = text.partition("=")
    if not equals or not name.isidentifier():
        message = f"--arg {text}: write it as NAME=VALUE"
        raise click.UsageError(message)
    try:
        return name, ast.literal_eval(value)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return name, value
