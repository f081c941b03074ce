"""A model, built without its weights where its constructor allows it."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from typing import Any

import torch
from torch import nn

from shufflenet_audit.errors import LoadError
from shufflenet_audit.loading.workspace import Workspace
from shufflenet_audit.user_code import raised

Build = Callable[[], nn.Module]


def built(build: Callable[[], Any]) -> tuple[Any, Build | None]:
    """What is built on meta, and how to build it with weights; or with weights, if it must be."""
    try:
        with warnings.catch_warnings(), torch.device("meta"):
            warnings.simplefilter("ignore")  # that weights are not copied to meta, for one
            return _seeded(build), lambda: _seeded(build)
    except Exception:  # noqa: BLE001  (a constructor that computes with tensors raises anything)
        return _seeded(build), None


def built_by_user(
    build: Callable[[], Any], name: str, workspace: Workspace
) -> tuple[nn.Module, Build | None]:
    """What the user's own code builds. Raises LoadError that names the line that failed."""
    try:
        with workspace.active():
            model, again = built(build)
    except (Exception, SystemExit) as error:
        raise LoadError(raised(name, error)) from error
    if not isinstance(model, nn.Module):
        returned = _a(type(model).__name__)
        message = f"{name} returned {returned}, which is no nn.Module: name what builds the model"
        raise LoadError(message)
    return model, again


def checked(factory: Callable[..., Any], name: str, arguments: Mapping[str, Any]) -> None:
    """Raise LoadError where a factory takes no such arguments, or needs others too."""
    parameters = _parameters(factory)
    takes = [each.name for each in parameters if each.kind in _NAMED]
    if not any(each.kind is each.VAR_KEYWORD for each in parameters):
        for key in arguments:
            if key not in takes:
                raise LoadError(_unknown(name, key, takes))
    missing = [key for key in required(factory) if key not in arguments]
    if missing:
        message = f"{name} needs {' and '.join(missing)}: add --arg {missing[0]}=VALUE"
        raise LoadError(message)


def required(factory: Callable[..., Any]) -> list[str]:
    """The arguments that a factory cannot be called without."""
    several = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    return [
        each.name
        for each in _parameters(factory)
        if each.default is each.empty and each.kind not in several
    ]


_NAMED = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)


def _parameters(factory: Callable[..., Any]) -> list[inspect.Parameter]:
    try:
        return list(inspect.signature(factory).parameters.values())
    except (TypeError, ValueError):  # one written in C has no signature
        return [inspect.Parameter("arguments", inspect.Parameter.VAR_KEYWORD)]


def _unknown(name: str, key: str, takes: list[str]) -> str:
    close = get_close_matches(key, takes, n=1, cutoff=0.75)
    if close:
        return f"{name} has no argument {key!r}: did you mean {close[0]}?"
    return f"{name} has no argument {key!r}: it takes {', '.join(takes) or 'none'}"


def _seeded(build: Callable[[], Any]) -> Any:
    """The same weights each time, without a trace in the user's random numbers."""
    with torch.random.fork_rng(devices=()):
        torch.manual_seed(0)
        return build()


def _a(name: str) -> str:
    return f"{'an' if name[0].lower() in 'aeiou' else 'a'} {name}"
