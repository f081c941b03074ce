"""Differences as people read them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from shufflenet_audit.checking.finding import Avoidable
from shufflenet_audit.checking.guideline import Unit
from shufflenet_audit.comparison.change import ChangeKind
from shufflenet_audit.comparison.side import Amount, LatencyRow, Subject
from shufflenet_audit.network.timings import Seconds
from shufflenet_audit.text import counted, duration, human

ABSENT = "–"
"""Shown where there is no value."""

CHANGE_WORDS = {
    ChangeKind.GAINED: "new",
    ChangeKind.LOST: "gone",
    ChangeKind.CHANGED: "changed",
    ChangeKind.SAME: "unchanged",
}
"""What happened to a finding, in a word."""


def title(models: Sequence[Subject]) -> str:
    """The names of the models: "shufflenet_v1 and shufflenet_v2"."""
    *most, last = (model.name for model in models)
    return f"{', '.join(most)} and {last}"


def summary(totals: Sequence[Amount], rows: Sequence[LatencyRow], other: int) -> str:
    """The most telling ratios of another model to the first; `other` 0 is the second model."""
    amounts = {amount.name: amount for amount in totals}
    ratios = [(amounts[name].ratios[other], text) for name, text in _SUMMARY if name in amounts]
    costs = [f"{ratio:.2f}× {text}" for ratio, text in ratios if ratio is not None]
    return ", ".join((*costs, *filter(None, (_time_ratio(row, other) for row in rows))))


def _time_ratio(row: LatencyRow, other: int) -> str:
    ratio = row.ratios[other]
    if ratio is None:
        return ""
    how = f"({row.backend}, predicted)" if row.predicted else f"({row.backend})"
    seen = f"{ratio:.2f}× the" if row.told_apart[other] else "no difference seen in the"
    return f"{seen} time {how}"


_SUMMARY = (("bytes_fused", "the memory access (fused)"), ("macs", "the FLOPs"))


def unknown_note(model: Subject) -> str:
    """How many ops its numbers leave out."""
    ops = "1 op" if model.unknown == 1 else f"{model.unknown} ops"
    return f"{ops} of unknown cost left out of all sums"


def letter(index: int) -> str:
    """A short name for the model of that index: A for the first."""
    return chr(ord("A") + index) if index < 26 else f"model {index + 1}"  # noqa: PLR2004  (the alphabet)


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
    """A ratio to the first model, as in `0.79×`; an equals sign where both are the same."""
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
    """The difference and the ratio to the first model; `other` 0 is the second model."""
    return signed(amount.differences[other], amount.unit), times(amount.ratios[other])


def faster(row: LatencyRow, other: int) -> str:
    """The time of another model divided by the first's; `other` 0 is the second model."""
    apart = row.told_apart[other]
    if apart is None:
        return "unavailable"
    return times(row.ratios[other]) if apart else "no difference seen"


def saves(avoidable: Avoidable) -> str:
    """Bytes that could be saved after fusion; if there are none, kernel launches."""
    if avoidable.bytes_fused or not avoidable.launches:
        return human(avoidable.bytes_fused, "B")
    return f"{human(avoidable.launches)} launch{'es' * (avoidable.launches != 1)}"


def conditions(row: LatencyRow) -> str:
    """How the times were obtained, as in `eager, measured on …, 1 thread, batch 1`."""
    how = "predicted for" if row.predicted else "measured on"
    threads = counted(row.threads, "thread")
    settings = (f"{name} {value}" for name, value in row.settings)
    return ", ".join((row.backend, f"{how} {row.device}", threads, *settings))


def notes(row: LatencyRow, names: Sequence[str]) -> Iterator[str]:
    """The notes on the measurements, each behind the names of the models that it is about."""
    for note in dict.fromkeys(note for notes in row.notes for note in notes):
        of = [name for name, notes in zip(names, row.notes, strict=True) if note in notes]
        yield note if len(of) == len(names) else f"{', '.join(of)}: {note}"


def time(seconds: float | None) -> str:
    """A time, or `unavailable`."""
    return "unavailable" if seconds is None else duration(seconds)


def spread(seconds: Seconds | None) -> str:
    """A time with its interval, or `unavailable`."""
    return "unavailable" if seconds is None else str(seconds)
