"""Budgets: totals and times held against what was set."""

from __future__ import annotations

from dataclasses import replace

import pytest
from handmade import AUDIT
from hypothesis import given
from hypothesis import strategies as st

from shufflenet_audit.plugin import Aggregation, Audit, Budget, Kept, Latency, Limit, Seconds
from shufflenet_audit.results.budget import judged
from shufflenet_audit.results.violation import FailOn, violations

TOTAL = replace(AUDIT.graph.total, unknown=0)
LATENCY = AUDIT.latencies[0]


def held(limit: Limit, *latencies: Latency) -> Budget:
    return judged(limit, TOTAL, latencies)


def took(low: float, high: float, *, predicted: bool = False) -> Latency:
    """Milliseconds."""
    total = Seconds((low + high) / 2e3, low / 1e3, high / 1e3)
    return replace(LATENCY, total=total, predicted=predicted)


@given(st.integers(0, 10**6), st.floats(0, 10))
def test_a_total_is_over_exactly_beyond_its_tolerance(most: int, tolerance: float) -> None:
    budget = held(Limit("macs", most, tolerance))
    assert (budget.kept is Kept.OVER) == (TOTAL.macs > most * (1 + tolerance))


@pytest.mark.parametrize("name", ["macs", "params", "memory_access", "memory_access_fused", "ops"])
def test_each_total_may_be_budgeted(name: str) -> None:
    exact = getattr(TOTAL, name)
    assert held(Limit(name, exact)).kept is Kept.WITHIN
    assert held(Limit(name, exact - 1)).kept is Kept.OVER


def test_unknown_ops_leave_open_what_is_within_but_not_what_is_over() -> None:
    total = replace(TOTAL, unknown=1)
    assert judged(Limit("macs", 1), total, ()).kept is Kept.OVER
    assert judged(Limit("macs", 10**9), total, ()).kept is Kept.UNKNOWN
    assert judged(Limit("params", 10**9), total, ()).kept is Kept.WITHIN


@pytest.mark.parametrize(
    ("aggregation", "limit", "kept"),
    [
        (Aggregation.MEDIAN, 9.9, Kept.OVER),
        (Aggregation.MEDIAN, 11, Kept.UNKNOWN),
        (Aggregation.MEDIAN, 12, Kept.WITHIN),
        (Aggregation.LOW, 9.9, Kept.OVER),
        (Aggregation.LOW, 10.5, Kept.WITHIN),
        (Aggregation.HIGH, 11, Kept.OVER),
        (Aggregation.HIGH, 12, Kept.WITHIN),
    ],
)
def test_noise_on_both_sides_of_a_limit_tells_nothing(
    aggregation: Aggregation, limit: float, kept: Kept
) -> None:
    wanted = Limit("latency_ms", limit, aggregation=aggregation)
    assert held(wanted, took(10, 12)).kept is kept


def test_what_was_measured_goes_before_what_was_predicted() -> None:
    limit = Limit("latency_ms", 5)
    measured, foretold = took(7, 8), took(1, 1, predicted=True)
    assert held(limit, measured, foretold).kept is Kept.OVER
    assert held(limit, foretold).kept is Kept.WITHIN
    assert held(limit, foretold).why == "predicted"
    assert held(limit, measured).why == "measured, median of 7.00 ms – 8.00 ms"


def test_a_time_that_nobody_took_cannot_be_told() -> None:
    assert str(held(Limit("latency_ms", 5))) == (
        "cannot be told: no latency was measured or predicted"
    )


@pytest.mark.parametrize(
    ("budget", "said"),
    [
        (held(Limit("macs", 200_000)), "225.8 k of 200.0 k: 12.9% over"),
        (held(Limit("ops", 8)), "8 of 8: within"),
        (held(Limit("ops", 0)), "8 of 0: over"),
    ],
)
def test_a_budget_says_what_came_of_it(budget: Budget, said: str) -> None:
    assert str(budget) == said


def only(budget: Budget) -> Audit:
    return replace(AUDIT, guidelines=(), budgets=(budget,))


def test_only_a_budget_that_is_over_is_a_violation() -> None:
    over, within = held(Limit("ops", 1)), held(Limit("ops", 100))
    open_ = held(Limit("latency_ms", 1))
    assert list(violations(only(over), FailOn.ERROR)) == ["budget ops: 8 of 1: 8 times as much"]
    assert not list(violations(only(over), FailOn.NEVER))
    assert not list(violations(only(within), FailOn.WARNING))
    assert not list(violations(only(open_), FailOn.WARNING))
