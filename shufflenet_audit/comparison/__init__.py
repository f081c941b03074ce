"""Audits side by side: what differs, what one has and another has not, as frozen data."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from shufflenet_audit.comparison import sides
from shufflenet_audit.comparison.change import (
    BlockPair,
    BlockPart,
    Change,
    Fate,
    FindingPair,
    FindingPart,
    OpPair,
    OpPart,
)
from shufflenet_audit.comparison.pairs import change
from shufflenet_audit.comparison.side import (
    Amount,
    Judged,
    Slice,
    Standing,
    Subject,
    Timed,
    TimedKind,
    ratio,
)
from shufflenet_audit.results.audit import Audit

__all__ = [
    "Amount",
    "BlockPair",
    "BlockPart",
    "Change",
    "Comparison",
    "Fate",
    "FindingPair",
    "FindingPart",
    "Judged",
    "OpPair",
    "OpPart",
    "Slice",
    "Standing",
    "Subject",
    "Timed",
    "TimedKind",
    "compare",
    "ratio",
]


@dataclass(frozen=True, slots=True)
class Comparison:
    """
    Models side by side. Save it with `to_json`, read it back with `from_json`, without loss.

    Every tuple of values has one for each of the `models`; there is one of the `changes` for each
    but the first, which the others are compared to.
    """

    models: tuple[Subject, ...]
    totals: tuple[Amount, ...]
    guidelines: tuple[Judged, ...]
    latencies: tuple[Timed, ...]
    kinds: tuple[Slice, ...]
    changes: tuple[Change, ...]

    def to_json(self) -> str:
        """The comparison as JSON, the same bytes for the same audits."""
        from shufflenet_audit.comparison.saved import to_json  # noqa: PLC0415  (it knows this module)

        return to_json(self)

    @classmethod
    def from_json(cls, text: str) -> Comparison:
        """The comparison that was saved as this JSON. Raises FormatError if it is none."""
        from shufflenet_audit.comparison.saved import from_json  # noqa: PLC0415  (it knows this module)

        return from_json(text)


def compare(first: Audit, *others: Audit) -> Comparison:
    """The audits side by side, the others compared to the first."""
    audits = (first, *others)
    graphs = [audit.graph for audit in audits]
    latencies = sides.shared(audits)
    return Comparison(
        models=tuple(sides.subjects(audits)),
        totals=tuple(sides.totals(graphs)),
        guidelines=tuple(sides.guidelines(audits)),
        latencies=tuple(sides.timed(key, each) for key, each in latencies.items()),
        kinds=sides.slices(graphs),
        changes=tuple(_changes(audits, list(latencies.values()))),
    )


def _changes(audits: tuple[Audit, ...], latencies: list[sides.Latencies]) -> Iterator[Change]:
    first = [each[0] for each in latencies]
    for at, audit in enumerate(audits[1:], 1):
        yield change(audits[0], audit, (first, [each[at] for each in latencies]))
