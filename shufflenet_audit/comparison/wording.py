"""Differences as people read them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from shufflenet_audit.checking.finding import Avoidable
from shufflenet_audit.checking.guideline import Unit
from shufflenet_audit.comparison.change import Fate
from shufflenet_audit.comparison.side import Amount, Subject, Timed
from shufflenet_audit.network.timings import Seconds
from shufflenet_audit.text import duration, human

ABSENT = "–"
"""What stands where there is nothing to show."""

FATES = {Fate.GAINED: "new", Fate.LOST: "gone", Fate.CHANGED: "changed", Fate.SAME: "unchanged"}
"""What became of a finding."""


def title(models: Sequence[Subject]) -> str:
    """The names of the models: "shufflenet_v1 and shufflenet_v2"."""
    *most, last = (model.name for model in models)
    return f"{', '.join(most)} and {last}"


def left_out(model: Subject) -> str:
    """How many ops its numbers do not count."""
    ops = "1 op" if model.unknown == 1 else f"{model.unknown} ops"
    return f"{ops} of unknown cost left out of all sums"


def letter(at: int) -> str:
    """A short name for the model at that place: A for the first."""
    return chr(ord("A") + at) if at < 26 else f"model {at + 1}"  # noqa: PLR2004  (the alphabet)


def quantity(value: float | None, unit: str = "") -> str:
    """A quantity with its unit, as in `40.4 MB`, `1.86 M` or `3.61 per byte`."""
    if value is None:
        return "unknown"
    return human(value, unit) if unit in ("", "B") else f"{value:.2f}"


def signed(value: float | None, unit: str = "") -> str:
    """A difference with its sign, as in `+414.0 k`."""
    if value is None:
        return "unknown"
    sign = "\N{MINUS SIGN}" if value < 0 else "+"
    return f"{sign}{quantity(abs(value), unit)}" if value else "0"


def times(ratio: float | None) -> str:
    """How many times the first, as in `0.79×`; an equals sign where it is the same."""
    if ratio is None:
        return ABSENT
    if ratio == 1:
        return "="
    return f"{ratio:.2f}×" if ratio < 9.995 else f"{ratio:.0f}×"  # noqa: PLR2004  (10, rounded)


def metric(value: float | None, unit: Unit) -> str:
    """The value of a guideline's metric."""
    if value is None:
        return ABSENT
    return f"{value:.1%}" if unit is Unit.SHARE else f"{value:.1f}"


def difference(amount: Amount, other: int) -> tuple[str, str]:
    """How the other of that place, counted from the second model, differs from the first."""
    return signed(amount.differences[other], amount.unit), times(amount.ratios[other])


def faster(timed: Timed, other: int) -> str:
    """How long the other takes, in terms of the first; where that cannot be told, it says so."""
    apart = timed.told_apart[other]
    if apart is None:
        return "unavailable"
    return times(timed.ratios[other]) if apart else "no difference seen"


def saves(avoidable: Avoidable) -> str:
    """What could be saved after fusion, in bytes; if none, in kernels not launched."""
    if avoidable.bytes_fused or not avoidable.launches:
        return human(avoidable.bytes_fused, "B")
    return f"{human(avoidable.launches)} launch{'es' * (avoidable.launches != 1)}"


def made(timed: Timed) -> str:
    """How times were had: `eager, measured on …, 1 thread, batch 1`."""
    how = "predicted for" if timed.predicted else "measured on"
    threads = "1 thread" if timed.threads == 1 else f"{timed.threads} threads"
    settings = (f"{name} {value}" for name, value in timed.settings)
    return ", ".join((timed.backend, f"{how} {timed.device}", threads, *settings))


def notes(timed: Timed, names: Sequence[str]) -> Iterator[str]:
    """What the measurements say of themselves, each after the names of the models that it is of."""
    for note in dict.fromkeys(note for each in timed.notes for note in each):
        of = [name for name, each in zip(names, timed.notes, strict=True) if note in each]
        yield note if len(of) == len(names) else f"{', '.join(of)}: {note}"


def time(seconds: float | None) -> str:
    """A time, or that there is none."""
    return "unavailable" if seconds is None else duration(seconds)


def spread(seconds: Seconds | None) -> str:
    """A time with its interval, or that there is none."""
    if seconds is None:
        return "unavailable"
    return f"{duration(seconds.median)} ({duration(seconds.low)} to {duration(seconds.high)})"
