"""Where the time goes, as a part of a Markdown page."""

from __future__ import annotations

from collections.abc import Iterator

from shufflenet_audit.plugin import CostGraph, Latency, Seconds, breakdown, duration

from .markup import Part, closed, code, escaped, table

_SHOWN = 10


def times(graph: CostGraph, latency: Latency, part: Part = closed) -> Iterator[str]:
    """A part: the total with its spread, a chart by category, the kinds, the slowest."""
    kind = "predicted" if latency.predicted else "measured"
    summary = f"Time: {_spread(latency.total)}, {kind} ({latency.backend})"
    yield from part(summary, _lines(graph, latency))


def _lines(graph: CostGraph, latency: Latency) -> Iterator[str]:
    threads = f"{latency.threads} {'thread' if latency.threads == 1 else 'threads'}"
    said = (f"{name} {value}" for name, value in latency.settings)
    yield f"- {escaped(', '.join((latency.device, threads, *said)))}"
    yield f"- its parts together: {duration(latency.sum_of_parts)}"
    yield from (f"- {escaped(note)}" for note in latency.notes)
    yield from ("", "```text", breakdown.chart(breakdown.by_category(latency)), "```", "")
    heading = ("kind of kernel", "kernels", "time", "share", "up to here")
    yield from table(heading, map(_row, breakdown.by_kind(latency)))
    yield ""
    titles = ("", "slowest kernels (those of equal rank cannot be told apart)", "of", "time")
    yield from table(titles, _slowest(graph, latency))


def _row(part: breakdown.Part) -> tuple[str, ...]:
    name, shares = part.name.replace("_", " "), (part.share, part.cumulative)
    return (name, str(part.count), duration(part.seconds), *(f"{each:.1%}" for each in shares))


def _slowest(graph: CostGraph, latency: Latency) -> Iterator[tuple[str, ...]]:
    for rank, timing in breakdown.slowest(latency, _SHOWN):
        place = breakdown.members(graph, timing)
        named = code(place) if place else ""
        yield f"{rank}.", escaped(timing.label), named, _spread(timing.seconds)


def _spread(seconds: Seconds) -> str:
    return f"{duration(seconds.median)} ({duration(seconds.low)} to {duration(seconds.high)})"
