"""Repetitions of several programs in turn: what disturbs one disturbs the others too."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from statistics import median

from shufflenet_audit.latency.backend import Clock, Settings

_NANO = 1e-9

Run = Callable[[], object]


def interleaved(
    runs: Sequence[Run],
    clock: Clock,
    settings: Settings,
    before: Callable[[int], object] = lambda _: None,
) -> tuple[tuple[float, ...], ...]:
    """
    The seconds that each program took in each round.

    Every other round runs in reverse order, so that no program always follows the same other one.
    `before` is called before each run with the index of the program, and is not timed.
    """
    for _ in range(settings.warmup):
        for index, run in enumerate(runs):
            before(index)
            run()
    cost = overhead(clock)
    samples: list[list[float]] = [[] for _ in runs]
    end = clock() + settings.seconds / _NANO
    for turn in range(settings.rounds):
        order = range(len(runs)) if turn % 2 == 0 else reversed(range(len(runs)))
        for index in order:
            before(index)
            samples[index].append(max(_nanoseconds(runs[index], clock) - cost, 0) * _NANO)
        if clock() >= end:
            break
    return tuple(map(tuple, samples))


def overhead(clock: Clock, *, readings: int = 101) -> float:
    """Nanoseconds between two consecutive readings of a clock."""
    return median(-clock() + clock() for _ in range(readings))


def _nanoseconds(run: Run, clock: Clock) -> int:
    start = clock()
    run()
    return clock() - start
