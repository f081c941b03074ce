"""Dense, narrower convolutions in place of grouped ones; shuffles that are left without use go."""

from __future__ import annotations

from collections.abc import Iterator
from operator import getitem

import torch

from shufflenet_audit.fixing.widths.aims.aim import Aim, Tie
from shufflenet_audit.fixing.widths.aims.equal_widths import still_balanced
from shufflenet_audit.fixing.widths.derivation import Derivation
from shufflenet_audit.fixing.widths.edits import Edits
from shufflenet_audit.fixing.widths.recorded import Recorded, nodes_in
from shufflenet_audit.fixing.widths.relations.convolution import GROUPS
from shufflenet_audit.network.graph import CostGraph
from shufflenet_audit.network.kind import Kind


def dense(recorded: Recorded) -> Edits:
    """Every group convolution with one group. Depthwise convolutions stay."""
    grouped = frozenset(op.name for op in recorded.costs.of_kind(Kind.GROUP_CONV))
    shuffles = dict(_shuffles(recorded)) if grouped else {}
    return Edits(
        groups=dict.fromkeys(grouped, 1),
        instead={last.name: first for last, first in shuffles.items()},
        touched=grouped,
        removed=tuple(
            (last.name, "a shuffle before dense convolutions only numbers their inputs anew")
            for last in shuffles
        ),
    )


def still_equal(recorded: Recorded, derived: Derivation) -> tuple[Tie, ...]:
    """Widths that are equal on both sides of a pointwise layer, or one that had groups."""
    grouped = (
        Tie(op.name, *derived.widths[op.name], gain=0.0, alike=(shape.c_in, shape.positions))
        for op in recorded.costs.of_kind(Kind.GROUP_CONV)
        if op.name in derived.widths
        and (shape := op.convolution) is not None
        and shape.c_in == shape.c_out
    )
    return (*still_balanced(recorded, derived), *grouped)


def groups(graph: CostGraph) -> float:
    """How many groups its group convolutions have, depthwise ones aside."""
    return sum(op.convolution.groups for op in graph.of_kind(Kind.GROUP_CONV) if op.convolution)


def _shuffles(recorded: Recorded) -> Iterator[tuple[torch.fx.Node, torch.fx.Node]]:
    """The end of each channel shuffle whose order nothing depends on, and what it shuffles."""
    for node in recorded.graph.nodes:
        source = _shuffled(node, recorded)
        if source is not None and _is_read_by_dense(node, recorded):
            yield node, source


def _shuffled(node: torch.fx.Node, recorded: Recorded) -> torch.fx.Node | None:
    """What a view–transpose–view over the channels shuffles."""
    if "shuffle" in str(node.target) and "pixel" not in str(node.target):
        return next(nodes_in(node.args))
    if not _is_view(node):
        return None
    moved = _through_clone(next(nodes_in(node.args)))
    if "aten.transpose" not in str(moved.target) or sorted(moved.args[1:]) != [1, 2]:  # type: ignore[type-var]  # two numbers
        return None
    split = next(nodes_in(moved.args))
    if not _is_view(split):
        return None
    source = next(nodes_in(split.args))
    same = recorded.shapes[source.name] == recorded.shapes[node.name]
    return (
        source
        if same and len(recorded.shapes[split.name][0]) > len(_shape(node, recorded))
        else None
    )


def _shape(node: torch.fx.Node, recorded: Recorded) -> tuple[int, ...]:
    return recorded.shapes[node.name][0]


def _is_view(node: torch.fx.Node) -> bool:
    return "view" in str(node.target) or "reshape" in str(node.target)


def _through_clone(node: torch.fx.Node) -> torch.fx.Node:
    return next(nodes_in(node.args)) if "aten.clone" in str(node.target) else node


def _is_read_by_dense(node: torch.fx.Node, recorded: Recorded) -> bool:
    """Whether all that it becomes, channel by channel, is read by convolutions without groups."""
    return bool(node.users) and all(_ends_dense(user, node, recorded) for user in node.users)


def _ends_dense(user: torch.fx.Node, node: torch.fx.Node, recorded: Recorded) -> bool:
    if user.target is getitem:
        return _is_read_by_dense(user, recorded)
    if user.op != "call_function" or user.args[0] is not node:
        return False
    if "aten.convolution" in str(user.target):
        depthwise = recorded.costs[user.name].kind is Kind.DEPTHWISE_CONV
        multiplied = user.args[GROUPS] != _shape(user, recorded)[1]
        return not depthwise or (not multiplied and _is_read_by_dense(user, recorded))
    alone = len(list(nodes_in((user.args, user.kwargs)))) == 1
    per_channel = "batch_norm" in str(user.target) or "pool" in str(user.target)
    pointwise = user.name in recorded.costs and recorded.costs[user.name].kind is Kind.ELEMENTWISE
    return (per_channel or (alone and pointwise)) and _is_read_by_dense(user, recorded)


NO_GROUPS = Aim("no groups", dense, still_equal, groups, "groups of group convolutions")
