"""Equations between widths."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shufflenet_audit.fixing.widths.form import Form
from shufflenet_audit.fixing.widths.sizes import Sizes, UnequalError


def test_equal_widths_are_one() -> None:
    sizes = Sizes()
    a, b, c = (sizes.new(24, name) for name in "abc")
    sizes.equal(a, b)
    sizes.equal(b, c)
    assert sizes.resolved(a) == sizes.resolved(c)
    assert len(sizes.free()) == 1


def test_a_concatenation_is_the_sum_of_its_parts() -> None:
    sizes = Sizes()
    a, b, whole = sizes.new(24, "a"), sizes.new(40, "b"), sizes.new(64, "whole")
    sizes.equal(whole, a + b)
    assert sizes.resolved(whole) == sizes.resolved(a + b)
    assert len(sizes.free()) == 2


def test_what_is_equal_to_a_constant_is_fixed_with_its_reason() -> None:
    sizes = Sizes()
    a, b = sizes.new(10, "a"), sizes.new(10, "b")
    sizes.equal(a, b)
    sizes.equal(b, Form.of(10), "an output")
    assert sizes.is_fixed(a)
    assert "an output" in sizes.reasons.values()


def test_a_sum_is_fixed_with_all_that_it_is_made_of() -> None:
    sizes = Sizes()
    a, b = sizes.new(10, "a"), sizes.new(20, "b")
    sizes.fix(a + b, "no matter why")
    assert sizes.is_fixed(a)
    assert sizes.is_fixed(b)


def test_different_constants_are_refused() -> None:
    with pytest.raises(UnequalError):
        Sizes().equal(Form.of(3), Form.of(4))


def test_a_size_of_one_stays_one_for_it_may_be_there_to_be_broadcast() -> None:
    assert Sizes().new(1, "gate").is_fixed


def test_what_is_added_to_a_copy_is_not_known_to_the_original() -> None:
    sizes = Sizes()
    a, b = sizes.new(8, "a"), sizes.new(16, "b")
    other = sizes.copy()
    other.equal(a, b)
    assert sizes.resolved(a) != sizes.resolved(b)
    assert other.resolved(a) == other.resolved(b)


@given(st.data())
def test_equations_that_hold_for_the_start_hold_for_it_when_solved(data: st.DataObject) -> None:
    starts = data.draw(st.lists(st.integers(2, 60), min_size=6, max_size=6))
    sizes = Sizes()
    widths = [sizes.new(start, str(at)) for at, start in enumerate(starts)]
    pick = st.lists(st.integers(0, 5), min_size=1, max_size=3, unique=True)
    equations = []
    for _ in range(data.draw(st.integers(1, 4))):
        left, right = (
            sum((widths[at] for at in data.draw(pick)), Form()) for _ in ("left", "right")
        )
        right = right + Form.of(sizes.start(left) - sizes.start(right))
        sizes.equal(left, right)
        equations.append((left, right))
    assert all(sizes.resolved(a) == sizes.resolved(b) for a, b in equations)
    assert all(sizes.start(sizes.resolved(w)) == sizes.start(w) for w in widths)
