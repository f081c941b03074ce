"""Changes that say the same of many places, taken together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import groupby
from operator import add

from shufflenet_audit.checking.finding import Avoidable
from shufflenet_audit.comparison.change import (
    BlockPair,
    Change,
    Fate,
    FindingPair,
    FindingPart,
    OpPair,
)
from shufflenet_audit.network.kind import Kind
from shufflenet_audit.results.clusters import alike, stretch


@dataclass(frozen=True, slots=True)
class Shift:
    """Ops of one kind that were gained, lost or changed, and what that adds to the costs."""

    fate: Fate
    kind: Kind
    ops: int
    macs: int
    bytes: int
    bytes_fused: int
    unknown: int


@dataclass(frozen=True, slots=True)
class Found:
    """Findings of one rule and one fate whose messages differ in their numbers only."""

    code: str
    fate: Fate
    pairs: tuple[FindingPair, ...]

    @property
    def worst(self) -> FindingPart:
        """The most costly of them, as the second model has it, or as the first had it."""
        return max(self._parts(), key=lambda part: part.avoidable.bytes_fused)

    @property
    def avoidable(self) -> Avoidable:
        """What mending all of them saves."""
        return reduce(add, (part.avoidable for part in self._parts()))

    @property
    def others(self) -> str:
        """How many more there are and where, as in `12 more in stage3.1 … stage4.3`."""
        worst = self.worst
        others = sorted(self._parts(), key=lambda part: part.place)
        modules = [part.module for part in others if part is not worst]
        return f"{len(modules)} more in {stretch(modules[0], modules[-1])}" if modules else ""

    def _parts(self) -> list[FindingPart]:
        return [part for pair in self.pairs if (part := pair.second or pair.first)]


@dataclass(frozen=True, slots=True)
class Run:
    """Blocks in a row that compare alike."""

    pairs: tuple[BlockPair, ...]

    @property
    def pair(self) -> BlockPair:
        """One of them."""
        return self.pairs[0]

    @property
    def names(self) -> tuple[str, ...]:
        """From the first to the last of them; in both models, where they are called differently."""
        sides = zip(*((pair.first, pair.second) for pair in self.pairs), strict=True)
        names = [[part.name for part in side if part] for side in sides]
        return tuple(dict.fromkeys(stretch(each[0], each[-1]) for each in names if each))


def shifts(change: Change) -> tuple[Shift, ...]:
    """The ops that differ by fate and kind, the most memory access first."""
    found: dict[tuple[Fate, Kind], list[OpPair]] = {}
    for pair in change.ops:
        part = pair.second or pair.first
        if part:
            found.setdefault((pair.fate, part.kind), []).append(pair)
    made = (_shift(fate, kind, pairs) for (fate, kind), pairs in found.items())
    return tuple(sorted(made, key=lambda each: -max(abs(each.bytes), abs(each.bytes_fused))))


def _shift(fate: Fate, kind: Kind, pairs: Sequence[OpPair]) -> Shift:
    macs, moved, fused = (
        sum(_added(pair, name) for pair in pairs) for name in ("macs", "bytes", "bytes_fused")
    )
    unknown = sum(None in _values(pair, "bytes") for pair in pairs)
    return Shift(fate, kind, len(pairs), macs, moved, fused, unknown)


def _added(pair: OpPair, name: str) -> int:
    first, second = _values(pair, name)
    return (second or 0) - (first or 0)


def _values(pair: OpPair, name: str) -> tuple[int | None, int | None]:
    first, second = pair.first, pair.second
    return (getattr(first, name) if first else 0), (getattr(second, name) if second else 0)


def findings(change: Change) -> tuple[Found, ...]:
    """The findings of each rule and fate, those alike together: new ones first, by their cost."""
    found: dict[tuple[str, Fate, str], list[FindingPair]] = {}
    for pair in change.findings:
        part = pair.second or pair.first
        if part:
            found.setdefault((pair.code, pair.fate, alike(part.message)), []).append(pair)
    made = (Found(code, fate, tuple(pairs)) for (code, fate, _), pairs in found.items())
    return tuple(
        sorted(made, key=lambda each: (_ORDER.index(each.fate), -each.avoidable.bytes_fused))
    )


_ORDER = (Fate.GAINED, Fate.CHANGED, Fate.LOST, Fate.SAME)


def runs(pairs: Iterable[BlockPair]) -> Iterator[Run]:
    """The blocks in the order in which they run, those in a row that compare alike as one."""
    for _, same in groupby(pairs, key=_figures):
        yield Run(tuple(same))


def _figures(pair: BlockPair) -> tuple[object, ...]:
    parts = (pair.first, pair.second)
    costs = ((part.totals.macs, part.totals.bytes, part.totals.bytes_fused, part.fragments)
             if part else None for part in parts)  # fmt: skip
    return (pair.fate, *costs)
