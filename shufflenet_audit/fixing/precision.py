"""Rewrites are worked out in float64: a difference of outputs is then an error, not a rounding."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch.fx import Node
from torch.utils._pytree import tree_leaves, tree_map_only

from shufflenet_audit.fixing.program import VALUE, Program

_WIDE, _PLAIN = torch.float64, torch.float32


def widened(program: Program) -> bool:
    """
    Turn a float32 program into a float64 one, and say whether it was one.

    A program that has other floating-point numbers in it says on its own where it rounds, and
    stays as it is.
    """
    kinds = {each.dtype for each in _tensors(program)}
    if {kind for kind in kinds if kind.is_floating_point or kind.is_complex} != {_PLAIN}:
        return False
    in_precision(program, _PLAIN, _WIDE)
    return True


def rounded(program: Program) -> Program:
    """A float64 program as the float32 program that it was worked out for."""
    copy = program.copy()
    in_precision(copy, _WIDE, _PLAIN)
    return copy


def in_precision(program: Program, old: torch.dtype, new: torch.dtype) -> None:
    """Have a program hold and make numbers of the one type where it had those of the other."""

    def changed(kind: torch.dtype) -> torch.dtype:
        return new if kind == old else kind

    for name, tensor in program.tensors.items():
        program.tensors[name] = tensor.to(changed(tensor.dtype))
    for node in program.graph.nodes:
        made = node.meta.get(VALUE)
        if node.op == "call_function":
            args, kwargs = tree_map_only(
                torch.dtype, changed, (tuple(node.args), dict(node.kwargs))
            )
            if _is_typed_by_default(node) and made.dtype == old:
                kwargs = {**kwargs, "dtype": new}
            node.args, node.kwargs = args, kwargs
        node.meta[VALUE] = tree_map_only(
            torch.Tensor, lambda each: each.to(changed(each.dtype)), made
        )


def _is_typed_by_default(node: Node) -> bool:
    """Whether an op makes numbers of PyTorch's default type because it is not told another."""
    if node.all_input_nodes and any(_is_tensor(each) for each in node.all_input_nodes):
        return False
    declared: Any = getattr(node.target, "_schema", None)
    takes: Mapping[str, Any] = {each.name: each for each in declared.arguments} if declared else {}
    return "dtype" in takes and node.kwargs.get("dtype") is None and _is_tensor(node)


def _is_tensor(node: Node) -> bool:
    return isinstance(node.meta.get(VALUE), torch.Tensor)


def _tensors(program: Program) -> list[torch.Tensor]:
    made = [node.meta.get(VALUE) for node in program.graph.nodes]
    return [leaf for leaf in tree_leaves(made) if isinstance(leaf, torch.Tensor)]
