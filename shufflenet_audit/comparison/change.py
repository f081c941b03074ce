"""What changes from one model to another: blocks, ops and findings, in pairs."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from shufflenet_audit.checking.finding import Avoidable
from shufflenet_audit.network.kind import Kind
from shufflenet_audit.network.op import MODEL_ITSELF, Source
from shufflenet_audit.network.totals import Totals
from shufflenet_audit.structure.hints import Derived


class ChangeKind(StrEnum):
    """What happened to a part of the first model in the second."""

    SAME = "same"
    CHANGED = "changed"
    GAINED = "gained"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class BlockPart:
    """A block of a model."""

    name: str
    """The path of its module, or `block 3` where it is not one module."""
    output: str
    """The shape of its output, as in `1×116×28×28`."""
    branches: int
    """How many independent paths lead through it."""
    depth: int
    """Kernels on its longest path."""
    fragments: int
    """Its convolutions and poolings; a convolution with g groups counts g times."""
    totals: Totals
    """Its costs."""
    seconds: tuple[float | None, ...]
    """Its time in each row of the comparison's latencies; None where it was not timed."""


@dataclass(frozen=True, slots=True)
class BlockPair:
    """A block of the first model, and the one of the second that corresponds to it."""

    first: BlockPart | None
    """The block of the first model; None where only the second has it."""
    second: BlockPart | None
    """The block of the second model; None where only the first has it."""
    same: int
    """How many of their ops are the same."""

    @property
    def fate(self) -> Derived[ChangeKind]:
        """What happened to the block."""
        untimed = self.first and self.second and self.first.totals == self.second.totals
        whole = self.first and self.same == self.first.totals.launches
        return change_kind(self.first, self.second, same=bool(untimed and whole))


@dataclass(frozen=True, slots=True)
class OpPart:
    """An op of a model that runs a kernel. Its numbers are None where its cost is not known."""

    module: str
    """The path of its module; empty for the model itself."""
    module_class: str
    """The class of its module."""
    kind: Kind
    """What it is to the guidelines."""
    target: str
    """The function that it calls, as in `aten.convolution.default`."""
    shapes: str
    """Its inputs and outputs, as in `float32[1×3×8×8] → float32[1×4×8×8]`."""
    macs: int | None
    """Multiply–adds."""
    bytes: int | None
    """Bytes read and written when it runs alone, as in eager PyTorch."""
    bytes_fused: int | None
    """Bytes read and written after fusion, as in an inference runtime."""


@dataclass(frozen=True, slots=True)
class OpPair:
    """An op that only one of the models has, or that differs between them."""

    first: OpPart | None
    """The op of the first model; None where only the second has it."""
    second: OpPart | None
    """The op of the second model; None where only the first has it."""
    block: int
    """The index of its block in the `blocks` of the change."""

    @property
    def fate(self) -> Derived[ChangeKind]:
        """What happened to the op."""
        return change_kind(self.first, self.second, same=self.first == self.second)


@dataclass(frozen=True, slots=True)
class FindingPart:
    """A finding of a model."""

    place: int
    """The index of its first op, in the order in which the ops run."""
    module: str
    """The path of its module; empty for the model itself."""
    source: Source | None
    """The line of the user's code that it points to; None where it is not known."""
    message: str
    """What was found, with its numbers."""
    avoidable: Avoidable
    """The cost that a fix would avoid."""
    instead: str
    """What could be done instead; empty where nothing is proposed."""

    def where(self) -> str:
        """The path of its module, or `the model itself`: for sentences."""
        return self.module or MODEL_ITSELF


@dataclass(frozen=True, slots=True)
class FindingPair:
    """A finding of one of the models, or the same finding of both."""

    code: str
    """The code of its rule."""
    fingerprint: str
    """The stable identity of the finding; that of the second model where both have it."""
    first: FindingPart | None
    """The finding in the first model; None where only the second has it."""
    second: FindingPart | None
    """The finding in the second model; None where only the first has it."""

    @property
    def fate(self) -> Derived[ChangeKind]:
        """What happened to the finding; it is changed where its numbers are."""
        same = self.first and self.second and _content(self.first) == _content(self.second)
        return change_kind(self.first, self.second, same=bool(same))


@dataclass(frozen=True, slots=True)
class Change:
    """What changes from the first model to another."""

    blocks: tuple[BlockPair, ...]
    """All blocks, in the order in which they run."""
    ops: tuple[OpPair, ...]
    """The ops that run a kernel and are not the same in both models."""
    same: int
    """How many ops run a kernel and are the same in both models."""
    findings: tuple[FindingPair, ...]
    """The findings of the guidelines that both models were checked for."""


def change_kind(first: object, second: object, *, same: bool) -> ChangeKind:
    """What happened to a part that at least one of the models has."""
    if first is None:
        return ChangeKind.GAINED
    if second is None:
        return ChangeKind.LOST
    return ChangeKind.SAME if same else ChangeKind.CHANGED


def _content(part: FindingPart) -> tuple[str, Avoidable]:
    return part.message, part.avoidable
