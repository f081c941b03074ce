"""The building blocks of a network, found from its graph alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import takewhile

from shufflenet_audit.network.kind import Kind
from shufflenet_audit.network.op import Op
from shufflenet_audit.structure.hints import Count

_TRAILING = frozenset({Kind.VIEW, Kind.ELEMENTWISE, Kind.NORMALIZATION, Kind.DATA, Kind.SHUFFLE,
                       Kind.SOFTMAX, Kind.UNKNOWN, Kind.CREATION, Kind.OTHER})  # fmt: skip
"""Kinds that do not make a block of their own: they belong to the block before them."""


@dataclass(frozen=True, slots=True)
class Block:
    """
    The part of the graph between two consecutive ops that every path runs through.

    It includes the second of these ops, and the single ops after it that are not blocks of their
    own (activation, normalization, shuffle, view).
    """

    name: str
    """Path of the module that its convolutions share, or `block` and its index."""
    ops: tuple[str, ...]
    """Names of its ops, in the order in which they run."""
    branches: Count
    """Independent paths through it: 1 for a chain."""
    depth: Count
    """Kernels on its longest path."""
    fragments: Count
    """Its convolutions and poolings; a convolution with g groups counts g times."""
    macs: Count
    """Multiply–accumulates of its ops of known cost."""


def blocks(ops: Sequence[Op], inputs: Iterable[str], outputs: Iterable[str]) -> tuple[Block, ...]:
    """The blocks of a network, in the order in which they run; every op is in exactly one."""
    cuts = _cuts(ops, inputs, outputs)
    return tuple(_block(index, part) for index, part in enumerate(_parts(ops, cuts)))


def _cuts(ops: Sequence[Op], inputs: Iterable[str], outputs: Iterable[str]) -> frozenset[str]:
    """
    The ops that every path from the inputs to the outputs runs through.

    They are the dominators of the end of the graph. Each op stands behind the ops that it reads, so
    one pass finds its immediate dominator: the last that those of its parents have in common
    (Cooper, Harvey, Kennedy: A Simple, Fast Dominance Algorithm, 2001).
    """
    tree = _DominatorTree()
    for name in inputs:
        tree.add(name, (_START,))
    for op in ops:
        tree.add(op.name, op.parents)
    tree.add(_END, outputs)
    return frozenset(tree.above(_END))


_START, _END = "<start>", "<end>"  # no op is called so


class _DominatorTree:
    """Who dominates whom in a graph without cycles, given its nodes in the order of their edges."""

    def __init__(self) -> None:
        self._above: dict[str, str] = {_START: _START}
        self._depth = {_START: 0}

    def add(self, name: str, parents: Iterable[str]) -> None:
        """Add a node. One that no path from the start leads to dominates nothing."""
        reached = [parent for parent in parents if parent in self._above]
        if reached and name not in self._above:
            above = reduce(self._common, reached)
            self._above[name], self._depth[name] = above, self._depth[above] + 1

    def above(self, name: str) -> Iterator[str]:
        """What dominates a node, the nearest first."""
        while (name := self._above.get(name, _START)) != _START:
            yield name

    def _common(self, a: str, b: str) -> str:
        while a != b:
            if self._depth[a] < self._depth[b]:
                a, b = b, a
            a = self._above[a]
        return a


def _parts(ops: Sequence[Op], cuts: frozenset[str]) -> list[list[Op]]:
    parts: list[list[Op]] = []
    part: list[Op] = []
    for op in ops:
        part.append(op)
        if op.name in cuts:
            if parts and all(op.kind in _TRAILING for op in part) and _is_chain(part):
                parts[-1].extend(part)
            else:
                parts.append(part)
            part = []
    if part and parts:
        parts[-1].extend(part)
    elif part:
        parts.append(part)
    return parts


def _is_chain(part: Sequence[Op]) -> bool:
    return _branches(part) == 1


def _block(index: int, ops: Sequence[Op]) -> Block:
    return Block(
        name=_common_module([op.module for op in ops if op.fragments]) or f"block {index}",
        ops=tuple(op.name for op in ops),
        branches=_branches(ops),
        depth=_depth(ops),
        fragments=sum(op.fragments for op in ops),
        macs=sum(op.macs for op in ops if op.known),
    )


def _branches(ops: Sequence[Op]) -> int:
    """
    Independent paths from the entry to the exit: edges - nodes + 2, the entry being a node.

    Ops that read parameters alone, such as the transpose of a linear layer's weight, do not count.
    """
    inside = {op.name for op in ops}
    from_parameters: set[str] = set()
    nodes, edges = 1, 0
    for op in ops:
        parents = set(op.parents) - from_parameters
        if parents:
            nodes += 1
            edges += len({parent if parent in inside else "" for parent in parents})
        else:
            from_parameters.add(op.name)
    return max(edges - nodes + 2, 1)


def _depth(ops: Sequence[Op]) -> int:
    depths: dict[str, int] = {}
    for op in ops:
        above = max((depths.get(parent, 0) for parent in op.parents), default=0)
        depths[op.name] = above + op.launched
    return max(depths.values())


def _common_module(paths: Sequence[str]) -> str:
    columns = zip(*(path.split(".") for path in paths), strict=False)
    return ".".join(same[0] for same in takewhile(lambda names: len(set(names)) == 1, columns))
