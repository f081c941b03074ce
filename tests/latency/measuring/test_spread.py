"""Medians and their intervals, against the binomial distribution and against chance."""

from __future__ import annotations

import random
from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shufflenet_audit.latency.measuring.spread import (
    added,
    difference,
    seconds,
    told_apart,
)
from shufflenet_audit.network.timings import Seconds

times = st.lists(st.floats(0, 1e3), min_size=1, max_size=60)


@given(times)
def test_the_median_lies_in_its_interval(samples: list[float]) -> None:
    found = seconds(samples)
    assert found.low <= found.median <= found.high
    assert found.median == median(samples)


@given(times, st.floats(0.1, 10))
def test_times_in_another_unit_have_the_same_interval(samples: list[float], unit: float) -> None:
    found, scaled = seconds(samples), seconds([unit * sample for sample in samples])
    expected = [unit * each for each in (found.median, found.low, found.high)]
    assert [scaled.median, scaled.low, scaled.high] == pytest.approx(expected)


# Ranks that tables of the sign test give for 95 %, counted from one.
@pytest.mark.parametrize(("count", "low"), [(6, 1), (8, 1), (9, 2), (11, 2), (25, 8), (50, 18)])
def test_the_interval_has_the_ranks_of_the_sign_test(count: int, low: int) -> None:
    found = seconds(range(1, count + 1))
    assert (found.low, found.high) == (low, count + 1 - low)


def test_few_samples_give_all_that_was_seen() -> None:
    assert seconds([3.0, 1.0, 2.0]) == Seconds(2.0, 1.0, 3.0)


def test_the_interval_holds_the_true_median_in_95_of_100_cases() -> None:
    chance = random.Random(0)
    hits = 0
    for _ in range(1000):
        found = seconds([chance.expovariate(1.0) for _ in range(21)])
        hits += found.low <= 0.6931 <= found.high
    assert 950 <= hits <= 990


def test_a_difference_is_taken_run_by_run() -> None:
    drifting = [float(at) for at in range(20)]
    assert difference([each + 1 for each in drifting], drifting) == Seconds(1.0, 1.0, 1.0)


def test_parts_are_added_run_by_run() -> None:
    assert added([(1.0, 2.0), (10.0, 20.0)]) == (11.0, 22.0)


def test_overlapping_times_cannot_be_told_apart() -> None:
    assert not told_apart(Seconds(2, 1, 3), Seconds(4, 3, 5))
    assert told_apart(Seconds(2, 1, 3), Seconds(5, 4, 6))
    assert told_apart(Seconds(5, 4, 6), Seconds(2, 1, 3))
