"""Ops whose result nobody reads."""

from __future__ import annotations

from collections.abc import Iterator

from torch.fx import Node

from shufflenet_audit.fixing.program import Program, calls
from shufflenet_audit.fixing.rewrite import Match, Rewrite


def find(program: Program) -> Iterator[Match]:
    """Calls without a reader, but for those that write to what others read."""
    for node in program.nodes():
        if not node.users and calls(node, node.target):
            yield _match(program, node)


def _match(program: Program, node: Node) -> Match:
    return Match((node,), "left out: nobody reads what it makes", lambda: program.drop(node))


REWRITE = Rewrite("unread-op", "No output depends on it.", find)
