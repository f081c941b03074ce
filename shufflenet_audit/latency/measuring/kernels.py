"""Which ops a runtime ran together, told from the ops that its kernels are named after."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from shufflenet_audit.latency.backend import Kernel
from shufflenet_audit.network.graph import CostGraph
from shufflenet_audit.network.kind import Kind
from shufflenet_audit.network.op import Op

_FOLLOWERS = frozenset({Kind.NORMALIZATION, Kind.ELEMENTWISE})
_ENDING = re.compile(r"(_token_\d+|_nchwc|_new_reshape)$")
_FUSION = re.compile(r"/[^/]*/?$")
"""What runtimes add to the name of a node when they move, split or fuse it."""

_MOVING = re.compile(
    "reorder|transpose|reshape|split|concat|slice|gather|copy|memcpy|cast|convert|identity|squeeze",
    re.IGNORECASE,
)
"""Kernels that move data, by what runtimes call them."""


@dataclass(frozen=True, slots=True)
class Ran:
    """
    What a runtime ran: the ops that it names, if any, and the seconds in each run.

    `operator` is what the runtime calls such a kernel, `moves` whether it moves data at all.
    """

    ops: tuple[str, ...]
    operator: str
    seconds: tuple[float, ...]
    moves: bool = True


def kernels(graph: CostGraph, ran: Iterable[Ran]) -> Iterator[Kernel]:
    """
    What ran, with all ops of the graph that ran in it; what no op asked for, by operator.

    What a runtime made of one op is one kernel.
    """
    named: dict[str, list[Ran]] = {}
    strangers: dict[str, list[Ran]] = {}
    for each in ran:
        if each.ops:
            named.setdefault(each.ops[0], []).append(each)
        else:
            strangers.setdefault(each.operator, []).append(each)
    homes = {op: name for name, parts in named.items() for each in parts for op in each.ops}
    for name, ops in groups(graph, homes).items():
        members = [graph[op] for op in ops]
        moves = any(each.moves for each in named[name])
        yield Kernel(ops, _label(members), _kind(members, moves=moves), _added(named[name]))
    for operator, parts in strangers.items():
        kind = Kind.DATA if _MOVING.search(operator) else Kind.OTHER
        yield Kernel((), f"{len(parts)} × {operator}", kind, _added(parts))


def origin(origins: Mapping[str, str], name: str) -> str | None:
    """The op that a node came from, also where the runtime has added to the name of the node."""
    while name not in origins:
        shorter = _ENDING.sub("", name)
        shorter = _FUSION.sub("", name) if shorter == name else shorter
        if shorter == name:
            return None
        name = shorter
    return origins[name]


def groups(graph: CostGraph, named: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """
    All ops of each kernel, given the kernel of those ops that a runtime names.

    Often that is only the last of a fused group. Any other op ran in the kernel of the op that
    follows it, if that is one that follows in a group (batch norm, activation), else in that of
    the op before it, or else behind it.
    """
    homes = dict(named)
    launched = [op for op in graph.ops if op.launched]
    for op in reversed(launched):
        _move_in(homes, op, (child for child in graph.children(op) if child.kind in _FOLLOWERS))
    for op in launched:
        _move_in(homes, op, (*graph.parents(op), *graph.children(op)))
    members: dict[str, list[str]] = {}
    for op in graph.ops:
        if op.name in homes:
            members.setdefault(homes[op.name], []).append(op.name)
    return {home: tuple(ops) for home, ops in members.items()}


def _move_in(homes: dict[str, str], op: Op, neighbours: Iterable[Op]) -> None:
    if op.name in homes:
        return
    home = next((homes[each.name] for each in neighbours if each.name in homes), None)
    if home is not None:
        homes[op.name] = home


def _kind(ops: Sequence[Op], *, moves: bool) -> Kind:
    """
    What a fused group is: its op with the most multiply–adds, or else the most memory access.

    What is a view in PyTorch is a copy in a runtime, unless its kernel moves nothing.
    """
    heaviest = max(ops, key=lambda op: (op.macs, op.memory_access) if op.known else (0, 0))
    return Kind.DATA if heaviest.kind is Kind.VIEW and moves else heaviest.kind


def _label(ops: Sequence[Op]) -> str:
    """What the members of a group do: "convolution + native_batch_norm + relu"."""
    shown = [op for op in ops if op.launched] or ops
    names = (op.target.partition(".")[2].partition(".")[0].strip("_") for op in shown)
    return " + ".join(dict.fromkeys(names))


def _added(ran: Iterable[Ran]) -> tuple[float, ...]:
    return tuple(map(sum, zip(*(each.seconds for each in ran), strict=True)))
