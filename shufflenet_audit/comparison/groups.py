"""Changes of the same sort at many places, taken together."""

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
    ChangeKind,
    FindingPair,
    FindingPart,
    OpPair,
)
from shufflenet_audit.network.kind import Kind
from shufflenet_audit.results.clusters import alike, stretch


@dataclass(frozen=True, slots=True)
class OpChange:
    """Ops of one kind that were gained, lost or changed, and how that changes the costs."""

    fate: ChangeKind
    """What happened to them."""
    kind: Kind
    """What they are to the guidelines."""
    ops: int
    """How many they are."""
    macs: int
    """Multiply–adds of the second model minus those of the first."""
    bytes: int
    """The same difference in bytes moved when each op runs alone."""
    bytes_fused: int
    """The same difference in bytes moved after fusion."""
    unknown: int
    """How many have no known cost in one of the models: the differences leave them out."""


@dataclass(frozen=True, slots=True)
class FindingGroup:
    """Findings of one rule and one kind of change whose messages differ only in their numbers."""

    code: str
    """The code of the rule."""
    fate: ChangeKind
    """What happened to the findings."""
    pairs: tuple[FindingPair, ...]
    """The findings, in the order of their ops."""

    @property
    def worst(self) -> FindingPart:
        """The most costly of them, as the second model has it, or as the first had it."""
        return max(self._parts(), key=lambda part: part.avoidable.bytes_fused)

    @property
    def avoidable(self) -> Avoidable:
        """What fixing all of them would save."""
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
class BlockRun:
    """Consecutive blocks with the same costs and the same kind of change."""

    pairs: tuple[BlockPair, ...]
    """The blocks, in the order in which they run."""

    @property
    def pair(self) -> BlockPair:
        """One of them."""
        return self.pairs[0]

    @property
    def names(self) -> tuple[str, ...]:
        """Where they are, as in `stage2.1 … stage2.3`; for each model if their names differ."""
        sides = zip(*((pair.first, pair.second) for pair in self.pairs), strict=True)
        names = [[part.name for part in side if part] for side in sides]
        return tuple(dict.fromkeys(stretch(side[0], side[-1]) for side in names if side))


def op_changes(change: Change) -> tuple[OpChange, ...]:
    """The ops that differ, by change and kind, the most memory access first."""
    pairs_of: dict[tuple[ChangeKind, Kind], list[OpPair]] = {}
    for pair in change.ops:
        part = pair.second or pair.first
        if part:
            pairs_of.setdefault((pair.fate, part.kind), []).append(pair)
    rows = (_op_change(fate, kind, pairs) for (fate, kind), pairs in pairs_of.items())
    return tuple(sorted(rows, key=lambda row: -max(abs(row.bytes), abs(row.bytes_fused))))


def _op_change(fate: ChangeKind, kind: Kind, pairs: Sequence[OpPair]) -> OpChange:
    macs, moved, fused = (
        sum(_added(pair, name) for pair in pairs) for name in ("macs", "bytes", "bytes_fused")
    )
    unknown = sum(None in _values(pair, "bytes") for pair in pairs)
    return OpChange(fate, kind, len(pairs), macs, moved, fused, unknown)


def _added(pair: OpPair, name: str) -> int:
    first, second = _values(pair, name)
    return (second or 0) - (first or 0)


def _values(pair: OpPair, name: str) -> tuple[int | None, int | None]:
    first, second = pair.first, pair.second
    return (getattr(first, name) if first else 0), (getattr(second, name) if second else 0)


def findings(change: Change) -> tuple[FindingGroup, ...]:
    """The findings in groups: new ones first, then by their cost."""
    pairs_of: dict[tuple[str, ChangeKind, str], list[FindingPair]] = {}
    for pair in change.findings:
        part = pair.second or pair.first
        if part:
            pairs_of.setdefault((pair.code, pair.fate, alike(part.message)), []).append(pair)
    groups = (FindingGroup(code, fate, tuple(pairs)) for (code, fate, _), pairs in pairs_of.items())
    return tuple(
        sorted(groups, key=lambda group: (_ORDER.index(group.fate), -group.avoidable.bytes_fused))
    )


_ORDER = (ChangeKind.GAINED, ChangeKind.CHANGED, ChangeKind.LOST, ChangeKind.SAME)


def runs(pairs: Iterable[BlockPair]) -> Iterator[BlockRun]:
    """The blocks in the order in which they run; consecutive ones that compare alike as one."""
    for _, same in groupby(pairs, key=_figures):
        yield BlockRun(tuple(same))


def _figures(pair: BlockPair) -> tuple[object, ...]:
    parts = (pair.first, pair.second)
    costs = ((part.totals.macs, part.totals.bytes, part.totals.bytes_fused, part.fragments)
             if part else None for part in parts)  # fmt: skip
    return (pair.fate, *costs)
