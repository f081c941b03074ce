"""Calls of the old graph with the sizes in their arguments written anew."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import gcd
from typing import Any, Final

import torch
from torch import fx
from torch.nn import functional

from shufflenet_audit.fixing.widths.blueprint import Blueprint
from shufflenet_audit.fixing.widths.recorded import RESHAPES, SHAPED, Recorded


@dataclass(frozen=True, slots=True)
class Written:
    """What stands for a call in the new graph."""

    target: Callable[..., Any] | None
    """What is called; None if its first argument stands for it."""
    args: tuple[Any, ...]
    """Its positional arguments."""
    kwargs: dict[str, Any] = field(default_factory=dict)
    """Its named arguments."""
    single: bool = False
    """Whether it returns the first of the results that the old call returned as a tuple."""


class Batch:
    """The batch size as the new graph has it: read off its first input that has a batch."""

    def __init__(self, graph: fx.Graph, recorded: Recorded) -> None:
        self._graph = graph
        self._recorded = recorded
        self._size: fx.Node | None = None

    def given(self, old: fx.Node, new: fx.Node) -> None:
        """Know an input."""
        grows = self._recorded.batched[old.name][0]
        if self._size is None and grows and grows[0]:
            self._size = self._graph.call_function(torch.ops.aten.sym_size.int, (new, 0))

    def times(self, size: int) -> Any:
        """What is so much for the batch of the example inputs."""
        if self._size is None:
            return size
        common = gcd(size, self._recorded.batch)
        factor, divisor = size // common, self._recorded.batch // common
        result = self._size
        if factor > 1:
            result = self._graph.call_function(operator.mul, (result, factor))
        if divisor > 1:
            result = self._graph.call_function(operator.floordiv, (result, divisor))
        return result


def rewritten(
    node: fx.Node, given: tuple[tuple[Any, ...], dict[str, Any]], plan: Blueprint, batch: Batch
) -> Written:
    """The call with its new sizes; where PyTorch has a function for the op, as that function."""
    args, kwargs = list(given[0]), given[1]
    name = (
        str(node.target).split(".")[1].removesuffix("_")
        if node.target is not operator.getitem
        else ""
    )
    numbers = plan.numbers(node)
    if name in _NOTHING and not numbers and _NOTHING[name](node, plan):
        return Written(None, tuple(args))
    grows = plan.recorded.batched[node.name][0]
    for at, value in numbers.items():
        args[at] = _with_batch(value, grows, batch, name) if name in SHAPED else value
    if name == "clone" and kwargs.get("memory_format") is torch.contiguous_format:
        return Written(torch.ops.aten.contiguous.default, (args[0],))
    if name in RESHAPES:
        return Written(torch.ops.aten.reshape.default, (args[0], args[1]))
    if name in _FUNCTIONS and _reads_first(node):
        return _FUNCTIONS[name](args, kwargs)
    return Written(node.target, tuple(args), kwargs)  # type: ignore[arg-type]  # a node of this kind has a function


def _is_reshaped(node: fx.Node, plan: Blueprint) -> bool:
    """Whether a copy is only made to be reshaped; `reshape` copies where it must."""
    del plan
    return bool(node.users) and all("_unsafe_view" in str(user.target) for user in node.users)


def _is_whole(node: fx.Node, plan: Blueprint) -> bool:
    """Whether a slice or a look by strides takes all there is."""
    (x, *_), _ = plan.edits.arguments(node)
    return plan.recorded.shapes[x.name][0] == plan.recorded.shapes[node.name][0]


def _with_batch(sizes: list[int], grows: Sequence[bool], batch: Batch, name: str) -> list[Any]:
    """These sizes, those that grow with the batch as an expression, or -1 in a reshape."""
    if name in RESHAPES and sum(grows) == 1:
        return [-1 if with_batch else size for size, with_batch in zip(sizes, grows, strict=True)]
    return [
        batch.times(size) if with_batch else size
        for size, with_batch in zip(sizes, grows, strict=True)
    ]


def _reads_first(node: fx.Node) -> bool:
    """Whether only the first of its results is read."""
    return all(user.target is operator.getitem and user.args[1] == 0 for user in node.users)


def _layer_norm(args: list[Any], kwargs: dict[str, Any]) -> Written:
    del kwargs
    return Written(functional.layer_norm, tuple(args), single=True)


def _group_norm(args: list[Any], kwargs: dict[str, Any]) -> Written:
    del kwargs
    x, weight, bias, _, _, _, groups, eps = args
    return Written(functional.group_norm, (x, groups, weight, bias, eps), single=True)


def _attention(args: list[Any], kwargs: dict[str, Any]) -> Written:
    query, key, value, *rest = args
    causal = rest[1] if len(rest) > 1 else kwargs.get("is_causal", False)
    named = {
        "attn_mask": kwargs.get("attn_mask"),
        "is_causal": causal,
        "scale": kwargs.get("scale"),
    }
    target = functional.scaled_dot_product_attention
    return Written(target, (query, key, value), named, single=True)


_NOTHING: Final[dict[str, Callable[[fx.Node, Blueprint], bool]]] = {
    "as_strided": _is_whole,
    "slice": _is_whole,
    "clone": _is_reshaped,
}
"""Ops that change nothing, under these conditions."""
_FUNCTIONS: Final[dict[str, Callable[[list[Any], dict[str, Any]], Written]]] = {
    "native_layer_norm": _layer_norm,
    "native_group_norm": _group_norm,
    "_scaled_dot_product_flash_attention_for_cpu": _attention,
}
"""Ops that return more than is read, as the function of PyTorch that runs on any device."""
