"""Which ops a runtime ran together, from the ops that its kernels are named after."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from shufflenet_audit.latency.backend import Kernel
from shufflenet_audit.latency.profile import Node
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
    """What a runtime ran as one."""

    ops: tuple[str, ...]
    """The ops that it is named after, if any."""
    operator: str
    """What the runtime calls such a kernel, as in `FusedConv`."""
    seconds: tuple[float, ...]
    """Its time in each run."""
    moves: bool = True
    """Whether it moves data; a reshape in place does not."""


def kernels(graph: CostGraph, executed: Iterable[Ran]) -> Iterator[Kernel]:
    """
    The kernels that ran, each with all ops of the graph that ran in it.

    All that a runtime ran for one op is one kernel. What it ran for no op is one kernel for each
    operator.
    """
    named: dict[str, list[Ran]] = {}
    added: dict[str, list[Ran]] = {}
    for part in executed:
        if part.ops:
            named.setdefault(part.ops[0], []).append(part)
        else:
            added.setdefault(part.operator, []).append(part)
    homes = {op: name for name, parts in named.items() for part in parts for op in part.ops}
    for name, ops in groups(graph, homes).items():
        members = [graph[op] for op in ops]
        moves = any(part.moves for part in named[name])
        yield Kernel(ops, _label(members), _kind(members, moves=moves), _sums(named[name]))
    for operator, parts in added.items():
        kind = Kind.DATA if _MOVING.search(operator) else Kind.OTHER
        yield Kernel((), f"{len(parts)} × {operator}", kind, _sums(parts))


def ran(nodes: Iterable[Node], origins: Mapping[str, str]) -> Iterator[Ran]:
    """The nodes as parts of kernels, with the op that each came from."""
    for node in nodes:
        op = origin(origins, node.name)
        yield Ran((op,) if op else (), node.operator, node.seconds, moves=node.moves)


def origin(origins: Mapping[str, str], name: str) -> str | None:
    """The op that a node came from, even if the runtime has added to the name of the node."""
    while name not in origins:
        shorter = _ENDING.sub("", name)
        shorter = _FUSION.sub("", name) if shorter == name else shorter
        if shorter == name:
            return None
        name = shorter
    return origins[name]


def groups(graph: CostGraph, named: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """
    All ops of each kernel, given the kernels of the ops that a runtime names.

    A runtime often names only the last op of a fused group. Any other op ran in the kernel of a
    batch norm or activation that follows it; if there is none, in that of an op before it, or else
    of any op after it.
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
    home = next((homes[near.name] for near in neighbours if near.name in homes), None)
    if home is not None:
        homes[op.name] = home


def _kind(ops: Sequence[Op], *, moves: bool) -> Kind:
    """
    The kind of the op with the most multiply–adds, or else the most memory access.

    A view in PyTorch is a copy in a runtime, unless its kernel moves nothing.
    """
    heaviest = max(ops, key=lambda op: (op.macs, op.memory_access) if op.known else (0, 0))
    return Kind.DATA if heaviest.kind is Kind.VIEW and moves else heaviest.kind


def _label(ops: Sequence[Op]) -> str:
    """What the members of a group do: "convolution + native_batch_norm + relu"."""
    shown = [op for op in ops if op.launched] or ops
    names = (op.target.partition(".")[2].partition(".")[0].strip("_") for op in shown)
    return " + ".join(dict.fromkeys(names))


def _sums(parts: Iterable[Ran]) -> tuple[float, ...]:
    """The time of all parts together, run by run."""
    return tuple(map(sum, zip(*(part.seconds for part in parts), strict=True)))
