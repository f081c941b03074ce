"""Tensors made from nothing: their sizes are as they were written, but for the batch."""

from __future__ import annotations

from shufflenet_audit.fixing.widths.relations.step import Outcome, Step, constants
from shufflenet_audit.fixing.widths.sizes import Sizes


def fill(step: Step, sizes: Sizes) -> Outcome:
    """A tensor of equal or random numbers, whose sizes are the first argument."""
    return _new(step, sizes, at=0)


def full(step: Step, sizes: Sizes) -> Outcome:
    """A tensor of one number."""
    return _new(step, sizes, at=0)


def new_fill(step: Step, sizes: Sizes) -> Outcome:
    """A tensor like another but for its sizes, which are the second argument."""
    return _new(step, sizes, at=1)


def _new(step: Step, sizes: Sizes, *, at: int) -> Outcome:
    del sizes
    forms = constants(step.made[0])
    return Outcome((forms,), numbers={at: forms})
