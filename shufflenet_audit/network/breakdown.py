"""Where the time of a network goes: by category, by kind, by module, by source line."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING

from shufflenet_audit.network.graph import CostGraph
from shufflenet_audit.network.kind import Category, Kind
from shufflenet_audit.network.timings import Latency, Timing
from shufflenet_audit.text import bar, duration

if TYPE_CHECKING:  # it takes half a second to import, and most uses do not need it
    import pandas as pd

_BAR = 30


@dataclass(frozen=True, slots=True)
class Part:
    """
    A part of the time of a network.

    `count` is the number of its kernels, `share` its share of the sum of all parts, `cumulative`
    that of it and of the parts before it. A part that is `within` another is no further time.
    """

    name: str
    count: int
    seconds: float
    share: float
    cumulative: float
    within: str = ""


def by_category(latency: Latency) -> tuple[Part, ...]:
    """The paper's five categories in its order; the depthwise part of Conv is named beside it."""
    parts = {part.name: part for part in _parts(latency, lambda timing: timing.kind.category)}
    whole = latency.sum_of_parts
    named = (parts.get(each, Part(each, 0, 0.0, 0.0, 0.0)) for each in Category)
    rows = []
    for part, reached in _running(named):
        share = reached / whole if whole else 0.0
        rows.append(Part(part.name, part.count, part.seconds, part.share, share))
        if part.name == Category.CONV:
            rows.extend(_depthwise(latency, share))
    return tuple(rows)


def by_kind(latency: Latency) -> tuple[Part, ...]:
    """The kinds of kernel, the longest time first."""
    return _parts(latency, lambda timing: timing.kind)


def by_module(graph: CostGraph, latency: Latency, depth: int = 1) -> tuple[Part, ...]:
    """
    The modules so many names deep in the model, the longest time first.

    A fused kernel counts for the module of its first op.
    """

    def module(timing: Timing) -> str:
        path = graph[timing.ops[0]].module.split(".")
        return ".".join(path[:depth]) or "(the model itself)"

    return _parts(latency, lambda timing: _placed(graph, timing, module))


def by_source(graph: CostGraph, latency: Latency) -> tuple[Part, ...]:
    """The lines of the user's code that build or run each op, the longest time first."""

    def place(timing: Timing) -> str:
        line = graph[timing.ops[0]].line
        return str(line) if line else "(no line of the user's code)"

    return _parts(latency, lambda timing: _placed(graph, timing, place))


def slowest(latency: Latency, limit: int = 10) -> tuple[tuple[int, Timing], ...]:
    """
    The slowest kernels, each with its rank.

    Those whose intervals overlap cannot be told apart: they share a rank.
    """
    ordered = sorted(latency.timings, key=lambda timing: -timing.seconds.median)
    ranked: list[tuple[int, Timing]] = []
    for at, timing in enumerate(ordered[:limit], 1):
        rank, first = ranked[-1] if ranked else (at, timing)
        leader = next((each for place, each in ranked if place == rank), first)
        tied = timing.seconds.high >= leader.seconds.low
        ranked.append((rank if tied else at, timing))
    return tuple(ranked)


def members(graph: CostGraph, timing: Timing) -> str:
    """Where a kernel comes from: its module, or the first and the last, as in `stem.conv–relu`."""
    ops = [graph[name] for name in timing.ops if name in graph]
    modules = list(dict.fromkeys(op.module for op in ops if op.module))
    if not modules:
        return ops[0].name if ops else ""
    first, last = modules[0], modules[-1]
    if timing.kind is Kind.VIEW and len(modules) > 1:
        return f"{len(modules)} modules"
    parent, _, end = last.rpartition(".")
    if first == last:
        return first
    return f"{first}–{end}" if first.rpartition(".")[0] == parent else f"{first} … {last}"


def frame(parts: Iterable[Part]) -> pd.DataFrame:
    """Parts as a table."""
    import pandas as pd  # noqa: PLC0415  (see the top)

    columns = ["name", "count", "seconds", "share", "cumulative", "within"]
    rows = ([getattr(part, name) for name in columns] for part in parts)
    return pd.DataFrame(rows, columns=columns)


def chart(parts: Iterable[Part]) -> str:
    """Parts as lines of text: name, bar, share, time. A part within another is indented."""
    shown = tuple(parts)
    names = [f"  {part.name}" if part.within else part.name for part in shown]
    width = max(map(len, names), default=0)
    return "\n".join(
        f"{name:<{width}}  {bar(part.share, _BAR):<{_BAR}} {part.share:>6.1%}"
        f"  {duration(part.seconds):>8}"
        for name, part in zip(names, shown, strict=True)
    )


def _parts(latency: Latency, name: Callable[[Timing], str]) -> tuple[Part, ...]:
    """The timings of the same name together, the longest first."""
    groups: dict[str, list[float]] = {}
    for timing in latency.timings:
        groups.setdefault(str(name(timing)), []).append(timing.seconds.median)
    whole = latency.sum_of_parts or 1.0
    totals = sorted(((key, len(all_), sum(all_)) for key, all_ in groups.items()), key=_longest)
    reached = accumulate(total for _, _, total in totals)
    return tuple(
        Part(key, count, total, total / whole, up_to / whole)
        for (key, count, total), up_to in zip(totals, reached, strict=True)
    )


def _longest(total: tuple[str, int, float]) -> tuple[float, str]:
    name, _, seconds = total
    return -seconds, name


def _running(parts: Iterable[Part]) -> Iterator[tuple[Part, float]]:
    """Each part with the seconds up to its end."""
    reached = 0.0
    for part in parts:
        reached += part.seconds
        yield part, reached


def _depthwise(latency: Latency, cumulative: float) -> Iterator[Part]:
    for part in by_kind(latency):
        if part.name == Kind.DEPTHWISE_CONV:
            share = part.share
            yield Part("depthwise", part.count, part.seconds, share, cumulative, Category.CONV)


def _placed(graph: CostGraph, timing: Timing, place: Callable[[Timing], str]) -> str:
    """Where a kernel belongs; views are many places, and what no op asked for is none."""
    if timing.kind is Kind.VIEW or not timing.ops or timing.ops[0] not in graph:
        return f"({timing.label})"
    return place(timing)
