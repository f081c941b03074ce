"""A program becomes a torch.fx module that owns its weights, under the names that they had."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import nn
from torch.fx import Graph, GraphModule
from torch.utils._pytree import tree_flatten, tree_unflatten

from shufflenet_audit.fixing.program import Program


def graph_module(program: Program, result: Any = None) -> GraphModule:
    """
    The program as a module.

    `result` is something that the model has returned: the module returns its tensors in the same
    lists, tuples and dicts.
    """
    copy = program.copy()
    names = _names(copy)
    root = nn.Module()
    for node in copy.graph.nodes:
        if node.op == "get_attr":
            old = str(node.target)
            node.target = names[old]
            _own(root, names[old], copy.tensors[old], is_parameter=old in copy.parameters)
    _structure(copy.graph, result)
    copy.graph.lint()
    return GraphModule(root, copy.graph)


def _names(program: Program) -> dict[str, str]:
    """The name for each tensor that is read: that of the one it replaces, if that is free now."""
    read = dict.fromkeys(str(n.target) for n in program.graph.nodes if n.op == "get_attr")
    names: dict[str, str] = {}
    taken = set(read)
    for name in read:
        wanted = program.stands_in.get(name, name)
        names[name] = name if wanted in taken else wanted
        taken.add(names[name])
    return names


def _own(root: nn.Module, name: str, tensor: torch.Tensor, *, is_parameter: bool) -> None:
    *path, last = name.split(".")
    module = root
    for part in path:
        inner = getattr(module, part, None)
        if not isinstance(inner, nn.Module):
            inner = nn.Module()
            module.add_module(part, inner)
        module = inner
    if last in module._parameters or last in module._buffers:  # noqa: SLF001  (read twice)
        return
    if is_parameter and tensor.is_floating_point():
        module.register_parameter(last, nn.Parameter(tensor, requires_grad=False))
    else:
        module.register_buffer(last, tensor)


def _structure(graph: Graph, result: Any) -> None:
    """Return tensors as the model did."""
    output = next(node for node in reversed(graph.nodes) if node.op == "output")
    made = output.args[0]
    if isinstance(result, torch.Tensor) and len(made) == 1:
        output.args = (made[0],)
        return
    leaves, spec = tree_flatten(result)
    plain = _is_plain(result)
    if plain and len(leaves) == len(made) and all(isinstance(x, torch.Tensor) for x in leaves):
        output.args = (tree_unflatten(list(made), spec),)


def _is_plain(result: Any) -> bool:
    """Whether it is made of lists, tuples and dicts alone, which torch.fx can return."""
    if isinstance(result, Mapping):
        return type(result) is dict and all(map(_is_plain, result.values()))
    if isinstance(result, list | tuple):
        return type(result) in (list, tuple) and all(map(_is_plain, result))
    return isinstance(result, torch.Tensor)
