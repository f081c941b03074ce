"""Finds the model in a Python module: the one that is named, or the only one."""

from __future__ import annotations

import ast
import inspect
import textwrap
import typing
from collections.abc import Callable, Mapping
from types import FunctionType, ModuleType
from typing import Any

from torch import nn

from shufflenet_audit.errors import LoadError
from shufflenet_audit.loading.inputs.example_inputs import example_inputs, inputs_of_file
from shufflenet_audit.loading.loaded import Loaded
from shufflenet_audit.loading.python.building import (
    Build,
    built_by_user,
    check_arguments,
    required_arguments,
    with_article,
)
from shufflenet_audit.loading.python.costs_file import costs_in
from shufflenet_audit.loading.request import Request
from shufflenet_audit.loading.workspace import Workspace
from shufflenet_audit.text import did_you_mean

_SHOWN = 6


def find_model(request: Request, module: ModuleType, workspace: Workspace) -> Loaded:
    """The requested model of an imported module. Raises LoadError and InputError."""
    name = request.attribute or _only_candidate(request, module)
    label = f"{request.model}:{name}" if not request.attribute else request.model
    thing = _attribute(request, module, name)
    model, build = _model(thing, label, request.arguments, workspace)
    given = example_inputs(model, request.inputs or inputs_of_file(module, workspace))
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
    thing: Any, label: str, arguments: Mapping[str, Any], workspace: Workspace
) -> tuple[nn.Module, Build | None]:
    if isinstance(thing, nn.Module):
        if arguments:
            message = f"{label} is a model that is built already: it takes no --arg"
            raise LoadError(message)
        return thing, None
    if not callable(thing):
        content = with_article(type(thing).__name__)
        message = f"{label} is {content}, not a model or a function that builds one"
        raise LoadError(message)
    check_arguments(thing, label, arguments)
    return built_by_user(lambda: thing(**arguments), label, workspace)


def _attribute(request: Request, module: ModuleType, name: str) -> Any:
    """What the module has under a name, which may have dots."""
    thing: Any = module
    for part in name.split("."):
        if not part or not hasattr(thing, part):
            raise _no_attribute(request, thing, part)
        thing = getattr(thing, part)
    return thing


def _no_attribute(request: Request, thing: Any, part: str) -> LoadError:
    public = [key for key in dir(thing) if not key.startswith("_")]
    hint = did_you_mean(part, public)
    where = request.model.rpartition(":")[0] or request.model
    message = f"{where} has no {part!r}"
    if hint:
        return LoadError(f"{message}: {hint}")
    candidates = _candidates(thing, request.arguments) if isinstance(thing, ModuleType) else []
    shown = ", ".join(candidates[:_SHOWN])
    return LoadError(f"{message}: it has {shown}" if shown else f"{message}: check the name")


def _only_candidate(request: Request, module: ModuleType) -> str:
    """The name of the only model in a module. Raises LoadError if there is none or several."""
    candidates = _candidates(module, request.arguments)
    if len(candidates) == 1:
        return candidates[0]
    if not candidates:
        message = f"{request.model} holds no model of its own{_advice(request, module)}"
        raise LoadError(message)
    shown = ", ".join(candidates[:_SHOWN]) + (", …" if len(candidates) > _SHOWN else "")
    message = (
        f"{request.model} holds several models ({shown}):"
        f" name one, as in {request.model}:{candidates[0]}"
    )
    raise LoadError(message)


def _candidates(module: ModuleType, arguments: Mapping[str, Any]) -> list[str]:
    """
    The names of what could be the model of a module.

    These are its models and its factories, or its classes if there is neither. A factory is a
    function that is annotated to return a module; if none is, one that returns something.
    """
    own = _own(module)
    models = [name for name, thing in own.items() if isinstance(thing, nn.Module)]
    functions = {name: thing for name, thing in own.items() if isinstance(thing, FunctionType)}
    fitting = {name: thing for name, thing in functions.items() if _accepts(thing, arguments)}
    factories = [name for name, function in fitting.items() if _returns_module(function)]
    factories = factories or [name for name, thing in fitting.items() if _may_be_factory(thing)]
    if models or factories:
        return factories + models
    return [name for name, thing in own.items() if _is_class(thing) and _accepts(thing, arguments)]


def _advice(request: Request, module: ModuleType) -> str:
    """Which argument would let something in the module be built; else, to name what builds one."""
    for name, thing in _own(module).items():
        if _is_class(thing) or (isinstance(thing, FunctionType) and _returns_module(thing)):
            needs = [key for key in required_arguments(thing) if key not in request.arguments]
            if needs:
                return f" that can be built as it is: {name} needs --arg {needs[0]}=VALUE"
    return f": name what builds one, as in {request.model}:NAME"


def _own(module: ModuleType) -> dict[str, Any]:
    """What the module defines under a public name, not what it imports; each thing once."""
    own = {
        name: thing
        for name, thing in vars(module).items()
        if not name.startswith("_")
        and (isinstance(thing, nn.Module) or getattr(thing, "__module__", "") == module.__name__)
    }
    own.pop("example_inputs", None)
    first = {id(thing): name for name, thing in reversed(own.items())}
    return {name: thing for name, thing in own.items() if first[id(thing)] == name}


def _is_class(thing: Any) -> bool:
    """Whether it is a class of modules."""
    return isinstance(thing, type) and issubclass(thing, nn.Module)


def _accepts(factory: Callable[..., Any], arguments: Mapping[str, Any]) -> bool:
    try:
        check_arguments(factory, "", arguments)
    except LoadError:
        return False
    return True


def _returns_module(function: FunctionType) -> bool:
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
