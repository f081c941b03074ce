"""Which channels of a layer arrive where, through any number of views."""

from __future__ import annotations

import operator
from collections.abc import Iterator
from typing import Any

import torch
from torch.fx import Node
from torch.utils._pytree import tree_map_only

from shufflenet_audit.fixing.program import VALUE, args, calls, is_tensor, shape

aten = torch.ops.aten

LOOKS = (
    aten.reshape.default, aten.permute.default, aten.transpose.int, aten.unsqueeze.default,
    aten.squeeze.dim, aten.select.int, aten.slice.Tensor, aten.unbind.int, aten.split.Tensor,
    aten.split_with_sizes.default, aten.flatten.using_ints, aten.clone.default, operator.getitem,
)  # fmt: skip
"""Ops that only rearrange what they are given."""
_MOST_ELEMENTS = 2**24
"""Of a larger map the channels are not followed: it would take longer than it is worth."""


def source(node: Node) -> Node:
    """What a node looks at, through views."""
    while calls(node, *LOOKS):
        node = args(node)[0]
    return node


def labels(node: Node, axis: int) -> torch.Tensor | None:
    """For each element of what a node makes, the number of its channel."""
    sizes = shape(node)
    if node.meta[VALUE].numel() > _MOST_ELEMENTS:
        return None
    line = [1] * len(sizes)
    line[axis] = sizes[axis]
    return torch.arange(sizes[axis]).reshape(line).expand(sizes)


def arriving(node: Node, numbers: torch.Tensor) -> Iterator[tuple[Node, Node, torch.Tensor]]:
    """Each reader of a node behind any views of it, what it reads, and the labels of that."""
    waiting: list[tuple[Node, Any]] = [(node, numbers)]
    while waiting:
        current, made = waiting.pop()
        for user in current.users:
            if calls(user, *LOOKS) and args(user)[0] is current:
                waiting.append((user, _run(user, made)))
            elif isinstance(made, torch.Tensor):
                yield user, current, made


def _run(user: Node, made: Any) -> Any:
    sized = tree_map_only(Node, lambda each: each.meta[VALUE], tuple(args(user)[1:]))
    kwargs = {} if is_tensor(user) and user.target is aten.clone.default else user.kwargs
    target: Any = user.target
    return target(made, *sized, **kwargs)
