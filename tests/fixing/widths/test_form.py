"""Linear forms behave as the numbers that they stand for."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from shufflenet_audit.fixing.widths.form import Form

WIDTHS = st.lists(st.integers(1, 1000), min_size=4, max_size=4)
FORMS = st.builds(
    lambda constant, terms: sum(
        (Form.width(number) * coefficient for number, coefficient in terms), Form.of(constant)
    ),
    st.integers(-50, 50),
    st.lists(st.tuples(st.integers(0, 3), st.integers(-5, 5)), max_size=4),
)


@given(FORMS, FORMS, WIDTHS)
def test_sums_and_differences_are_those_of_the_values(a: Form, b: Form, widths: list[int]) -> None:
    assert (a + b).value(widths) == a.value(widths) + b.value(widths)
    assert (a - b).value(widths) == a.value(widths) - b.value(widths)


@given(FORMS, st.integers(1, 9), WIDTHS)
def test_a_part_times_their_number_is_the_whole(a: Form, count: int, widths: list[int]) -> None:
    assert a / count * count == a
    assert (a / count).value(widths) == a.value(widths) / Fraction(count)


@given(FORMS)
def test_what_is_taken_off_itself_is_nothing(a: Form) -> None:
    assert a - a == Form()
    assert (a - a).is_fixed
