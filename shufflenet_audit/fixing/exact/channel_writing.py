"""A region of a network written again with its channels in the order in which they are wanted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

import torch
from torch.fx import Node

from shufflenet_audit.fixing.exact.channel_region import Region
from shufflenet_audit.fixing.exact.layers import Layer, made
from shufflenet_audit.fixing.exact.permutations import CHANNELS
from shufflenet_audit.fixing.program import Program, args, shape

aten = torch.ops.aten

_MOST_PIECES: Final = 32
"""Pieces to concatenate: what each costs to look at would add up to more than a shuffle takes."""


_IN_ORDER: Final = -1
"""Stands for a reader that wants the channels in the order in which they are."""


class Unfit(Exception):  # noqa: N818  (a reason, not a failure)
    """The channels cannot be in the order that all who read them want."""


@dataclass(frozen=True, slots=True)
class _Map:
    """A map as it is written now: channel p of it is channel `order[p]` of what it was."""

    node: Node
    order: tuple[int, ...]

    @property
    def in_order(self) -> bool:
        return self.order == tuple(range(len(self.order)))


def write(program: Program, found: Region, *, dry: bool) -> None:
    """Write the region. Dry, nothing is changed. Raises Unfit, and then nothing is changed."""
    wanted = _wanted(found)
    _Writer(program, found, wanted).run(dry=True)
    if not dry:
        _Writer(program, found, wanted).run(dry=False)


def _wanted(found: Region) -> dict[Node, list[int]]:
    """For each map the rank of each channel: those that go the same way lie together."""
    readers: dict[Node, list[Node]] = {}
    for reader in found.nodes:
        for each in dict.fromkeys(found.inputs(reader)):
            readers.setdefault(each, []).append(reader)
    ranks = {node: at for at, node in enumerate((*found.nodes, *found.readers))}
    wanted: dict[Node, list[int]] = {}
    for node in reversed(found.nodes):
        ways: list[_Way] = [[] for _ in range(shape(node)[CHANNELS])]
        for reader in readers.get(node, ()):
            for channel, fate in _fates(found, node, reader, wanted[reader]):
                ways[channel].append((ranks[reader], fate))
        ends = _ends(found, node, ranks)
        wanted[node] = _ranked(tuple(way + end) for way, end in zip(ways, ends, strict=True))
    return wanted


_Way = list[tuple[int, int]]
"""Who reads a channel, and what becomes of it there."""


def _ranked(ways: Iterable[tuple[tuple[int, int], ...]]) -> list[int]:
    """The place of each way among all of them in order."""
    listed = list(ways)
    places = {way: at for at, way in enumerate(sorted(set(listed)))}
    return [places[way] for way in listed]


def _ends(found: Region, node: Node, ranks: Mapping[Node, int]) -> Iterator[list[tuple[int, int]]]:
    """For each channel of a map what reads it besides the region; some read them in order."""
    layers = [(ranks[user], 0) for user in node.users if user in found.readers]
    known = {*found.readers, *found.inner, *found.nodes}
    ordered = any(user not in known for user in node.users)
    for channel in range(shape(node)[CHANNELS]):
        yield [*layers, (_IN_ORDER, channel)] if ordered else layers


def _fates(found: Region, node: Node, reader: Node, fates: list[int]) -> list[tuple[int, int]]:
    """For each channel of a map that a reader has, what becomes of it there."""
    if reader in found.permutations:
        order = found.permutations[reader].order
        return [(channel, fates[at]) for at, channel in enumerate(order)]
    if reader in found.parts:
        start = found.parts[reader].start
        return [(start + at, fate) for at, fate in enumerate(fates)]
    if reader in found.joins:
        pairs, offset = [], 0
        for each in found.joins[reader]:
            width = shape(each)[CHANNELS]
            if each is node:
                pairs += [(at, fates[offset + at]) for at in range(width)]
            offset += width
        return pairs
    return list(enumerate(fates))


class _Writer:
    """Goes through a region once, and knows for each map how it is written."""

    def __init__(self, program: Program, found: Region, wanted: dict[Node, list[int]]) -> None:
        self._program = program
        self._found = found
        self._wanted = wanted
        self._maps: dict[Node, _Map] = {}
        self._dry = True

    def run(self, *, dry: bool) -> None:
        self._dry = dry
        for node in self._found.nodes:
            self._maps[node] = self._written(node)
            self._check(node)
        if not dry:
            self._take_over()

    def _take_over(self) -> None:
        """Have the layers behind the region read the new maps, and drop the old ones."""
        for node, one in self._found.readers.items():
            if one.x in self._maps and node not in self._found.sources:
                self._read(node, one)
        for node in reversed(self._found.nodes):
            new = self._maps[node]
            if new.node is not node and new.in_order:
                node.replace_all_uses_with(new.node)
            self._program.drop(node)

    def _map(self, node: Node) -> _Map:
        """A map of the region; one from outside is as it was."""
        width = shape(node)[CHANNELS]
        return self._maps.get(node) or _Map(node, tuple(range(width)))

    def _check(self, node: Node) -> None:
        """Raise Unfit where somebody outside the region reads a map that is in another order."""
        found = self._found
        known = {*found.readers, *found.inner, *found.nodes}
        outside = [user for user in node.users if user not in known]
        if outside and not self._maps[node].in_order:
            reader = outside[0]
            grouped = reader.target is aten.convolution.default and args(reader)[8] != 1
            message = (
                "the filters before and behind it are grouped: each group reads channels of"
                " several groups before it, which no order of the filters gives"
                if grouped
                else f"{reader.name} needs the channels in the order in which they are"
            )
            raise Unfit(message)

    def _written(self, node: Node) -> _Map:
        found = self._found
        if node in found.sources:
            return self._source(node, found.sources[node])
        if node in found.permutations:
            there = found.permutations[node]
            before = self._map(there.x)
            places = {channel: at for at, channel in enumerate(there.order)}
            return _Map(before.node, tuple(places[each] for each in before.order))
        if node in found.parts:
            return self._part(node)
        if node in found.joins:
            return self._join(node)
        return self._alike(node, found.alike[node])

    def _source(self, node: Node, one: Layer) -> _Map:
        wanted = self._wanted[node]
        order = tuple(sorted(range(one.c_out), key=wanted.__getitem__))
        before = self._maps.get(one.x) or _Map(one.x, tuple(range(one.c_in)))
        if order == tuple(range(one.c_out)) and before.node is one.x and before.in_order:
            return _Map(node, order)
        index = torch.tensor(order)
        bias = None if one.bias is None else one.bias[index]
        weight = one.weight[index][:, list(before.order)]
        new = replace(one, x=before.node, weight=weight, bias=bias)
        return _Map(self._made(node, one, new), order)

    def _alike(self, node: Node, one: Layer | None) -> _Map:
        before = self._map(args(node)[0])
        if before.node is args(node)[0] and before.in_order:
            return _Map(node, before.order)
        if one:
            index = torch.tensor(before.order)
            bias = None if one.bias is None else one.bias[index]
            new = replace(one, x=before.node, weight=one.weight[index], bias=bias)
            return _Map(self._made(node, one, new), before.order)
        if self._dry:
            return _Map(before.node, before.order)
        with self._program.before(node, [node]):
            made_now = self._program.call(
                node.target,
                before.node,
                *args(node)[1:],
                kwargs=node.kwargs,
            )
        return _Map(made_now, before.order)

    def _part(self, node: Node) -> _Map:
        part = self._found.parts[node]
        before = self._map(part.x)
        places = [at for at, each in enumerate(before.order) if part.start <= each < part.stop]
        first, last = places[0], places[-1] + 1
        if places != list(range(first, last)):
            message = "a split takes channels that are made far apart"
            raise Unfit(message)
        order = tuple(before.order[at] - part.start for at in places)
        return _Map(self._slice(node, before.node, first, last), order)

    def _slice(self, node: Node, x: Node, first: int, last: int) -> Node:
        if self._dry or (first == 0 and last == shape(x)[CHANNELS]):
            return x
        with self._program.before(node, [node]):
            return self._program.call(aten.slice.Tensor, x, CHANNELS, first, last)

    def _join(self, node: Node) -> _Map:
        """The pieces of all inputs, those that go the same way side by side."""
        pieces: list[tuple[int, int, int, int]] = []
        maps = [self._map(each) for each in self._found.joins[node]]
        wanted, offset, offsets = self._wanted[node], 0, []
        for at, each in enumerate(maps):
            offsets.append(offset)
            ranks = [wanted[offset + channel] for channel in each.order]
            pieces += [(ranks[a], at, a, b) for a, b in _runs(ranks)]
            offset += len(ranks)
        pieces = _joined(sorted(pieces))
        if len(pieces) > _MOST_PIECES:
            message = f"it would take {len(pieces)} pieces to concatenate them in that order"
            raise Unfit(message)
        order = tuple(
            offsets[at] + maps[at].order[p] for _, at, a, b in pieces for p in range(a, b)
        )
        if self._dry:
            return _Map(node, order)
        parts = [self._slice(node, maps[at].node, a, b) for _, at, a, b in pieces]
        with self._program.before(node, [node]):
            return _Map(self._program.call(aten.cat.default, parts, CHANNELS), order)

    def _read(self, node: Node, one: Layer) -> None:
        """A layer reads the channels in the order in which they are now."""
        before = self._maps[one.x]
        if before.node is one.x and before.in_order:
            return
        new = replace(one, x=before.node, weight=one.weight[:, list(before.order)])
        with self._program.before(node, [node]):
            made_now = made(self._program, one, new)
        self._program.replace(node, made_now)

    def _made(self, node: Node, one: Layer, new: Layer) -> Node:
        if self._dry:
            return node
        with self._program.before(node, [node]):
            return made(self._program, one, new)


def _runs(ranks: list[int]) -> list[tuple[int, int]]:
    """From where to where the same rank goes on."""
    starts = [at for at in range(len(ranks)) if at == 0 or ranks[at] != ranks[at - 1]]
    return list(zip(starts, [*starts[1:], len(ranks)], strict=True))


def _joined(pieces: list[tuple[int, int, int, int]]) -> list[tuple[int, int, int, int]]:
    """Pieces that lie side by side in one input made one."""
    joined: list[tuple[int, int, int, int]] = []
    for rank, at, a, b in pieces:
        if joined and joined[-1][1] == at and joined[-1][3] == a:
            joined[-1] = (*joined[-1][:3], b)
        else:
            joined.append((rank, at, a, b))
    return joined
