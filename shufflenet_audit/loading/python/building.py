"""Builds a model, without its weights if its constructor allows that."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import nn

from shufflenet_audit.errors import LoadError
from shufflenet_audit.loading.workspace import Workspace
from shufflenet_audit.text import did_you_mean
from shufflenet_audit.user_code import error_sentence

Build = Callable[[], nn.Module]


def built(build: Callable[[], Any]) -> tuple[Any, Build | None]:
    """The model on meta and what builds it with weights; or with weights and None if it must be."""
    try:
        with warnings.catch_warnings(), torch.device("meta"):
            warnings.simplefilter("ignore")  # such as: weights are not copied to meta
            return _seeded(build), lambda: _seeded(build)
    except Exception:  # noqa: BLE001  (a constructor that computes with tensors raises anything)
        return _seeded(build), None


def built_by_user(
    build: Callable[[], Any], name: str, workspace: Workspace
) -> tuple[nn.Module, Build | None]:
    """What the user's own code builds. Raises a LoadError that names the line that failed."""
    try:
        with workspace.active():
            model, rebuild = built(build)
    except (Exception, SystemExit) as error:
        raise LoadError(error_sentence(name, error)) from error
    if not isinstance(model, nn.Module):
        returned = with_article(type(model).__name__)
        message = (
            f"{name} returned {returned}, which is not an nn.Module: name what builds the model"
        )
        raise LoadError(message)
    return model, rebuild


def check_arguments(factory: Callable[..., Any], name: str, arguments: Mapping[str, Any]) -> None:
    """Raise LoadError if a factory does not take these arguments, or needs others too."""
    parameters = _parameters(factory)
    takes = [parameter.name for parameter in parameters if parameter.kind in _NAMED]
    if not any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters):
        for key in arguments:
            if key not in takes:
                raise LoadError(_unknown_argument(name, key, takes))
    missing = [key for key in required_arguments(factory) if key not in arguments]
    if missing:
        message = f"{name} needs {' and '.join(missing)}: add --arg {missing[0]}=VALUE"
        raise LoadError(message)


def required_arguments(factory: Callable[..., Any]) -> list[str]:
    """The names of the arguments that have no default."""
    variadic = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    return [
        parameter.name
        for parameter in _parameters(factory)
        if parameter.default is parameter.empty and parameter.kind not in variadic
    ]


_NAMED = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)


def _parameters(factory: Callable[..., Any]) -> list[inspect.Parameter]:
    try:
        return list(inspect.signature(factory).parameters.values())
    except (TypeError, ValueError):  # a function written in C may have no signature
        return [inspect.Parameter("arguments", inspect.Parameter.VAR_KEYWORD)]


_MIN_LIKENESS = 0.75
"""How similar a suggested argument must be. Below that, the list of all arguments says more."""


def _unknown_argument(name: str, key: str, takes: list[str]) -> str:
    listed = f"it takes {', '.join(takes) or 'none'}"
    hint = did_you_mean(key, takes, otherwise=listed, likeness=_MIN_LIKENESS)
    return f"{name} has no argument {key!r}: {hint}"


def _seeded(build: Callable[[], Any]) -> Any:
    """The same weights each time; the user's random number generator stays as it was."""
    with torch.random.fork_rng(devices=()):
        torch.manual_seed(0)
        return build()


def with_article(name: str) -> str:
    """The name behind `a` or `an`."""
    return f"{'an' if name[0].lower() in 'aeiou' else 'a'} {name}"
