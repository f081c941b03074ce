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
from shufflenet_audit.network.timings import Latency
from shufflenet_audit.text import counted, duration

_SHOWN = 10


def summary(graph: CostGraph, latency: Latency, *, depth: int = 1) -> str:
    """Where the time of a network goes."""
    lines = (
        *_head(latency),
        *_section("Time by category", [chart(by_category(latency))]),
        *_section("By kind", _table(by_kind(latency))),
        *_section(f"By module, {depth} deep", _table(by_module(graph, latency, depth))),
        *_section("By source line", _table(by_source(graph, latency))),
        *_section("Slowest kernels (equal ranks: no difference seen)", _ranks(graph, latency)),
    )
    return "\n".join(lines) + "\n"


def side_by_side(latencies: Iterable[Latency]) -> str:
    """The categories of several backends, one column each."""
    shown = tuple(latencies)
    names = [part.name for part in by_category(shown[0]) if not part.within]
    rows = [
        ["", *(latency.backend for latency in shown)],
        *([name, *(_seconds_of(latency, name) for latency in shown)] for name in names),
        ["sum of kernels", *(duration(latency.sum_of_parts) for latency in shown)],
        ["total", *(duration(latency.total.median) for latency in shown)],
    ]
    return "\n".join((*_columns(rows), *_ties(shown))) + "\n"


def _ties(latencies: Sequence[Latency]) -> Iterator[str]:
    """Which totals do not differ by more than their noise."""
    for first, second in combinations(latencies, 2):
        if first.total.overlaps(second.total):
            yield f"{first.backend} and {second.backend}: no difference seen (intervals overlap)"


def _seconds_of(latency: Latency, name: str) -> str:
    parts = {part.name: part.seconds for part in by_category(latency)}
    return duration(parts[name])


def _head(latency: Latency) -> Iterator[str]:
    how = "predicted for" if latency.predicted else "measured on"
    threads = counted(latency.threads, "thread")
    yield f"{latency.backend}: {latency.total}, {how} {latency.device}, {threads}"
    parts = latency.sum_of_parts
    ratio = f", {parts / latency.total.median:.0%} of the total" if latency.total.median else ""
    yield f"sum of its kernels: {duration(parts)}{ratio}"
    yield ", ".join(f"{name} {value}" for name, value in latency.settings)
    yield from (f"note: {note}" for note in latency.notes)


def _section(title: str, lines: Iterable[str]) -> Iterator[str]:
    yield from ("", title, "")
    yield from lines


def _table(parts: Iterable[Part]) -> list[str]:
    rows = [["", "kernels", "time", "share", "cumulative"]]
    shown = tuple(parts)
    for part in shown[:_SHOWN]:
        share, cumulative = f"{part.share:.1%}", f"{part.cumulative:.1%}"
        rows.append([part.name, str(part.count), duration(part.seconds), share, cumulative])
    left = len(shown) - _SHOWN
    return [*_columns(rows), *([f"and {left} more"] if left > 0 else [])]


def _ranks(graph: CostGraph, latency: Latency) -> list[str]:
    rows = [
        [f"{rank}.", timing.label, members(graph, timing), str(timing.seconds)]
        for rank, timing in slowest(latency, _SHOWN)
    ]
    return list(_columns(rows, left=3))


def _columns(rows: list[list[str]], *, left: int = 1) -> Iterator[str]:
    """Rows in columns, the first `left` of them aligned left and the others right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (
            f"{cell:<{width}}" if index < left else f"{cell:>{width}}"
            for index, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        yield "  ".join(cells).rstrip()
