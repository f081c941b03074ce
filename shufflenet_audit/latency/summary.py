"""A latency as text: the total and its spread, the categories, the kinds, the slowest kernels."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations

from shufflenet_audit.network.breakdown import (
    Part,
    by_category,
    by_kind,
    by_module,
    by_source,
    chart,
    members,
    slowest,
)
from shufflenet_audit.network.graph import CostGraph
from shufflenet_audit.network.timings import Latency, Seconds
from shufflenet_audit.text import duration

_SHOWN = 10


def summary(graph: CostGraph, latency: Latency, *, depth: int = 1) -> str:
    """Where the time of a network goes."""
    lines = (
        *_head(latency),
        *_section("Time by category", [chart(by_category(latency))]),
        *_section("By kind", _table(by_kind(latency))),
        *_section(f"By module, {depth} deep", _table(by_module(graph, latency, depth))),
        *_section("By source line", _table(by_source(graph, latency))),
        *_section(
            "Slowest kernels (those of equal rank cannot be told apart)", _ranks(graph, latency)
        ),
    )
    return "\n".join(lines) + "\n"


def side_by_side(latencies: Iterable[Latency]) -> str:
    """The categories of several backends, one column each."""
    shown = tuple(latencies)
    names = [part.name for part in by_category(shown[0]) if not part.within]
    rows = [
        ["", *(latency.backend for latency in shown)],
        *([name, *(_seconds_of(latency, name) for latency in shown)] for name in names),
        ["total", *(duration(latency.total.median) for latency in shown)],
    ]
    return "\n".join((*_columns(rows), *_ties(shown))) + "\n"


def _ties(latencies: Sequence[Latency]) -> Iterator[str]:
    """Which of them cannot be told apart."""
    for first, second in combinations(latencies, 2):
        if first.total.overlaps(second.total):
            yield f"{first.backend} and {second.backend} cannot be told apart: their totals overlap"


def _seconds_of(latency: Latency, name: str) -> str:
    parts = {part.name: part.seconds for part in by_category(latency)}
    return duration(parts[name])


def _head(latency: Latency) -> Iterator[str]:
    made = "predicted for" if latency.predicted else "measured on"
    threads = "1 thread" if latency.threads == 1 else f"{latency.threads} threads"
    yield f"{latency.backend}: {spread(latency.total)}, {made} {latency.device}, {threads}"
    parts = latency.sum_of_parts
    ratio = f", {parts / latency.total.median:.0%} of it" if latency.total.median else ""
    yield f"its parts together: {duration(parts)}{ratio}"
    yield ", ".join(f"{name} {value}" for name, value in latency.settings)
    yield from (f"note: {note}" for note in latency.notes)


def spread(seconds: Seconds) -> str:
    """A time with its interval."""
    return f"{duration(seconds.median)} ({duration(seconds.low)} to {duration(seconds.high)})"


def _section(title: str, lines: Iterable[str]) -> Iterator[str]:
    yield from ("", title, "")
    yield from lines


def _table(parts: Iterable[Part]) -> list[str]:
    rows = [["", "kernels", "time", "share", "up to here"]]
    shown = tuple(parts)
    for part in shown[:_SHOWN]:
        share, cumulative = f"{part.share:.1%}", f"{part.cumulative:.1%}"
        rows.append([part.name, str(part.count), duration(part.seconds), share, cumulative])
    left = len(shown) - _SHOWN
    return [*_columns(rows), *([f"and {left} more"] if left > 0 else [])]


def _ranks(graph: CostGraph, latency: Latency) -> list[str]:
    rows = [
        [f"{rank}.", timing.label, members(graph, timing), spread(timing.seconds)]
        for rank, timing in slowest(latency, _SHOWN)
    ]
    return list(_columns(rows, left=3))


def _columns(rows: list[list[str]], *, left: int = 1) -> Iterator[str]:
    """Rows in columns, the first ones to the left and the others to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (
            f"{cell:<{width}}" if at < left else f"{cell:>{width}}"
            for at, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        yield "  ".join(cells).rstrip()
