"""How reductions tie sizes: what they run over is gone, or 1."""

from __future__ import annotations

from collections.abc import Iterable

from shufflenet_audit.fixing.widths.form import ONE
from shufflenet_audit.fixing.widths.relations.step import Forms, Outcome, Shape, Step
from shufflenet_audit.fixing.widths.sizes import Sizes


def reduction(step: Step, sizes: Sizes) -> Outcome:
    """A reduction whose dimensions are its second argument."""
    del sizes
    return _reduced(step, step.arg(1, "dim"))


def norm(step: Step, sizes: Sizes) -> Outcome:
    """A norm: its order stands before its dimensions."""
    del sizes
    return _reduced(step, step.arg(2, "dim"))


def _reduced(step: Step, dims: int | Iterable[int] | None) -> Outcome:
    x: Shape = step.args[0]
    every = range(len(x))
    listed = (dims,) if isinstance(dims, int) else tuple(dims or every)
    gone = {dim % len(x) for dim in listed} if len(x) else set()
    kept = len(step.made[0]) == len(x)
    forms: Forms = tuple(ONE if dim in gone else x[dim] for dim in every if kept or dim not in gone)
    return Outcome((forms,) * len(step.made))
