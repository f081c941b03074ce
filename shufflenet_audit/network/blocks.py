"""The building blocks of a network, found on its graph alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import TYPE_CHECKING

from shufflenet_audit.network.kind import Kind
from shufflenet_audit.network.op import Op

if TYPE_CHECKING:  # networkx takes a tenth of a second, and a saved audit needs no blocks anew
    import networkx as nx

_TRAILING = frozenset({Kind.VIEW, Kind.ELEMENTWISE, Kind.NORMALIZATION, Kind.DATA, Kind.SHUFFLE,
                       Kind.SOFTMAX, Kind.UNKNOWN, Kind.CREATION, Kind.OTHER})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Block:
    """
    The part of the graph between two consecutive ops that every path runs through.

    It ends with the second of them, and with whatever single ops follow that are no work of their
    own (activation, normalisation, shuffle, view). `branches` counts the independent paths
    through it, `depth` the kernels on its longest path, `fragments` its convolutions and
    poolings, where a convolution with g groups is g of them.
    """

    name: str
    ops: tuple[str, ...]
    branches: int
    depth: int
    fragments: int
    macs: int


def blocks(ops: Sequence[Op], inputs: Iterable[str], outputs: Iterable[str]) -> tuple[Block, ...]:
    """The blocks of a network, in the order in which they run; every op is in exactly one."""
    cuts = _cuts(ops, inputs, outputs)
    return tuple(_block(at, part) for at, part in enumerate(_parts(ops, cuts)))


def _cuts(ops: Sequence[Op], inputs: Iterable[str], outputs: Iterable[str]) -> frozenset[str]:
    """
    The ops that every path from the inputs to the outputs runs through.

    They are the dominators of the end of the graph.
    """
    import networkx as nx  # noqa: PLC0415  (see the top)

    start, end = object(), object()
    flow: nx.DiGraph[object] = nx.DiGraph()
    flow.add_node(start)
    flow.add_edges_from((start, name) for name in inputs)
    flow.add_edges_from((parent, op.name) for op in ops for parent in op.parents)
    flow.add_edges_from((name, end) for name in outputs)
    dominators = nx.immediate_dominators(flow, start)
    cuts = []
    node = dominators.get(end)
    while node is not None and node is not start:
        cuts.append(str(node))
        node = dominators[node]
    return frozenset(cuts)


def _parts(ops: Sequence[Op], cuts: frozenset[str]) -> list[list[Op]]:
    parts: list[list[Op]] = []
    part: list[Op] = []
    for op in ops:
        part.append(op)
        if op.name in cuts:
            if parts and all(each.kind in _TRAILING for each in part) and _is_chain(part):
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


def _block(at: int, ops: Sequence[Op]) -> Block:
    return Block(
        name=_common_module([op.module for op in ops if op.fragments]) or f"block {at}",
        ops=tuple(op.name for op in ops),
        branches=_branches(ops),
        depth=_depth(ops),
        fragments=sum(op.fragments for op in ops),
        macs=sum(op.macs for op in ops if op.known),
    )


def _branches(ops: Sequence[Op]) -> int:
    """
    Independent paths from the entry to the exit: edges - nodes + 2, the entry being a node.

    What is made of parameters alone, such as the transposed weight of a linear layer, is no path.
    """
    inside = {op.name for op in ops}
    made_of_nothing: set[str] = set()
    nodes, edges = 1, 0
    for op in ops:
        parents = set(op.parents) - made_of_nothing
        if parents:
            nodes += 1
            edges += len({parent if parent in inside else "" for parent in parents})
        else:
            made_of_nothing.add(op.name)
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
