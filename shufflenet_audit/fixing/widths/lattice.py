"""Which whole numbers each width may be."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import gcd, lcm
from typing import Self

import numpy as np

from shufflenet_audit.fixing.widths.derivation import Derivation
from shufflenet_audit.fixing.widths.form import Form
from shufflenet_audit.fixing.widths.sizes import Sizes
from shufflenet_audit.fixing.widths.stages import Numbers


@dataclass(frozen=True, slots=True)
class Lattice:
    """For each free width the numbers, `step` apart, for which all sizes are whole."""

    step: tuple[int, ...]
    """How far apart the numbers lie."""
    anchor: tuple[int, ...]
    """One of the numbers."""

    @classmethod
    def of(cls, derived: Derivation, sizes: Sizes, multiple_of: int) -> Self:
        """Numbers for which all sizes are whole, and widths of layers multiples if they can be."""
        forms = sizes_of(derived, sizes)
        widths = {sizes.resolved(each) for pair in derived.widths.values() for each in pair}
        free = sizes.free()
        whole = {number: _step(number, forms, 1) for number in free}
        steps = {
            number: lcm(whole[number], _step(number, tuple(widths), multiple_of)) for number in free
        }
        anchors = dict.fromkeys(free, 0)
        if any(form.constant.denominator > 1 for form in forms):
            # Some size is only whole at a distance from a multiple, as the widths are now.
            steps = whole
            anchors = {number: sizes.origins[number].start % whole[number] for number in free}
        return cls(
            tuple(steps[number] for number in free),
            tuple(anchors[number] for number in free),
        )

    def nearest(self, widths: Numbers) -> Numbers:
        """The nearest numbers that the widths may be, at least one step up from zero."""
        step, anchor = np.array(self.step, dtype=float), np.array(self.anchor, dtype=float)
        least = np.where(anchor > 0, 0, 1)
        return np.asarray(np.maximum(np.round((widths - anchor) / step), least) * step + anchor)


def sizes_of(derived: Derivation, sizes: Sizes) -> tuple[Form, ...]:
    """All sizes that depend on a width and must be whole and positive, each once."""
    return tuple(dict.fromkeys(_sizes(derived, sizes)))


def _sizes(derived: Derivation, sizes: Sizes) -> Iterator[Form]:
    shapes = (form for made in derived.shapes.values() for shape in made for form in shape)
    solved = (Form.width(number) for number in range(len(sizes.origins)))
    for form in dict.fromkeys((*shapes, *solved, *sizes.wholes)):
        resolved = sizes.resolved(form)
        if not resolved.is_fixed:
            yield Form(resolved.constant, resolved.terms)


def _step(number: int, forms: Sequence[Form], multiple_of: int) -> int:
    """By how much a width must change at least, for all of these to change by multiples."""
    step = 1
    for form in forms:
        for each, coefficient in form.terms:
            if each == number:
                step = lcm(step, _least(coefficient, multiple_of))
    return step


def _least(coefficient: Fraction, multiple_of: int) -> int:
    """The least number whose product with the coefficient is a multiple."""
    numerator, denominator = abs(coefficient.numerator), coefficient.denominator
    return denominator * (multiple_of // gcd(multiple_of, numerator))
