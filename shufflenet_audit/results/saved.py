"""The saved form of an audit: JSON, described by `audit.schema.json`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Final, Protocol

from shufflenet_audit.network import breakdown as parts
from shufflenet_audit.network.blocks import Block
from shufflenet_audit.network.breakdown import Part
from shufflenet_audit.network.graph import CostGraph
from shufflenet_audit.network.timings import Latency
from shufflenet_audit.network.totals import Totals
from shufflenet_audit.structure.damage import differences
from shufflenet_audit.structure.document import Form
from shufflenet_audit.structure.hints import Count, Mark
from shufflenet_audit.structure.writing import plain


class Whole(Protocol):
    """What is saved: an audit."""

    @property
    def graph(self) -> CostGraph:
        """The network."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much of the network is counted."""

    ops: Count
    """All ops."""
    unknown: Count
    """Ops whose cost is not known."""
    unknown_targets: tuple[str, ...]
    """Their operators, each once."""


@dataclass(frozen=True, slots=True)
class Breakdown:
    """How the time breaks down; follows from the timings and the ops, and is not read back."""

    category: tuple[Part, ...]
    """By the categories of Figure 2 of the paper, the depthwise part of Conv beside it."""
    kind: tuple[Part, ...]
    """By kind, the longest time first."""
    source: tuple[Part, ...]
    """By line of the user's code, the longest time first."""
    module: tuple[tuple[Part, ...], ...]
    """By module: one name deep, two names deep, and so on; each the longest time first."""


def totals(graph: CostGraph, _: Whole) -> Totals:
    """Sums over the known ops: over the whole network only where no op is unknown."""
    return graph.total


def coverage(graph: CostGraph, _: Whole) -> Coverage:
    """How much of the network is counted."""
    unknown = graph.unknown
    return Coverage(len(graph), len(unknown), tuple(sorted({op.target for op in unknown})))


def blocks(graph: CostGraph, _: Whole) -> Annotated[tuple[Block, ...], Mark.LINES]:
    """The building blocks, in the order in which they run."""
    return graph.blocks()


def breakdown(latency: Latency, whole: Whole) -> Breakdown:
    """How the time breaks down; follows from the timings and the ops, and is not read back."""
    graph = whole.graph
    deepest = max((op.module.count(".") + 1 for op in graph), default=1)
    return Breakdown(
        parts.by_category(latency),
        parts.by_kind(latency),
        parts.by_source(graph, latency),
        tuple(parts.by_module(graph, latency, depth) for depth in range(1, deepest + 1)),
    )


def _contradiction(audit: Whole, saved: dict[str, Any]) -> str:
    places = differences(saved["totals"], plain(audit.graph.total), ".totals")
    return next((f"{place} is not the sum over the ops" for place in places), "")


FORM: Final = Form(
    called="audit",
    cure="save one with --format json",
    key="schema_version",
    version=3,
    follows={
        CostGraph: {"totals": totals, "coverage": coverage, "blocks": blocks},
        Latency: {"breakdown": breakdown},
    },
    contradiction=_contradiction,
)
"""
1: the first.
2: an op names the line that built its layer, and a finding stands there.
3: a finding may be suppressed or known, an audit has budgets and may have drifted from a baseline,
   and a latency is broken down and may tell the device's roof.

What a version added has a default, and so the earlier ones are read as they are.
"""
