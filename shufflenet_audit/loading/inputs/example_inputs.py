"""Example inputs: typed by the user, returned by the user's file, or inferred from the model."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

import torch
from torch import nn

from shufflenet_audit.errors import InputError, LoadError
from shufflenet_audit.loading.inputs.inferred import InferredInputs, inferred_inputs
from shufflenet_audit.loading.inputs.input_spec import InputSpec
from shufflenet_audit.loading.workspace import Workspace
from shufflenet_audit.user_code import error_sentence


@dataclass(frozen=True, slots=True)
class ExampleInputs:
    """What a model is called with."""

    args: tuple[Any, ...] = ()
    """Positional arguments of `forward`."""
    kwargs: Mapping[str, Any] = field(default_factory=dict)
    """Keyword arguments of `forward`."""
    assumption: str = ""
    """A sentence that says where the inputs are from, if the user gave none; else empty."""


def example_inputs(
    model: nn.Module, given: Sequence[InputSpec] | ExampleInputs | None
) -> ExampleInputs:
    """The given inputs, or inferred ones. Raises InputError if `forward` does not take them."""
    if isinstance(given, ExampleInputs):
        return _checked(model, given)
    if given:
        return _checked(model, _tensors(given))
    if not _takes_input(model):
        return ExampleInputs()
    return _checked(model, _assumed(inferred_inputs(model)))


def inputs_of_file(module: ModuleType, workspace: Workspace) -> ExampleInputs | None:
    """What `example_inputs()` in the user's file returns; None if the file does not have it."""
    function = getattr(module, "example_inputs", None)
    if not callable(function):
        return None
    try:
        with workspace.active(), torch.random.fork_rng(devices=()):
            torch.manual_seed(0)
            returned = function()
    except Exception as error:
        raise LoadError(error_sentence("example_inputs", error)) from error
    match returned:
        case torch.Tensor():
            return ExampleInputs((returned,))
        case tuple() | list():
            return ExampleInputs(tuple(returned))
        case dict():
            return ExampleInputs(kwargs=returned)
    message = f"example_inputs returned {type(returned).__name__}: return a tensor, tuple or dict"
    raise InputError(message)


def empty_tensor(spec: InputSpec) -> torch.Tensor:
    """A meta tensor, which has no values. Raises InputError if PyTorch cannot hold its size."""
    try:
        return torch.empty(spec.shape, dtype=getattr(torch, spec.dtype), device="meta")
    except RuntimeError as error:
        message = f"the input {spec} is too large for any tensor: make it smaller"
        raise InputError(message) from error


def _assumed(inferred: InferredInputs) -> ExampleInputs:
    shown = " and ".join(map(str, inferred.specs))
    assumption = f"the input is assumed to be {shown}, from {inferred.origin}"
    tensors = _tensors(inferred.specs)
    args = (list(tensors.args),) if inferred.in_list else tensors.args
    return ExampleInputs(args, tensors.kwargs, assumption)


def _tensors(specs: Sequence[InputSpec]) -> ExampleInputs:
    """Tensors without values. One with a name goes to the argument of that name."""
    named: dict[str, torch.Tensor] = {}
    for spec in specs:
        if spec.name in named:
            message = f"the input {spec.name!r} is given twice: give each once"
            raise InputError(message)
        if spec.name:
            named[spec.name] = empty_tensor(spec)
    return ExampleInputs(tuple(empty_tensor(spec) for spec in specs if not spec.name), named)


def _takes_input(model: nn.Module) -> bool:
    signature = _signature(model)
    return signature is None or bool(signature.parameters)


def _checked(model: nn.Module, given: ExampleInputs) -> ExampleInputs:
    """The inputs, if `forward` takes their number and their names. Raises InputError."""
    signature = _signature(model)
    if signature is None:
        return given
    forward, takes = f"{type(model).__name__}.forward", ", ".join(signature.parameters) or "nothing"
    kinds = {parameter.kind for parameter in signature.parameters.values()}
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
