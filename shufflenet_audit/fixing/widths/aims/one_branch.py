"""One wide branch in place of several of one kind, and no groups."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from operator import getitem
from typing import Any

import torch

from shufflenet_audit.fixing.widths.aims.aim import Aim
from shufflenet_audit.fixing.widths.aims.no_groups import dense, still_equal
from shufflenet_audit.fixing.widths.edits import Edits
from shufflenet_audit.fixing.widths.recorded import Recorded, nodes_in
from shufflenet_audit.network.graph import CostGraph
from shufflenet_audit.network.kind import CONVOLUTIONS

Chain = tuple[torch.fx.Node, ...]


def merged(recorded: Recorded) -> Edits:
    """No groups; and of branches of one kind from one tensor to one join, the first."""
    edits = dense(recorded)
    for join in recorded.graph.nodes:
        if "aten.cat" in str(join.target) or _is_whole_sum(join):
            edits = edits.and_also(_without_copies(join, recorded))
    return edits


def fragments(graph: CostGraph) -> float:
    """Convolutions and poolings, each group of a group convolution one by one."""
    return sum(op.fragments for op in graph.ops)


def _is_sum(node: torch.fx.Node) -> bool:
    return "aten.add" in str(node.target) and len(_operands(node)) > 1


def _is_whole_sum(node: torch.fx.Node) -> bool:
    """Whether it is a sum that is not itself part of one."""
    return _is_sum(node) and not (len(node.users) == 1 and _is_sum(next(iter(node.users))))


def _operands(join: torch.fx.Node) -> list[torch.fx.Node]:
    return list(nodes_in(join.args[0] if "aten.cat" in str(join.target) else join.args[:2]))


def _parts(join: torch.fx.Node) -> Iterator[tuple[torch.fx.Node, torch.fx.Node]]:
    """What a concatenation or a sum of sums joins, each with the op that it is an operand of."""
    for operand in _operands(join):
        if _is_sum(join) and _is_sum(operand) and len(operand.users) == 1:
            yield from _parts(operand)
        else:
            yield operand, join


def _without_copies(join: torch.fx.Node, recorded: Recorded) -> Edits:
    """The join without branches that are like one before them."""
    first: dict[Any, tuple[torch.fx.Node, Chain]] = {}
    edits = Edits()
    for part, holder in _parts(join):
        source, chain = _branch(part)
        if not any(_is_convolution(node, recorded) for node in chain):
            continue
        key = (source.name, *(_kind(node, recorded) for node in chain))
        if key not in first:
            first[key] = (part, chain)
        elif holder.name not in edits.instead:
            touched = (node.name for node in first[key][1] if _is_convolution(node, recorded))
            edits = edits.and_also(_dropped(part, holder, first[key][0], frozenset(touched)))
    return edits


def _dropped(
    part: torch.fx.Node, holder: torch.fx.Node, kept: torch.fx.Node, touched: frozenset[str]
) -> Edits:
    """One branch left out of the op that joins it to others."""
    removed = ((part.name, f"a branch of the same kind as {kept.name}"),)
    if _is_sum(holder):
        other = next(node for node in _operands(holder) if node is not part)
        return Edits(instead={holder.name: other}, touched=touched, removed=removed)
    left_out = {holder.name: frozenset({part.name})}
    return Edits(without=left_out, touched=touched, removed=removed)


def _branch(end: torch.fx.Node) -> tuple[torch.fx.Node, Chain]:
    """The chain of ops that only this branch runs, and what it starts from."""
    chain: list[torch.fx.Node] = []
    node = end
    while node.op == "call_function" and len(node.users) == 1:
        made = [each for each in nodes_in(node.args) if each.op != "get_attr"]
        if len(made) != 1:
            break
        chain.append(node)
        node = made[0]
    return node, tuple(reversed(chain))


def _kind(node: torch.fx.Node, recorded: Recorded) -> tuple[object, ...]:
    """What two ops have in common if they differ in widths alone."""
    if _is_convolution(node, recorded):
        shape = recorded.costs[node.name].convolution
        depthwise = shape is not None and shape.depthwise
        extent = recorded.shapes[str(list(nodes_in(node.args))[1].name)][0][2:]
        return (str(node.target), depthwise, extent, str(node.args[3:8]))
    if node.target is getitem:
        return ("getitem", node.args[1])
    return (str(node.target).replace("_.", "."), *_numbers(node.args[1:]))


def _numbers(args: Sequence[Any]) -> Iterator[str]:
    return (str(each) for each in args if not list(nodes_in(each)))


def _is_convolution(node: torch.fx.Node, recorded: Recorded) -> bool:
    return node.name in recorded.costs and recorded.costs[node.name].kind in CONVOLUTIONS


ONE_BRANCH = Aim(
    "one branch",
    merged,
    still_equal,
    fragments,
    "convolutions and poolings, groups counted one by one",
)
