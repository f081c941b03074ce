"""Where the time goes: a section of the page for each latency."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.table import Table

from shufflenet_audit.plugin import CostGraph, Latency, bar, breakdown, counted, duration

from .layout import bar_width, beside, plain, table, words

_SHOWN = 5


def times(graph: CostGraph, latency: Latency, width: int) -> Iterator[RenderableType]:
    """The total with its spread, the conditions and notes, and its parts."""
    how = f"{'predicted for' if latency.predicted else 'measured on'} {latency.device}"
    threads = counted(latency.threads, "thread")
    parts = f"sum of its kernels: {duration(latency.sum_of_parts)}"
    yield plain(f"{latency.total}, {how}, {threads}; {parts}")
    if latency.settings:
        yield plain(", ".join(f"{name} {value}" for name, value in latency.settings), "dim")
    yield from (plain(note, "dim") for note in latency.notes)
    categories = _parts(breakdown.by_category(latency), width)
    kinds = _parts(breakdown.by_kind(latency), width)
    yield beside((Group("", categories), Group("", kinds)), width)
    yield Group("", plain("slowest kernels (equal ranks: no difference seen)", "dim"))
    yield _slowest(graph, latency)


def _parts(parts: tuple[breakdown.Part, ...], width: int) -> Table:
    rows = table("", "kernels>", "time>", "share>", "cumulative>", "")
    for part in parts:
        name = f"  {words(part.name)}" if part.within else words(part.name)
        numbers = (duration(part.seconds), f"{part.share:.1%}", f"{part.cumulative:.1%}")
        rows.add_row(name, str(part.count), *numbers, bar(part.share, bar_width(width)))
    return rows


def _slowest(graph: CostGraph, latency: Latency) -> Table:
    rows = table("", "", "", "time>", "")
    for rank, timing in breakdown.slowest(latency, _SHOWN):
        seconds = timing.seconds
        named = (plain(timing.label), plain(breakdown.members(graph, timing)))
        rows.add_row(f"{rank}.", *named, duration(seconds.median), f"({seconds.interval()})")
    return rows
