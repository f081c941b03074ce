"""Rounds of repetitions, on a clock that only moves when the test says so."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from shufflenet_audit.latency.backend import Settings
from shufflenet_audit.latency.measuring.rounds import interleaved, overhead

SECOND = 10**9


class Watch:
    """A clock that moves by `reading` each time it is read, and by what programs take."""

    def __init__(self, *, reading: int = 0) -> None:
        self.now = 0
        self.reading = reading
        self.ran: list[str] = []

    def __call__(self) -> int:
        self.now += self.reading
        return self.now

    def program(self, name: str, *seconds: float) -> Callable[[], None]:
        """A program that takes these times, one after the other, and then the last again."""
        left = list(seconds)

        def run() -> None:
            self.ran.append(name)
            self.now += round((left.pop(0) if len(left) > 1 else left[0]) * SECOND)

        return run


def test_each_program_gets_its_own_times() -> None:
    watch = Watch()
    runs = (watch.program("a", 1, 2), watch.program("b", 5))
    settings = Settings(warmup=0, rounds=3, seconds=1000)
    assert interleaved(runs, watch, settings) == ((1, 2, 2), (5, 5, 5))


def test_every_other_round_is_in_the_opposite_order() -> None:
    watch = Watch()
    runs = (watch.program("a", 1), watch.program("b", 1))
    interleaved(runs, watch, Settings(warmup=1, rounds=3, seconds=1000))
    assert "".join(watch.ran) == "ab" + "ab" + "ba" + "ab"


def test_warm_up_runs_are_not_counted() -> None:
    watch = Watch()
    settings = Settings(warmup=2, rounds=2, seconds=1000)
    assert interleaved([watch.program("a", 9, 8, 1, 1)], watch, settings) == ((1, 1),)


def test_measuring_ends_when_its_time_is_over() -> None:
    watch = Watch()
    settings = Settings(warmup=0, rounds=100, seconds=10)
    assert len(interleaved([watch.program("a", 4)], watch, settings)[0]) == 3


def test_what_reading_the_clock_costs_is_taken_off() -> None:
    watch = Watch(reading=1000)
    assert overhead(watch) == 1000
    settings = Settings(warmup=0, rounds=1, seconds=1000)
    ((spent,),) = interleaved([watch.program("a", 2)], watch, settings)
    assert spent == pytest.approx(2)


def test_no_time_is_less_than_nothing() -> None:
    readings = iter([*range(0, 2020, 10), 0, 0, 1, SECOND])
    settings = Settings(warmup=0, rounds=1, seconds=0)
    assert interleaved([lambda: None], lambda: next(readings), settings) == ((0,),)
