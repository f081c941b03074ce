"""The part of a network in which the order of the channels is one question."""

from __future__ import annotations

import operator
from dataclasses import dataclass, field
from typing import Any

import torch
from torch.fx import Node

from shufflenet_audit.fixing.exact.layers import Layer, layer
from shufflenet_audit.fixing.exact.permutations import CHANNELS, Permutation, permutation
from shufflenet_audit.fixing.program import VALUE, Program, args, calls, is_tensor, shape

aten = torch.ops.aten

_MAPS = (3, 4, 5)
"""Ranks of feature maps: batch, channels, and one to three places."""
_ALIKE = (
    aten.relu.default, aten.hardtanh.default, aten.silu.default, aten.gelu.default,
    aten.hardswish.default, aten.hardsigmoid.default, aten.sigmoid.default, aten.tanh.default,
    aten.leaky_relu.default, aten.elu.default, aten.mish.default, aten.clamp.default,
    aten.clamp_min.default, aten.max_pool2d.default, aten.avg_pool2d.default, aten.clone.default,
    aten.adaptive_avg_pool2d.default, aten.upsample_nearest2d.vec, aten.upsample_bilinear2d.vec,
)  # fmt: skip
"""Ops that treat every channel alike, and each on its own."""


@dataclass(frozen=True, slots=True)
class Part:
    """Some channels of a map, from `start` to `stop`."""

    x: Node
    """The map."""
    start: int
    """The first channel."""
    stop: int
    """The channel after the last one."""


@dataclass(slots=True)
class Region:
    """
    Maps whose channels move together.

    `nodes` are those that can be written in another order, in the order in which they run.
    `sources` are layers that can make their channels in any order, `readers` layers that can read
    them so. What else reads a map of the region, and what else goes in, keeps the order it has.
    """

    nodes: list[Node] = field(default_factory=list)
    """The nodes that can be written in another order, in the order in which they run."""
    permutations: dict[Node, Permutation] = field(default_factory=dict)
    """What each node that permutes channels does."""
    parts: dict[Node, Part] = field(default_factory=dict)
    """The channels that each node takes out of a map."""
    joins: dict[Node, tuple[Node, ...]] = field(default_factory=dict)
    """The maps that each node concatenates."""
    sources: dict[Node, Layer] = field(default_factory=dict)
    """Layers that can make their channels in any order."""
    alike: dict[Node, Layer | None] = field(default_factory=dict)
    """Nodes that work on each channel alone; the depthwise layer if it is one."""
    readers: dict[Node, Layer] = field(default_factory=dict)
    """Layers that can read channels in any order."""
    inner: set[Node] = field(default_factory=set)
    """Nodes that are part of a permutation or split, and make nothing that is of interest."""

    def inputs(self, node: Node) -> tuple[Node, ...]:
        """The maps that a node of the region is made of."""
        if node in self.permutations:
            return (self.permutations[node].x,)
        if node in self.parts:
            return (self.parts[node].x,)
        if node in self.joins:
            return self.joins[node]
        return (args(node)[0],) if node in self.alike else ()


def region(program: Program, start: Node) -> Region:
    """The region around a permutation."""
    found = Region()
    waiting = [start]
    seen: set[Node] = set()
    while waiting:
        node = waiting.pop()
        if node in seen:
            continue
        seen.add(node)
        if not _take_in(program, found, node):
            continue
        waiting.extend(found.inputs(node))
        waiting.extend(_readers(program, found, node))
    order = {node: at for at, node in enumerate(program.graph.nodes)}
    found.nodes = sorted((node for node in seen if _is_of(found, node)), key=order.__getitem__)
    return found


def _is_of(found: Region, node: Node) -> bool:
    kinds = (found.permutations, found.parts, found.joins, found.alike, found.sources)
    return any(node in kind for kind in kinds)


def _take_in(program: Program, found: Region, node: Node) -> bool:
    """Note what a node is; False if its channels keep their order."""
    if not is_tensor(node) or len(shape(node)) not in _MAPS:
        return False
    return _takes_order(program, found, node) or _takes_layer(program, found, node)


def _takes_order(program: Program, found: Region, node: Node) -> bool:
    """Note an op that orders channels: a permutation, a part, a concatenation."""
    permuted, part = permutation(program, node), _part(node)
    if permuted:
        found.permutations[node] = permuted
        found.inner.update(permuted.nodes)
    elif part:
        found.parts[node] = part
        found.inner.update({node, args(node)[0]} if calls(node, operator.getitem) else {node})
    elif _joins_channels(node):
        found.joins[node] = tuple(args(node)[0])
    return bool(permuted or part or node in found.joins)


def _takes_layer(program: Program, found: Region, node: Node) -> bool:
    """Note a layer that can make its channels in any order, or an op on each of them alone."""
    one = layer(program, node)
    if calls(node, *_ALIKE) or (one and _is_depthwise(one)):
        found.alike[node] = one
    elif one and one.is_convolution and one.groups == 1 and not one.transposed:
        found.sources[node] = one
    return node in found.alike or node in found.sources


def _readers(program: Program, found: Region, node: Node) -> list[Node]:
    """The nodes of the region that read a map; layers that read it are noted."""
    readers: list[Node] = []
    for user in node.users:
        one = layer(program, user)
        if one and one.x is node and one.is_convolution and one.groups == 1 and not one.transposed:
            found.readers[user] = one
        else:
            readers.extend(_ends(program, user))
    return readers


def _ends(program: Program, user: Node) -> list[Node]:
    """The maps that a reader leads to: a split makes several, a shuffle takes several ops."""
    if calls(user, aten.split.Tensor, aten.split_with_sizes.default):
        return list(user.users)
    if calls(user, aten.reshape.default):
        last, steps = user, 0
        while len(last.users) == 1 and steps < 3:  # noqa: PLR2004  (swap, copy, reshape)
            last, steps = next(iter(last.users)), steps + 1
            found = permutation(program, last)
            if found and user in found.nodes:
                return [last]
    return [user]


def _part(node: Node) -> Part | None:
    return _slice(node) if calls(node, aten.slice.Tensor) else _part_of_split(node)


def _slice(node: Node) -> Part | None:
    given: list[Any] = [*args(node), *(0, None, None, 1)[len(args(node)) - 1 :]]
    x, dim, start, stop, step = given
    if dim != CHANNELS or step != 1 or not _are_numbers(start, stop):
        return None
    width, first = shape(x)[CHANNELS], start or 0
    first = first + width if first < 0 else min(first, width)
    return Part(x, first, first + shape(node)[CHANNELS])


def _part_of_split(node: Node) -> Part | None:
    split = args(node)[0] if calls(node, operator.getitem) else None
    if split is None or not calls(split, aten.split.Tensor, aten.split_with_sizes.default):
        return None
    x, _, dim = (*args(split), 0)[:3]
    if dim != CHANNELS:
        return None
    sizes = [each.shape[CHANNELS] for each in split.meta[VALUE]]
    start = sum(sizes[: args(node)[1]])
    return Part(x, start, start + sizes[args(node)[1]])


def _are_numbers(*values: object) -> bool:
    return all(value is None or isinstance(value, int) for value in values)


def _joins_channels(node: Node) -> bool:
    return calls(node, aten.cat.default) and len(args(node)) > 1 and args(node)[1] == CHANNELS


def _is_depthwise(one: Layer) -> bool:
    return one.is_convolution and one.groups == one.c_in == one.c_out and not one.transposed
