"""What one model has and another has not: blocks, ops and findings, in pairs."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from shufflenet_audit.checking.finding import Avoidable
from shufflenet_audit.network.kind import Kind
from shufflenet_audit.network.op import Source
from shufflenet_audit.network.totals import Totals


class Fate(StrEnum):
    """What became of a part of the first model in the second."""

    SAME = "same"
    CHANGED = "changed"
    GAINED = "gained"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class BlockPart:
    """
    A block of a model. `output` is the shape of what it hands on.

    `seconds` are its share of each of the times of the comparison; None where it was not timed.
    """

    name: str
    output: str
    branches: int
    depth: int
    fragments: int
    totals: Totals
    seconds: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class BlockPair:
    """A block of the first model, and the one of the second that corresponds to it."""

    first: BlockPart | None
    second: BlockPart | None
    same: int
    """How many of their ops are the same."""

    @property
    def fate(self) -> Fate:
        """What became of the block."""
        untimed = self.first and self.second and self.first.totals == self.second.totals
        whole = self.first and self.same == self.first.totals.launches
        return fate(self.first, self.second, same=bool(untimed and whole))


@dataclass(frozen=True, slots=True)
class OpPart:
    """An op of a model that runs a kernel. Its numbers are None where its cost is not known."""

    module: str
    module_class: str
    kind: Kind
    target: str
    shapes: str
    macs: int | None
    bytes: int | None
    bytes_fused: int | None


@dataclass(frozen=True, slots=True)
class OpPair:
    """An op that one of the models has alone, or that differs; `block` is its place among them."""

    first: OpPart | None
    second: OpPart | None
    block: int

    @property
    def fate(self) -> Fate:
        """What became of the op."""
        return fate(self.first, self.second, same=self.first == self.second)


@dataclass(frozen=True, slots=True)
class FindingPart:
    """A finding of a model. `place` is that of its first op in the order in which they run."""

    place: int
    module: str
    source: Source | None
    message: str
    avoidable: Avoidable
    instead: str


@dataclass(frozen=True, slots=True)
class FindingPair:
    """A finding of either model, or of both: then they have the same fingerprint."""

    code: str
    fingerprint: str
    first: FindingPart | None
    second: FindingPart | None

    @property
    def fate(self) -> Fate:
        """What became of the finding; it is changed where its numbers are."""
        same = self.first and self.second and _said(self.first) == _said(self.second)
        return fate(self.first, self.second, same=bool(same))


@dataclass(frozen=True, slots=True)
class Change:
    """From the first model to another; `same` counts the ops that run a kernel and are the same."""

    blocks: tuple[BlockPair, ...]
    ops: tuple[OpPair, ...]
    same: int
    findings: tuple[FindingPair, ...]


def fate(first: object, second: object, *, same: bool) -> Fate:
    """What became of a part, of which one side at least is there."""
    if first is None:
        return Fate.GAINED
    if second is None:
        return Fate.LOST
    return Fate.SAME if same else Fate.CHANGED


def _said(part: FindingPart) -> tuple[str, Avoidable]:
    return part.message, part.avoidable
