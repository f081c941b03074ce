"""Pointwise convolutions and linear layers with as many channels in as out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from math import sqrt

from shufflenet_audit.fixing.widths.aims.aim import Aim, Tie, nothing
from shufflenet_audit.fixing.widths.derivation import Derivation
from shufflenet_audit.fixing.widths.form import Form
from shufflenet_audit.fixing.widths.recorded import Recorded
from shufflenet_audit.network.cost import Convolution
from shufflenet_audit.network.graph import CostGraph


def balanced(recorded: Recorded, derived: Derivation) -> tuple[Tie, ...]:
    """Unequal widths on both sides of a pointwise layer."""
    return tuple(_pairs(recorded, derived, equal=False))


def still_balanced(recorded: Recorded, derived: Derivation) -> tuple[Tie, ...]:
    """
    Equal widths on both sides of a pointwise layer, which should not become unequal.

    A single layer whose widths are equal between two stages is so by chance.
    """
    pairs = tuple(_pairs(recorded, derived, equal=True))
    alike = Counter(tie.alike for tie in pairs)
    return tuple(tie for tie in pairs if alike[tie.alike] > 1)


def excess(graph: CostGraph) -> float:
    """Elements that pointwise layers would move less, had they equal widths."""
    shapes = (op.convolution for op in graph.known)
    return sum(_gain(shape) for shape in shapes if shape and shape.pointwise and shape.positions)


def _pairs(recorded: Recorded, derived: Derivation, *, equal: bool) -> Iterator[Tie]:
    for name, (before, after) in derived.widths.items():
        shape = recorded.costs[name].convolution
        if shape is None or not shape.pointwise or shape.positions <= recorded.units:
            continue  # a classifier or a gate: one place, where the weights cost most
        if (shape.c_in == shape.c_out) is equal and _is_one(derived, after):
            alike = (*sorted((shape.c_in, shape.c_out)), max(shape.positions, shape.positions_in))
            yield Tie(name, before, after, _gain(shape) / recorded.units, alike)


def _is_one(derived: Derivation, width: Form) -> bool:
    """Whether it is not several projections in one, which is as wide as they are together."""
    return all(coefficient <= 1 for _, coefficient in derived.sizes.resolved(width).terms)


def _gain(shape: Convolution) -> float:
    width = sqrt(shape.c_in * shape.c_out)
    now = shape.positions_in * shape.c_in + shape.positions * shape.c_out
    return max(now - (shape.positions_in + shape.positions) * width, 0.0)


EQUAL_WIDTHS = Aim(
    "equal widths",
    nothing,
    balanced,
    excess,
    "elements that equal widths would not move",
)
