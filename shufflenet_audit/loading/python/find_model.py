"""The model in a module: the one that is named, or the only one that there is."""

from __future__ import annotations

import ast
import inspect
import textwrap
import typing
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from types import FunctionType, ModuleType
from typing import Any

from torch import nn

from shufflenet_audit.errors import LoadError
from shufflenet_audit.loading.inputs.example import inputs, proposed
from shufflenet_audit.loading.loaded import Loaded
from shufflenet_audit.loading.python.building import (
    Build,
    built_by_user,
    checked,
    required,
)
from shufflenet_audit.loading.python.costs_file import costs_in
from shufflenet_audit.loading.request import Request
from shufflenet_audit.loading.workspace import Workspace

_SHOWN = 6


def loaded(request: Request, module: ModuleType, workspace: Workspace) -> Loaded:
    """The model that was asked for, from a module that has been imported."""
    name = request.attribute or _only(request, module)
    label = f"{request.model}:{name}" if not request.attribute else request.model
    member = _member(request, module, name)
    model, build = _model(member, label, request.arguments, workspace)
    given = inputs(model, request.inputs or proposed(module, workspace))
    assumed = (given.assumption,) if given.assumption else ()
    return Loaded(
        request.name,
        model,
        given.args,
        given.kwargs,
        build,
        assumed,
        workspace.active,
        costs_in(module),
    )


def _model(
    member: Any, label: str, arguments: Mapping[str, Any], workspace: Workspace
) -> tuple[nn.Module, Build | None]:
    if isinstance(member, nn.Module):
        if arguments:
            message = f"{label} is a model that is built already: it takes no --arg"
            raise LoadError(message)
        return member, None
    if not callable(member):
        message = f"{label} is neither a model nor what builds one, but {type(member).__name__}"
        raise LoadError(message)
    checked(member, label, arguments)
    return built_by_user(lambda: member(**arguments), label, workspace)


def _member(request: Request, module: ModuleType, name: str) -> Any:
    """What the name stands for in the module; it may have dots."""
    thing: Any = module
    for part in name.split("."):
        if not part or not hasattr(thing, part):
            raise _no_member(request, thing, part)
        thing = getattr(thing, part)
    return thing


def _no_member(request: Request, thing: Any, part: str) -> LoadError:
    public = [key for key in dir(thing) if not key.startswith("_")]
    close = get_close_matches(part, public, n=1)
    where = request.model.rpartition(":")[0] or request.model
    message = f"{where} has no {part!r}"
    if close:
        return LoadError(f"{message}: did you mean {close[0]}?")
    candidates = _candidates(thing, request.arguments) if isinstance(thing, ModuleType) else []
    shown = ", ".join(candidates[:_SHOWN])
    return LoadError(f"{message}: it has {shown}" if shown else f"{message}: check the name")


def _only(request: Request, module: ModuleType) -> str:
    """The name of the one model in a module. Raises LoadError where there are none, or several."""
    candidates = _candidates(module, request.arguments)
    if len(candidates) == 1:
        return candidates[0]
    if not candidates:
        message = f"{request.model} holds no model of its own{_needing(request, module)}"
        raise LoadError(message)
    shown = ", ".join(candidates[:_SHOWN]) + (", …" if len(candidates) > _SHOWN else "")
    message = (
        f"{request.model} holds several models ({shown}):"
        f" name one, as in {request.model}:{candidates[0]}"
    )
    raise LoadError(message)


def _candidates(module: ModuleType, arguments: Mapping[str, Any]) -> list[str]:
    """
    The names of the models in a module.

    These are its models and its factories; its classes only where there is neither. A factory
    is a function that says that it returns a module, or, where none says so, returns something.
    """
    own = _own(module)
    models = [name for name, each in own.items() if isinstance(each, nn.Module)]
    functions = {name: each for name, each in own.items() if isinstance(each, FunctionType)}
    callable_ = {name: each for name, each in functions.items() if _accepts(each, arguments)}
    factories = [name for name, each in callable_.items() if _says_module(each)]
    factories = factories or [name for name, each in callable_.items() if _may_be_factory(each)]
    if models or factories:
        return factories + models
    return [name for name, each in own.items() if _is_class(each) and _accepts(each, arguments)]


def _needing(request: Request, module: ModuleType) -> str:
    """What could be built if it was given arguments."""
    for name, each in _own(module).items():
        if _is_class(each) or (isinstance(each, FunctionType) and _says_module(each)):
            needs = [key for key in required(each) if key not in request.arguments]
            if needs:
                return f" that can be built as it is: {name} needs --arg {needs[0]}=VALUE"
    return f": name what builds one, as in {request.model}:NAME"


def _own(module: ModuleType) -> dict[str, Any]:
    """The public things that are made in the module, not imported into it, each once."""
    own = {
        name: each
        for name, each in vars(module).items()
        if not name.startswith("_")
        and (isinstance(each, nn.Module) or getattr(each, "__module__", "") == module.__name__)
    }
    own.pop("example_inputs", None)
    first = {id(each): name for name, each in reversed(own.items())}
    return {name: each for name, each in own.items() if first[id(each)] == name}


def _is_class(each: Any) -> bool:
    return isinstance(each, type) and issubclass(each, nn.Module)


def _accepts(factory: Callable[..., Any], arguments: Mapping[str, Any]) -> bool:
    try:
        checked(factory, "", arguments)
    except LoadError:
        return False
    return True


def _says_module(function: FunctionType) -> bool:
    """Whether a function is annotated to return a module."""
    try:
        returned = typing.get_type_hints(function).get("return")
    except (NameError, TypeError, AttributeError):
        return False
    return _is_class(returned)


def _may_be_factory(function: FunctionType) -> bool:
    """Whether a function without annotation returns something, as `main` and `train` do not."""
    if "return" in function.__annotations__:
        return False
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    except (OSError, SyntaxError):
        return False
    returns = [node.value for node in ast.walk(tree) if isinstance(node, ast.Return)]
    return any(isinstance(value, ast.Call | ast.Name) for value in returns)
