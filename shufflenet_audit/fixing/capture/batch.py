"""A trace has the batch of its inputs written into it; this takes it out again."""

from __future__ import annotations

import operator
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import torch
from torch.fx import Node
from torch.utils._pytree import tree_leaves, tree_map_only

from shufflenet_audit.fixing.program import ORIGIN, Program, shape

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


def free_the_batch(program: Program, twin: Program, sizes: tuple[int, int]) -> str:
    """
    Replace the numbers of a program that grow with the batch by what they are made of.

    `twin` is the program of the same model at another batch size. Given back is why that could not
    be done, or nothing; in the first case the program is as it was.
    """
    nodes, twins = _without_copies(program), _without_copies(twin)
    changes: list[_Arguments] = []
    for node, other in zip(nodes, twins, strict=False):
        try:
            changes.extend(_changes(node, other, sizes))
        except _Unlike as error:
            return f"{node.name}: {error}"
    if len(nodes) != len(twins):
        return f"the model runs {len(nodes)} ops at batch {sizes[0]}, {len(twins)} at {sizes[1]}"
    _apply(program, changes)
    return ""


class _Unlike(Exception):  # noqa: N818  (a reason, not a failure)
    """Two calls differ in more than the batch."""


@dataclass(frozen=True, slots=True)
class _Arguments:
    """New arguments for a node."""

    node: Node
    args: list[Any]
    kwargs: dict[str, Any]


def _changes(node: Node, twin: Node, sizes: tuple[int, int]) -> Iterator[_Arguments]:
    """The arguments of a call with its batch taken out, if there is any in them."""
    if node.target != twin.target and not {node.target, twin.target} <= _VIEWS:
        message = f"at another batch size it is {twin.target}"
        raise _Unlike(message)
    if node.op == "call_function":
        args = _merged(tuple(node.args), tuple(twin.args), sizes)
        kwargs = _merged(dict(node.kwargs), dict(twin.kwargs), sizes)
        if any(isinstance(leaf, _Scaled) for leaf in tree_leaves((args, kwargs))):
            yield _Arguments(node, args, kwargs)


def _without_copies(program: Program) -> list[Node]:
    """
    The calls but for copies.

    A batch of one can be looked at in more ways than a larger one, and is contiguous more often:
    there a copy may be missing that is made at another batch size. A program has no need of it.
    """
    return [node for node in program.nodes() if node.target != aten.clone.default]


@dataclass(frozen=True, slots=True)
class _Scaled:
    """A number that is `factor` times the batch."""

    factor: Fraction


def _merged(one: Any, other: Any, sizes: tuple[int, int]) -> Any:
    """Two versions of an argument, merged into one. Raises _Unlike where they cannot be."""
    if isinstance(one, Node) or isinstance(other, Node) or one is other:
        return one
    if isinstance(one, dict):
        return {name: _merged(value, other.get(name, value), sizes) for name, value in one.items()}
    if isinstance(one, list | tuple):
        if len(one) != len(other):
            message = f"it has {len(one)} numbers at one batch size, {len(other)} at another"
            raise _Unlike(message)
        return [_merged(a, b, sizes) for a, b in zip(one, other, strict=True)]
    return one if one == other or isinstance(one, torch.device) else _scaled(one, other, sizes)


def _scaled(one: Any, other: Any, sizes: tuple[int, int]) -> _Scaled:
    numbers = type(one) is int and type(other) is int
    if not numbers or one * sizes[1] != other * sizes[0]:
        message = f"{one} at batch {sizes[0]} is {other} at {sizes[1]}"
        raise _Unlike(message)
    return _Scaled(Fraction(one, sizes[0]))


def _apply(program: Program, changes: Sequence[_Arguments]) -> None:
    if not changes:
        return
    given = [node for node in program.graph.nodes if node.op == "placeholder"]
    ranked = next(node for node in given if shape(node))
    with program.before(next(program.nodes()), []):
        size = _number(program.call(aten.sym_size.int, ranked, 0))
    for change in changes:
        node, args = change.node, change.args
        if node.target in _VIEWS and _is_inferable(args[1]):
            args[1] = [-1 if isinstance(each, _Scaled) else each for each in args[1]]

        def times(scaled: _Scaled) -> Node:
            return _times(program, size, scaled)

        with program.before(node, []):
            node.args, node.kwargs = tree_map_only(_Scaled, times, (tuple(args), change.kwargs))
    program.drop(size)


def _is_inferable(sizes: list[Any]) -> bool:
    """Whether PyTorch can tell the one size that grows from the others."""
    return sum(isinstance(each, _Scaled) or each == -1 for each in sizes) == 1 and 0 not in sizes


def _times(program: Program, size: Node, scaled: _Scaled) -> Node:
    node, factor = size, scaled.factor
    if factor.numerator != 1:
        node = _number(program.call(operator.mul, node, factor.numerator))
    if factor.denominator != 1:
        node = _number(program.call(operator.floordiv, node, factor.denominator))
    return node


def _number(node: Node) -> Node:
    """A number that is worked out: it stands for no op of the audited graph."""
    node.meta[ORIGIN] = ()
    return node
