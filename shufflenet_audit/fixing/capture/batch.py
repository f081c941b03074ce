"""A trace has the batch of its inputs written into it; this takes it out again."""

from __future__ import annotations

import operator
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import torch
from torch.fx import Graph, Node
from torch.utils._pytree import tree_map_only

aten = torch.ops.aten
_VIEWS = frozenset({aten.view.default, aten._unsafe_view.default, aten.reshape.default})  # noqa: SLF001  (the name of the op)


def batch_of(leaves: Sequence[torch.Tensor]) -> int | None:
    """The batch size that all inputs agree on: their first dimension."""
    sizes = {len(leaf) for leaf in leaves if leaf.dim()}
    return sizes.pop() if len(sizes) == 1 else None


def rows(inputs: Any, count: int) -> Any:
    """The inputs with that many rows: theirs, again and again if need be."""

    def taken(leaf: torch.Tensor) -> torch.Tensor:
        return leaf[[at % len(leaf) for at in range(count)]] if leaf.dim() else leaf

    return tree_map_only(torch.Tensor, taken, inputs)


def free_the_batch(graph: Graph, other: Graph, sizes: tuple[int, int]) -> str:
    """
    Replace the numbers of a graph that grow with the batch by what they are made of.

    `other` is the graph of the same model at another batch size. Given back is why that could not
    be done, or nothing; then the graph is as it was.
    """
    changes: list[tuple[Node, Any, Any]] = []
    nodes, twins = _reshapes_as_one(graph), _reshapes_as_one(other)
    if len(nodes) != len(twins):
        return f"the model runs {len(nodes)} ops at batch {sizes[0]}, {len(twins)} at {sizes[1]}"
    for node, twin in zip(nodes, twins, strict=True):
        if node.target != twin.target and not {node.target, twin.target} <= _VIEWS:
            return f"at another batch size {twin.name} runs in place of {node.name}"
        if node.op != "call_function":
            continue
        change = _Change(sizes)
        args = change.merged(tuple(node.args), tuple(twin.args))
        kwargs = change.merged(dict(node.kwargs), dict(twin.kwargs))
        if change.reason:
            return f"{node.name}: {change.reason}"
        if change.found:
            changes.append((node, args, kwargs))
    _apply(graph, changes)
    return ""


def _reshapes_as_one(graph: Graph) -> list[Node]:
    """
    The nodes without the copies that a reshape makes first where it cannot just look.

    A batch of one can be looked at in more ways, so there a copy may be missing.
    """
    return [
        node
        for node in graph.nodes
        if node.target != aten.clone.default or not _VIEWS.issuperset(_targets(node.users))
    ]


def _targets(nodes: Iterable[Node]) -> set[Any]:
    return {node.target for node in nodes}


@dataclass(frozen=True, slots=True)
class _Scaled:
    """A number that is `factor` times the batch; `now` at the batch of the trace."""

    factor: Fraction
    now: int


@dataclass(slots=True)
class _Change:
    """Two versions of the arguments of an op, merged into one."""

    sizes: tuple[int, int]
    found: bool = False
    reason: str = ""
    path: list[str] = field(default_factory=list)

    def merged(self, one: Any, other: Any) -> Any:
        if isinstance(one, Node) or isinstance(other, Node):
            return one
        if isinstance(one, list | tuple):
            if not isinstance(other, list | tuple) or len(one) != len(other):
                self.reason = "its arguments are of another form at another batch size"
                return one
            return [self.merged(a, b) for a, b in zip(one, other, strict=True)]
        if isinstance(one, dict):
            return {name: self.merged(value, other.get(name, value)) for name, value in one.items()}
        if type(one) is int and type(other) is int and one != other:
            return self._scaled(one, other)
        if one != other and not isinstance(one, torch.device):
            self.reason = f"{one} at batch {self.sizes[0]} is {other} at {self.sizes[1]}"
        return one

    def _scaled(self, one: int, other: int) -> Any:
        if one * self.sizes[1] != other * self.sizes[0]:
            self.reason = f"{one} at batch {self.sizes[0]} is {other} at {self.sizes[1]}"
            return one
        self.found = True
        return _Scaled(Fraction(one, self.sizes[0]), one)


def _apply(graph: Graph, changes: list[tuple[Node, Any, Any]]) -> None:
    if not changes:
        return
    given = [node for node in graph.nodes if node.op == "placeholder"]
    ranked = next(node for node in given if node.meta["rank"])
    with graph.inserting_after(given[-1]):
        size = graph.call_function(aten.sym_size.int, (ranked, 0))
    for node, args, kwargs in changes:
        if node.target in _VIEWS and _is_inferable(args[1]):
            args[1] = [-1 if isinstance(each, _Scaled) else each for each in args[1]]
        with graph.inserting_before(node):
            node.args, node.kwargs = tree_map_only(
                _Scaled, lambda scaled: _times(graph, size, scaled), (tuple(args), kwargs)
            )
    if not size.users:
        graph.erase_node(size)


def _is_inferable(sizes: list[Any]) -> bool:
    """Whether PyTorch can tell the one size that grows from the others."""
    return sum(isinstance(each, _Scaled) or each == -1 for each in sizes) == 1 and 0 not in sizes


def _times(graph: Graph, size: Node, scaled: _Scaled) -> Node:
    node = size
    if scaled.factor.numerator != 1:
        node = graph.call_function(operator.mul, (node, scaled.factor.numerator))
    if scaled.factor.denominator != 1:
        node = graph.call_function(operator.floordiv, (node, scaled.factor.denominator))
    return node


