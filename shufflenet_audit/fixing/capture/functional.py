"""In-place ops become the ops that make a new tensor, wherever nobody can tell the difference."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch.fx import Graph, Node

from shufflenet_audit.fixing.program import MUTABLE
from shufflenet_audit.tracing.op_schema import OpSchema, op_schema

_OVERWRITES = (
    torch.ops.aten.copy_.default,
    torch.ops.aten.fill_.Scalar,
    torch.ops.aten.zero_.default,
)


def make_functional(graph: Graph) -> tuple[Node, ...]:
    """
    Replace in-place ops; mark as mutable what must stay as it is.

    Given back are the inputs and the tensors of the model that are written to all the same.
    """
    order = {node: at for at, node in enumerate(graph.nodes)}
    families = _Families()
    for node in graph.nodes:
        facts = _facts(node)
        if facts is None or not facts.written:
            families.add(node, facts)
            continue
        written = _written(node, facts)
        new = _functional(node)
        if len(written) == 1 and new and not families.seen_after(written[0], node, order):
            node.target = new
            families.add(node, None)
            continue
        families.add(node, facts)
        for target in written:
            families.mark(target)
    return tuple(node for node in families.mutable() if node.op in ("placeholder", "get_attr"))


class _Families:
    """Which nodes share memory: an op that only looks at a tensor, or writes to it, joins it."""

    def __init__(self) -> None:
        self._root: dict[Node, Node] = {}
        self._members: dict[Node, list[Node]] = {}
        self._marked: set[Node] = set()

    def add(self, node: Node, facts: OpSchema | None) -> None:
        joins = facts is not None and (facts.is_view or bool(facts.written))
        joins = joins or (node.op == "call_function" and facts is None and _is_item(node))
        base = next((each for each in node.all_input_nodes), None) if joins else None
        root = self._root[base] if base is not None else node
        self._root[node] = root
        self._members.setdefault(root, []).append(node)

    def seen_after(self, tensor: Node, writer: Node, order: Mapping[Node, int]) -> bool:
        """Whether anything but the writer's own result is read later, or is not ours to change."""
        members = self._members[self._root[tensor]]
        return (
            any(
                member is not writer and any(order[user] > order[writer] for user in member.users)
                for member in members
            )
            or self._root[tensor].op == "get_attr"
        )

    def mark(self, tensor: Node) -> None:
        self._marked.add(self._root[tensor])

    def mutable(self) -> list[Node]:
        members = [node for root in self._marked for node in self._members[root]]
        for node in members:
            node.meta[MUTABLE] = True
        return members


def _facts(node: Node) -> OpSchema | None:
    is_op = node.op == "call_function" and isinstance(node.target, torch._ops.OpOverload)  # noqa: SLF001  (its public name is none)
    return op_schema(node.target) if is_op else None


def _is_item(node: Node) -> bool:
    return getattr(node.target, "__name__", "") == "getitem"


def _written(node: Node, facts: OpSchema) -> list[Node]:
    given = (node.args[at] if isinstance(at, int) else node.kwargs.get(at) for at in facts.written)
    return [each for each in given if isinstance(each, Node)]


def _functional(node: Node) -> Any:
    """The op of the same name without the underscore, if it takes the same arguments."""
    if node.target in _OVERWRITES:
        return None
    name, _, overload = str(node.target).removeprefix("aten.").partition(".")
    if not name.endswith("_"):
        return None
    packet = getattr(torch.ops.aten, name.removesuffix("_"), None)
    return getattr(packet, overload, None) if packet is not None else None
