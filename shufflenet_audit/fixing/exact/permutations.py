"""Ops that put the channels of a map in another order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch.fx import Node

from shufflenet_audit.fixing.exact.scales import known
from shufflenet_audit.fixing.program import Program, args, calls, only_reader, shape

aten = torch.ops.aten

CHANNELS = 1
"""The dimension of a feature map that holds the channels."""


@dataclass(frozen=True, slots=True)
class Permutation:
    """Channel i of `node` is channel `order[i]` of `x`."""

    node: Node
    """What has the new order."""
    x: Node
    """What has the old order."""
    order: tuple[int, ...]
    """For each channel of `node` the one of `x` that it is."""
    nodes: tuple[Node, ...]
    """All that does it, the last first."""


def permutation(program: Program, node: Any) -> Permutation | None:
    """The permutation that a node ends, if it ends one."""
    if calls(node, aten.reshape.default):
        return _shuffle(node)
    if calls(node, aten.channel_shuffle.default, aten.native_channel_shuffle.default):
        return Permutation(node, args(node)[0], _swapped(shape(node)[1], args(node)[1]), (node,))
    if calls(node, aten.index_select.default):
        x, dim, indices = args(node)
    elif calls(node, aten.index.Tensor) and len(args(node)[1]) == 2 and args(node)[1][0] is None:  # noqa: PLR2004  (batch and channels)
        x, dim, indices = args(node)[0], CHANNELS, args(node)[1][1]
    else:
        return None
    order = known(program, indices)
    if dim != CHANNELS or order is None or sorted(order.tolist()) != list(range(shape(x)[1])):
        return None
    return Permutation(node, x, tuple(order.tolist()), (node,))


def _shuffle(node: Node) -> Permutation | None:
    """Reshape to groups, swap the two parts of the channels, reshape back."""
    inner: Any = args(node)[0]
    nodes = [node]
    if calls(inner, aten.clone.default) and only_reader(inner):
        nodes.append(inner)
        inner = args(inner)[0]
    if not calls(inner, aten.transpose.int, aten.permute.default) or not only_reader(inner):
        return None
    split: Any = args(inner)[0]
    if not calls(split, aten.reshape.default) or not only_reader(split):
        return None
    x: Any = args(split)[0]
    sizes = shape(split)
    swapped = (*sizes[:1], sizes[2], sizes[1], *sizes[3:]) if len(sizes) > 2 else ()  # noqa: PLR2004  (the two parts)
    whole = shape(x)
    if shape(node) != whole or shape(inner) != swapped or not _swaps(inner, len(sizes)):
        return None
    if whole != (sizes[0], sizes[1] * sizes[2], *sizes[3:]):
        return None
    return Permutation(node, x, _swapped(whole[1], sizes[1]), (*nodes, inner, split))


def _swaps(node: Node, rank: int) -> bool:
    """Whether it exchanges dimensions 1 and 2, and leaves the others where they are."""
    if calls(node, aten.transpose.int):
        return {each % rank for each in args(node)[1:3]} == {1, 2}
    order: Any = args(node)[1]
    return [each % rank for each in order] == [0, 2, 1, *range(3, rank)]


def _swapped(width: int, groups: int) -> tuple[int, ...]:
    return tuple(torch.arange(width).reshape(groups, -1).t().flatten().tolist())
