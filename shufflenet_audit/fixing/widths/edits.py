"""What an aim changes in the structure of a network, as data beside the recorded graph."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import torch

from shufflenet_audit.fixing.widths.recorded import nodes_in
from shufflenet_audit.fixing.widths.relations.convolution import GROUPS


@dataclass(frozen=True, slots=True)
class Edits:
    """Changes of structure, by the names of nodes and parameters."""

    groups: Mapping[str, int] = field(default_factory=dict)
    """Convolutions that run in another number of groups."""
    instead: Mapping[str, torch.fx.Node] = field(default_factory=dict)
    """Whoever reads this node reads that one."""
    without: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Concatenations, and which of their parts they do without."""
    touched: frozenset[str] = frozenset()
    """The ops whose widths are to be chosen anew; others change only where these do not suffice."""
    removed: tuple[tuple[str, str], ...] = ()
    """Ops that are gone, each with the reason."""

    def arguments(self, node: torch.fx.Node) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """The arguments of a node as they are after the changes."""
        args = list(node.args)
        if node.name in self.groups:
            args[GROUPS] = self.groups[node.name]
        if node.name in self.without:
            left_out = self.without[node.name]
            args[0] = [part for part in nodes_in(args[0]) if part.name not in left_out]
        args, kwargs = torch.fx.map_arg((args, dict(node.kwargs)), self.read)
        return tuple(args), dict(kwargs)

    def read(self, node: torch.fx.Node) -> torch.fx.Node:
        """The node that is read in place of this one."""
        while node.name in self.instead:
            node = self.instead[node.name]
        return node

    def and_also(self, other: Edits) -> Edits:
        """Both changes."""
        return Edits(
            {**self.groups, **other.groups},
            {**self.instead, **other.instead},
            {
                name: self.without.get(name, frozenset()) | other.without.get(name, frozenset())
                for name in {*self.without, *other.without}
            },
            self.touched | other.touched,
            (*self.removed, *other.removed),
        )


def live(graph: torch.fx.Graph, edits: Edits) -> tuple[torch.fx.Node, ...]:
    """The nodes that are still needed, in order; inputs always, and what writes in place."""
    needed: set[str] = set()
    nodes = tuple(graph.nodes)
    waiting = [node for node in nodes if _is_root(node)]
    while waiting:
        node = waiting.pop()
        if node.name not in needed:
            needed.add(node.name)
            waiting.extend(nodes_in(edits.arguments(node)))
    return tuple(node for node in nodes if node.name in needed)


def _is_root(node: torch.fx.Node) -> bool:
    if node.op in {"placeholder", "output"}:
        return True
    schema = getattr(node.target, "_schema", None)
    return schema is not None and schema.is_mutable and not node.users
