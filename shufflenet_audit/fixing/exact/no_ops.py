"""Ops that give back what they are given."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import torch
from torch.fx import Node

from shufflenet_audit.fixing.exact.scales import scaled
from shufflenet_audit.fixing.program import VALUE, Program, args, calls, dtype, shape
from shufflenet_audit.fixing.rewrite import Match, Rewrite

aten = torch.ops.aten


def find(program: Program) -> Iterator[Match]:
    """Zero-width pads, copies of what is laid out so already, casts to the same type, x + 0."""
    for node in program.nodes():
        if _does_nothing(program, node):
            scale = scaled(program, node)
            yield _match(program, node, scale.x if scale else args(node)[0])


def _match(program: Program, node: Node, x: Node) -> Match:
    name = str(node.target).split(".")[1].strip("_").replace("_", " ")
    return Match((node,), f"{name} that changes nothing dropped", lambda: program.replace(node, x))


def _does_nothing(program: Program, node: Node) -> bool:
    rule = _RULES.get(node.target)
    if rule and calls(node, node.target) and isinstance(args(node)[0], Node):
        return bool(rule(node)) and shape(node) == shape(args(node)[0]) and _same_type(node)
    scale = scaled(program, node)
    return scale is not None and bool((scale.scale == 1).all()) and not bool(scale.shift.any())


def _same_type(node: Node) -> bool:
    return dtype(node) == dtype(args(node)[0])


def _no_pad(node: Node) -> bool:
    return not any(args(node)[1])


def _same_layout(node: Node) -> bool:
    """A copy, or a cast, of what is laid out alike."""
    x: Node = args(node)[0]
    alike: bool = node.meta[VALUE].stride() == x.meta[VALUE].stride()
    return alike


def _always(node: Node) -> bool:  # noqa: ARG001  (that its shape stays is all there is to it)
    return True


def _no_roll(node: Node) -> bool:
    return not any(args(node)[1])


_RULES: Mapping[Any, Callable[[Node], bool]] = {
    aten.constant_pad_nd.default: _no_pad,
    aten.clone.default: _same_layout,
    aten._to_copy.default: _same_layout,  # noqa: SLF001  (the name of the op)
    aten.roll.default: _no_roll,
    aten.upsample_nearest2d.default: _always,
    aten.upsample_nearest2d.vec: _always,
}

REWRITE = Rewrite("no-op", "What is read is the same tensor.", find)
