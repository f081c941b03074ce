"""The widths of a network and the equations between them."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from shufflenet_audit.fixing.widths.form import Form


class UnequalError(Exception):
    """Two sizes that should be equal are different constants."""


class NotUnderstoodError(Exception):
    """How an op ties the sizes of its tensors is not known; the message says why."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a width comes from."""

    name: str
    """The parameter or op whose dimension it is."""
    start: int
    """Its size in the network as it is."""


class Sizes:
    """
    Widths, and what is known to be equal.

    An equation is solved for one of its widths, which is replaced by the others from then on: so
    the widths that are left are the free ones. That sizes are whole and positive is not an
    equation; `Lattice` sees to that.
    """

    def __init__(self) -> None:
        self.origins: list[Origin] = []
        self.reasons: dict[int, str] = {}
        self.wholes: list[Form] = []
        self._solved: dict[int, Form] = {}
        self._cuts: dict[tuple[str, int, int], Form] = {}

    def new(self, start: int, name: str) -> Form:
        """A width of its own. A size of 1 stays 1: it may be there to be broadcast."""
        if start <= 1:
            return Form.of(start)
        self.origins.append(Origin(name, start))
        return Form.width(len(self.origins) - 1)

    def resolved(self, form: Form) -> Form:
        """The same size in terms of free widths alone."""
        if not any(number in self._solved for number, _ in form.terms):
            return form
        result = Form(form.constant)
        for number, coefficient in form.terms:
            result += self._free(number) * coefficient
        return Form(result.constant, result.terms, form.parts)

    def start(self, form: Form) -> Fraction:
        """The size in the network as it is."""
        return form.value([origin.start for origin in self.origins])

    def equal(self, a: Form, b: Form, why: str = "") -> None:
        """Know that two sizes are equal. Raises UnequalError if they cannot be."""
        difference = self.resolved(a) - self.resolved(b)
        if difference.is_fixed:
            if difference.constant:
                raise UnequalError(f"{a} and {b} differ by {difference.constant}")
            return
        number, coefficient = self._eliminated(difference)
        rest = difference - Form.width(number) * coefficient
        self._solved[number] = rest / -coefficient
        if self._solved[number].is_fixed:
            self.reasons[number] = why

    def fix(self, form: Form, why: str) -> None:
        """Leave a size, and all that it is made of, as it is."""
        for number, _ in self.resolved(form).terms:
            self.equal(Form.width(number), Form.of(self.origins[number].start), why)

    def whole(self, form: Form) -> None:
        """Know that this, too, is a whole number, though it is the size of no tensor."""
        self.wholes.append(form)

    def is_fixed(self, form: Form) -> bool:
        """Whether the size cannot change."""
        return self.resolved(form).is_fixed

    def cut(self, tensor: str, dim: int, position: int) -> Form:
        """The place where that dimension of a tensor is cut: the same for both sides of it."""
        key = (tensor, dim, position)
        if key not in self._cuts:
            self._cuts[key] = Form.of(position)
            if position > 1:
                self.origins.append(Origin(f"{tensor}[:{position}]", position))
                self._cuts[key] = Form.width(len(self.origins) - 1)
        return self._cuts[key]

    def free(self) -> tuple[int, ...]:
        """The numbers of the widths that are left to choose."""
        return tuple(each for each in range(len(self.origins)) if each not in self._solved)

    def copy(self) -> Sizes:
        """The same knowledge, to which more can be added."""
        other = Sizes()
        other.origins = list(self.origins)
        other.reasons = dict(self.reasons)
        other.wholes = list(self.wholes)
        other._solved = dict(self._solved)
        other._cuts = dict(self._cuts)
        return other

    def _free(self, number: int) -> Form:
        solved = self._solved.get(number)
        if solved is None:
            return Form.width(number)
        if any(each in self._solved for each, _ in solved.terms):
            solved = self._solved[number] = self.resolved(solved)
        return solved

    def _eliminated(self, difference: Form) -> tuple[int, Fraction]:
        """
        The width to solve an equation for, and its coefficient.

        One with a coefficient of 1, so that all sizes are whole by themselves; and whose solution
        is a sum without negative terms, so that they are positive by themselves; and the latest.
        """

        def merit(term: tuple[int, Fraction]) -> tuple[bool, bool, int]:
            number, coefficient = term
            others = (each for each in difference.terms if each[0] != number)
            positive = all(each * coefficient < 0 for _, each in others)
            return abs(coefficient) == 1, positive, number

        return max(difference.terms, key=merit)
