"""Numbers and text as people read them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shufflenet_audit.plugin import bar, duration, human, printable

SCALE = {"": 1, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "P": 1e15}
UNITS = {"s": 1, "ms": 1e-3, "µs": 1e-6, "ns": 1e-9}


@pytest.mark.parametrize(
    ("n", "text"),
    [
        (0, "0"),
        (999, "999"),
        (1000, "1.00 k"),
        (26_221_216, "26.2 M"),
        (145_814_296, "145.8 M"),
        (999_950_000, "1.00 G"),
        (2.5, "2.50"),
    ],
)
def test_a_count_has_three_or_four_digits(n: float, text: str) -> None:
    assert human(n) == text


def test_a_unit_stands_beside_its_prefix() -> None:
    assert (human(512, "B"), human(40_413_104, "B")) == ("512 B", "40.4 MB")


@given(st.integers(-(10**17), 10**17))
def test_a_count_is_within_half_a_percent_of_what_it_says(n: int) -> None:
    digits, _, prefix = human(n).partition(" ")
    assert float(digits) * SCALE[prefix] == pytest.approx(n, rel=0.0051)


@given(st.floats(1e-9, 1e5))
def test_a_time_is_within_half_a_percent_of_what_it_says(seconds: float) -> None:
    digits, unit = duration(seconds).split(" ")
    assert float(digits) * UNITS[unit] == pytest.approx(seconds, rel=0.0051)


@given(st.text())
def test_printable_text_is_one_line_that_steers_nothing(text: str) -> None:
    assert printable(text).isprintable()
    assert len(printable(text).splitlines()) <= 1


@given(st.floats(0, 1), st.integers(1, 40))
def test_a_bar_is_as_long_as_its_share(share: float, width: int) -> None:
    assert len(bar(share, width)) == pytest.approx(share * width, abs=1)


def test_a_bar_is_never_longer_than_its_room() -> None:
    assert bar(7.0, 5) == "█████"
    assert bar(-1.0, 5) == ""
