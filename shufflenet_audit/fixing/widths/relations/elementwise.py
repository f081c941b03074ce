"""How ops without a reach beyond one element tie sizes: they are equal, or broadcast."""

from __future__ import annotations

from shufflenet_audit.fixing.widths.form import ONE, Form
from shufflenet_audit.fixing.widths.relations.step import Forms, Outcome, Shape, Step
from shufflenet_audit.fixing.widths.sizes import Sizes


def elementwise(step: Step, sizes: Sizes) -> Outcome:
    """All operands have the shape of the result, but for sizes of 1, which are spread over it."""
    result = broadcast(tuple(step.tensors), sizes)
    return Outcome((result,) * len(step.made))


def like(step: Step, sizes: Sizes) -> Outcome:
    """The result has the shape of the first operand."""
    del sizes
    return Outcome((step.args[0].forms,) * len(step.made))


def overwrite(step: Step, sizes: Sizes) -> Outcome:
    """What is written is broadcast to what it is written over."""
    broadcast(tuple(step.tensors), sizes)
    return Outcome((step.args[0].forms,))


def broadcast(shapes: tuple[Shape, ...], sizes: Sizes) -> Forms:
    """The shape that these are broadcast to; their sizes are known to be equal from now on."""
    rank = max(map(len, shapes), default=0)
    return tuple(_at(shapes, dim, sizes) for dim in range(-rank, 0))


def _at(shapes: tuple[Shape, ...], dim: int, sizes: Sizes) -> Form:
    there = [shape for shape in shapes if len(shape) >= -dim]
    spread = [shape[dim] for shape in there if shape.sizes[dim] != 1]
    if not spread:
        return ONE
    for form in spread[1:]:
        sizes.equal(spread[0], form)
    return next((form for form in spread if form.parts), spread[0])
