"""Repetitions of several programs in turn, so that what disturbs one disturbs the others too."""

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
    The seconds that each of these took, in rounds.

    Every other round runs in the opposite order: none is always the one behind another. What is to
    be done `before` each, given its place among them, is not timed.
    """
    for _ in range(settings.warmup):
        for which, run in enumerate(runs):
            before(which)
            run()
    cost = overhead(clock)
    samples: list[list[float]] = [[] for _ in runs]
    end = clock() + settings.seconds / _NANO
    for at in range(settings.rounds):
        order = range(len(runs)) if at % 2 == 0 else reversed(range(len(runs)))
        for which in order:
            before(which)
            samples[which].append(max(_nanoseconds(runs[which], clock) - cost, 0) * _NANO)
        if clock() >= end:
            break
    return tuple(map(tuple, samples))


def overhead(clock: Clock, *, readings: int = 101) -> float:
    """Nanoseconds that pass between two readings of a clock with nothing between them."""
    return median(-clock() + clock() for _ in range(readings))


def _nanoseconds(run: Run, clock: Clock) -> int:
    start = clock()
    run()
    return clock() - start
