"""Linear forms: a size as a constant plus multiples of widths."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from math import lcm
from typing import Self


@dataclass(frozen=True, slots=True)
class Form:
    """
    A size of a tensor: `constant` + Σ coefficient · width.

    Widths are numbers of free variables. `parts` are the sizes, in order, of what was concatenated
    to make this dimension; they only help to recognise where it is cut again.
    """

    constant: Fraction = Fraction(0)
    """What does not depend on any width."""
    terms: tuple[tuple[int, Fraction], ...] = ()
    """Pairs of a width's number and its coefficient, sorted, no coefficient zero."""
    parts: tuple[Form, ...] = field(default=(), compare=False)
    """Sizes of the pieces that lie one behind the other in this dimension, if it has any."""

    @classmethod
    def of(cls, constant: int | Fraction) -> Self:
        """A size that is always the same."""
        return cls(Fraction(constant))

    @classmethod
    def width(cls, number: int) -> Self:
        """The width of that number itself."""
        return cls(Fraction(0), ((number, Fraction(1)),))

    @property
    def is_fixed(self) -> bool:
        """Whether it depends on no width."""
        return not self.terms

    @property
    def denominator(self) -> int:
        """The least number by which it becomes a form with whole coefficients."""
        return lcm(self.constant.denominator, *(each.denominator for _, each in self.terms))

    def __add__(self, other: Form) -> Form:
        terms = dict(self.terms)
        for number, coefficient in other.terms:
            terms[number] = terms.get(number, Fraction(0)) + coefficient
        return _form(self.constant + other.constant, terms)

    def __sub__(self, other: Form) -> Form:
        return self + other * -1

    def __mul__(self, factor: int | Fraction) -> Form:
        if factor == 1:
            return self
        terms = {number: coefficient * factor for number, coefficient in self.terms}
        return _form(self.constant * factor, terms)

    def __truediv__(self, divisor: int | Fraction) -> Form:
        return self * (Fraction(1) / divisor)

    def value(self, widths: Sequence[int]) -> Fraction:
        """The size for these widths, by their numbers."""
        return self.constant + sum(
            (coefficient * widths[number] for number, coefficient in self.terms), Fraction(0)
        )


ONE = Form.of(1)


def total(forms: Sequence[Form]) -> Form:
    """The sum of sizes."""
    return sum(forms[1:], forms[0]) if forms else Form()


def _form(constant: Fraction, terms: dict[int, Fraction]) -> Form:
    return Form(constant, tuple(sorted(item for item in terms.items() if item[1])))
