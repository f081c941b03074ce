"""How the figure that another tool prints comes about, from ours."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from shufflenet_audit.plugin import CostGraph

from .place import Place, places

_FOREIGN = "it reads PyTorch modules, and these ops are not PyTorch's"


@dataclass(frozen=True, slots=True)
class Case:
    """Ops that a tool counts alike."""

    when: Callable[[Place], object]
    """Whether an op belongs to it."""
    count: Callable[[Place], int] | None
    """What the tool counts for the op, in multiply–adds; None: not known."""
    why: str = ""
    """Why it counts so; empty where it counts as we do."""


@dataclass(frozen=True, slots=True)
class Convention:
    """What a tool counts: by the first case that fits, and nothing where none does."""

    tool: str
    """The name of the tool."""
    version: str
    """The version whose source was read."""
    label: str
    """What it calls its figure."""
    cases: tuple[Case, ...]
    """The first that an op belongs to decides."""
    otherwise: Callable[[Place], str]
    """Why an op that belongs to none counts nothing."""
    source: str
    """Where its source is."""
    limits: str
    """What it does beyond what a graph of ops can tell."""
    per_mac: int = 1
    """How many of its units a multiply–add is."""

    def counted(self, at: Place) -> tuple[int | None, str]:
        """What it counts for an op, in multiply–adds, and why if that is not what we count."""
        case = next((each for each in self.cases if each.when(at)), None)
        if case is None:
            return 0, self.otherwise(at)
        return case.count(at) if case.count else None, case.why or self.otherwise(at)


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a figure differs from ours."""

    text: str
    """The reason."""
    amount: int
    """The difference that it makes, in the tool's unit."""
    ops: int
    """How many ops it is about."""


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """
    Ours, and the reasons, in the tool's own unit: together they are its figure.

    Where `unavailable` says why, there is no figure, and there are no reasons.
    """

    convention: Convention
    """What the tool counts."""
    macs: int
    """Our figure, in the tool's unit."""
    reasons: tuple[Reason, ...] = ()
    """What makes it the tool's figure."""
    unavailable: str = ""
    """Why there is no figure; empty where there is one."""

    @property
    def figure(self) -> int | None:
        """What the tool would print."""
        if self.unavailable:
            return None
        return self.macs + sum(reason.amount for reason in self.reasons)


def reconciled(graph: CostGraph, conventions: Sequence[Convention]) -> tuple[Reconciliation, ...]:
    """What each tool would print for this graph, and why."""
    if not any(op.target.startswith("aten.") for op in graph):
        return tuple(Reconciliation(each, graph.total.macs, (), _FOREIGN) for each in conventions)
    found = tuple(places(graph))
    return tuple(_reconciled(each, graph.total.macs, found) for each in conventions)


def _reconciled(convention: Convention, macs: int, found: Sequence[Place]) -> Reconciliation:
    amounts, ops, total = Counter[str](), Counter[str](), 0
    for place in found:
        count, why = convention.counted(place)
        if count is None:
            return Reconciliation(convention, macs, unavailable=why)
        total += count
        if count != place.op.macs:
            amounts[why] += count - place.op.macs
            ops[why] += 1
    reasons = [Reason(why, amounts[why], ops[why]) for why in amounts]
    if convention.per_mac > 1 and total:
        twice = f"a multiply–add is {convention.per_mac} operations"
        reasons.append(Reason(twice, (convention.per_mac - 1) * total, 0))
    reasons.sort(key=lambda reason: -abs(reason.amount))
    return Reconciliation(convention, macs, tuple(reasons))
