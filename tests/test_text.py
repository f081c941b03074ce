"""Numbers and text as people read them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shufflenet_audit.plugin import bar, duration, human, printable
from shufflenet_audit.text import as_many, counted, did_you_mean

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


@given(st.sampled_from(["ReLU", "Linear", "channel_shuffle"]), st.integers(0, 3))
def test_a_name_with_a_letter_left_out_or_in_other_case_is_known_again(name: str, i: int) -> None:
    choices = ("Linear", "ReLU", "channel_shuffle")
    assert did_you_mean(name[:i] + name[i + 1 :], choices) == f"did you mean {name}?"
    assert did_you_mean(name.swapcase(), choices) == f"did you mean {name}?"


def test_of_names_that_differ_in_case_alone_the_one_in_the_same_case_is_suggested() -> None:
    assert did_you_mean("ResNett", ("resnet", "ResNet")) == "did you mean ResNet?"
    assert did_you_mean("resnett", ("resnet", "ResNet")) == "did you mean resnet?"


def test_a_name_like_no_other_gets_what_is_said_instead() -> None:
    assert did_you_mean("xyz", ("relu",), otherwise="there are relu") == "there are relu"
    assert did_you_mean("xyz", ()) == ""


def test_one_thing_is_singular_and_any_other_number_plural() -> None:
    assert [counted(n, "op") for n in (0, 1, 2)] == ["0 ops", "1 op", "2 ops"]


@pytest.mark.parametrize(
    ("ratio", "text"),
    [
        (1.0, "as many"),
        (1.02, "as many"),
        (0.98, "as many"),
        (1.034, "3% more"),
        (0.5, "50% fewer"),
    ],
)
def test_counts_that_whole_channels_cannot_make_equal_are_as_many(ratio: float, text: str) -> None:
    assert as_many(ratio) == text
