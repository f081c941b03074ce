"""One wide branch in place of several of one kind, and no groups."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from operator import getitem
from typing import Any

import torch

from shufflenet_audit.fixing.widths.aims.aim import Aim
from shufflenet_audit.fixing.widths.aims.equal_widths import still_balanced
from shufflenet_audit.fixing.widths.aims.no_groups import dense
from shufflenet_audit.fixing.widths.edits import Edits
from shufflenet_audit.fixing.widths.recorded import Recorded, nodes_in
from shufflenet_audit.network.graph import CostGraph
from shufflenet_audit.network.kind import CONVOLUTIONS

Chain = tuple[torch.fx.Node, ...]


def merged(recorded: Recorded) -> Edits:
    """No groups; and of branches between one tensor and one join that are of one kind, the first."""
    edits = dense(recorded)
    for join in recorded.graph.nodes:
        parts = _parts(join)
        if len(parts) > 1:
            edits = edits.and_also(_without_copies(join, parts, recorded))
    return edits


def fragments(graph: CostGraph) -> float:
    """Convolutions and poolings, each group of a group convolution one by one."""
    return sum(op.fragments for op in graph.ops)


def _parts(join: torch.fx.Node) -> list[torch.fx.Node]:
    """What a concatenation or sum joins."""
    if "aten.cat" in str(join.target):
        return list(nodes_in(join.args[0]))
    return list(nodes_in(join.args[:2])) if "aten.add" in str(join.target) else []


def _without_copies(
    join: torch.fx.Node, parts: Sequence[torch.fx.Node], recorded: Recorded
) -> Edits:
    """The join without branches that are like one before them."""
    first: dict[Any, tuple[torch.fx.Node, Chain]] = {}
    edits = Edits()
    for part in parts:
        source, chain = _branch(part)
        if not any(_is_convolution(node, recorded) for node in chain):
            continue
        key = (source.name, *(_kind(node, recorded) for node in chain))
        if key not in first:
            first[key] = (part, chain)
            continue
        edits = edits.and_also(_dropped(join, part, first[key], recorded))
    return edits


def _dropped(
    join: torch.fx.Node,
    part: torch.fx.Node,
    kept: tuple[torch.fx.Node, Chain],
    recorded: Recorded,
) -> Edits:
    """A branch left out, the one that is kept as wide as both where they were concatenated."""
    stays, chain = kept
    touched = frozenset(node.name for node in chain if _is_convolution(node, recorded))
    removed = ((part.name, f"a branch of the same kind as {stays.name}"),)
    if "aten.add" in str(join.target):
        return Edits(instead={join.name: stays}, touched=touched, removed=removed)
    return Edits(
        without={join.name: frozenset({part.name})},
        touched=touched,
        removed=removed,
    )


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
    still_balanced,
    fragments,
    "convolutions and poolings, groups counted one by one",
)
