"""Audits side by side as frozen data: what differs, and what only one of them has."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated

from shufflenet_audit.comparison import sides
from shufflenet_audit.comparison.change import (
    BlockPair,
    BlockPart,
    Change,
    ChangeKind,
    FindingPair,
    FindingPart,
    OpPair,
    OpPart,
)
from shufflenet_audit.comparison.pairs import change
from shufflenet_audit.comparison.saved import FORM
from shufflenet_audit.comparison.side import (
    Amount,
    GuidelineResult,
    GuidelineRow,
    KindRow,
    LatencyRow,
    Subject,
    TimedKind,
    ratio,
)
from shufflenet_audit.results.audit import Audit
from shufflenet_audit.structure import document
from shufflenet_audit.structure.hints import AtLeast

__all__ = [
    "Amount",
    "BlockPair",
    "BlockPart",
    "Change",
    "ChangeKind",
    "Comparison",
    "FindingPair",
    "FindingPart",
    "GuidelineResult",
    "GuidelineRow",
    "KindRow",
    "LatencyRow",
    "OpPair",
    "OpPart",
    "Subject",
    "TimedKind",
    "compare",
    "ratio",
]


@dataclass(frozen=True, slots=True)
class Comparison:
    """
    Models side by side. Save it with `to_json`, read it back with `from_json`, without loss.

    Every row has one value for each model, in the order of `models`.
    """

    models: Annotated[tuple[Subject, ...], AtLeast(2)]
    """The models; all others are compared to the first."""
    totals: tuple[Amount, ...]
    """The costs of each network as a whole, such as multiply–adds and parameters."""
    guidelines: tuple[GuidelineRow, ...]
    """The result of each model for each guideline."""
    latencies: tuple[LatencyRow, ...]
    """The times of the models, one row for each backend, device and way of running."""
    kinds: tuple[KindRow, ...]
    """The costs of each kind of op, the most memory access first."""
    changes: tuple[Change, ...]
    """What changes from the first model to each of the others; one entry fewer than `models`."""

    def to_json(self) -> str:
        """The comparison as JSON, the same bytes for the same audits."""
        return document.written(self, FORM)

    @classmethod
    def from_json(cls, text: str) -> Comparison:
        """The comparison that was saved as this JSON. Raises FormatError if it is not one."""
        return document.read(cls, text, FORM)


def compare(first: Audit, *others: Audit) -> Comparison:
    """The audits side by side, the others compared to the first."""
    audits = (first, *others)
    graphs = [audit.graph for audit in audits]
    latencies = sides.shared(audits)
    return Comparison(
        models=tuple(sides.subjects(audits)),
        totals=tuple(sides.totals(graphs)),
        guidelines=tuple(sides.guidelines(audits)),
        latencies=tuple(sides.latency_row(*entry) for entry in latencies.items()),
        kinds=sides.kinds(graphs),
        changes=tuple(_changes(audits, list(latencies.values()))),
    )


def _changes(audits: tuple[Audit, ...], latencies: list[sides.Latencies]) -> Iterator[Change]:
    first = [row[0] for row in latencies]
    for index, audit in enumerate(audits[1:], 1):
        yield change(audits[0], audit, (first, [row[index] for row in latencies]))
