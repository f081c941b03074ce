"""Example inputs: as the user spells them, as the file proposes them, or derived from the model."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

import torch
from torch import nn

from shufflenet_audit.errors import InputError, LoadError
from shufflenet_audit.loading.inputs.inferred import Derived, derived
from shufflenet_audit.loading.inputs.input_spec import Example
from shufflenet_audit.loading.workspace import Workspace
from shufflenet_audit.user_code import raised


@dataclass(frozen=True, slots=True)
class Inputs:
    """What a model is called with; `assumption` says so where nobody did."""

    args: tuple[Any, ...] = ()
    kwargs: Mapping[str, Any] = field(default_factory=dict)
    assumption: str = ""


def inputs(model: nn.Module, given: Sequence[Example] | Inputs | None) -> Inputs:
    """The given inputs, or derived ones. Raises InputError if they do not fit."""
    if isinstance(given, Inputs):
        return _fitting(model, given)
    if given:
        return _fitting(model, _spelt(given))
    if not _takes_input(model):
        return Inputs()
    return _fitting(model, _assumed(derived(model)))


def proposed(module: ModuleType, workspace: Workspace) -> Inputs | None:
    """What `example_inputs()` of the user's file returns; nothing if it has none."""
    function = getattr(module, "example_inputs", None)
    if not callable(function):
        return None
    try:
        with workspace.active(), torch.random.fork_rng(devices=()):
            torch.manual_seed(0)
            returned = function()
    except Exception as error:
        raise LoadError(raised("example_inputs", error)) from error
    match returned:
        case torch.Tensor():
            return Inputs((returned,))
        case tuple() | list():
            return Inputs(tuple(returned))
        case dict():
            return Inputs(kwargs=returned)
    message = f"example_inputs returned {type(returned).__name__}: return a tensor, tuple or dict"
    raise InputError(message)


def _assumed(found: Derived) -> Inputs:
    spelt = " and ".join(map(str, found.examples))
    assumption = f"the input is assumed to be {spelt}, from {found.origin}"
    tensors = _spelt(found.examples)
    args = (list(tensors.args),) if found.listed else tensors.args
    return Inputs(args, tensors.kwargs, assumption)


def _spelt(examples: Sequence[Example]) -> Inputs:
    """Tensors without values. A named one goes to the argument of that name."""
    named: dict[str, torch.Tensor] = {}
    for each in examples:
        if each.name in named:
            message = f"the input {each.name!r} is given twice: give each once"
            raise InputError(message)
        if each.name:
            named[each.name] = tensor(each)
    return Inputs(tuple(tensor(each) for each in examples if not each.name), named)


def tensor(example: Example) -> torch.Tensor:
    """A tensor without values. Raises InputError where none can be so large."""
    try:
        return torch.empty(example.shape, dtype=getattr(torch, example.dtype), device="meta")
    except RuntimeError as error:
        message = f"the input {example} is too large for any tensor: make it smaller"
        raise InputError(message) from error


def _takes_input(model: nn.Module) -> bool:
    signature = _signature(model)
    return signature is None or bool(signature.parameters)


def _fitting(model: nn.Module, given: Inputs) -> Inputs:
    """The inputs, if `forward` can be called with so many and these names. Raises InputError."""
    signature = _signature(model)
    if signature is None:
        return given
    forward, takes = f"{type(model).__name__}.forward", ", ".join(signature.parameters) or "nothing"
    kinds = {each.kind for each in signature.parameters.values()}
    for name in given.kwargs:
        if name not in signature.parameters and inspect.Parameter.VAR_KEYWORD not in kinds:
            message = f"{forward} has no argument {name!r}: it takes {takes}"
            raise InputError(message)
    try:
        signature.bind(*given.args, **given.kwargs)
    except TypeError as error:
        message = f"{forward} takes {takes}: {error}: give one --input for each"
        raise InputError(message) from error
    return given


def _signature(model: nn.Module) -> inspect.Signature | None:
    try:
        return inspect.signature(model.forward)
    except (TypeError, ValueError):  # a TorchScript module has none
        return None
