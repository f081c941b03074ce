"""The numbers of several audits side by side."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import reduce
from itertools import chain
from operator import add
from typing import Final

from shufflenet_audit.checking.finding import Avoidable
from shufflenet_audit.checking.guideline import Guideline, Unit
from shufflenet_audit.comparison.side import (
    Amount,
    Judged,
    Slice,
    Standing,
    Subject,
    Timed,
    TimedKind,
)
from shufflenet_audit.network.graph import CostGraph
from shufflenet_audit.network.kind import Kind
from shufflenet_audit.network.timings import Latency
from shufflenet_audit.network.totals import Totals
from shufflenet_audit.results.audit import Audit

Key = tuple[str, str, bool, int, tuple[tuple[str, str], ...]]
Latencies = tuple[Latency | None, ...]
_HOW: Final = ("batch", "dtype", "layout")
"""The settings that make two measurements comparable; the others are notes on them."""


def subjects(audits: Sequence[Audit]) -> Iterator[Subject]:
    """The models, each by a name of its own: a second one of the same name is numbered."""
    seen: dict[str, int] = {}
    for audit in audits:
        name = audit.model.name
        seen[name] = seen.get(name, 0) + 1
        yield Subject(
            name if seen[name] == 1 else f"{name} ({seen[name]})",
            audit.model.class_name,
            tuple(f"{given.name} {given.tensor}" for given in audit.graph.inputs),
            audit.model.assumptions,
            audit.graph.total.unknown,
            audit.tool,
        )


def totals(graphs: Sequence[CostGraph]) -> Iterator[Amount]:
    """What each network costs in all."""
    for name, title, unit, value in _AMOUNTS:
        yield Amount(name, title, unit, tuple(value(graph) for graph in graphs))


def _fused_intensity(graph: CostGraph) -> float:
    total = graph.total
    return total.macs / total.bytes_fused if total.bytes_fused else 0.0


_AMOUNTS: Final[tuple[tuple[str, str, str, Callable[[CostGraph], float]], ...]] = (
    ("params", "parameters", "", lambda graph: graph.total.params),
    ("macs", "FLOPs (multiply–adds)", "", lambda graph: graph.total.macs),
    ("elementwise", "element-wise operations", "", lambda graph: graph.total.elementwise),
    ("memory_access", "elements moved, op by op", "", lambda graph: graph.total.memory_access),
    ("memory_access_fused", "elements moved, fused", "",
     lambda graph: graph.total.memory_access_fused),
    ("bytes", "memory access, op by op", "B", lambda graph: graph.total.bytes),
    ("bytes_fused", "memory access, fused", "B", lambda graph: graph.total.bytes_fused),
    ("intensity", "FLOPs per byte, op by op", "per byte", lambda graph: graph.total.intensity),
    ("intensity_fused", "FLOPs per byte, fused", "per byte", _fused_intensity),
    ("ops", "ops", "", lambda graph: graph.total.ops),
    ("launches", "kernels", "", lambda graph: graph.total.launches),
    ("blocks", "blocks", "", lambda graph: len(graph.blocks())),
    ("fragments", "fragments", "",
     lambda graph: sum(block.fragments for block in graph.blocks())),
    ("most_fragments", "most fragments in a block", "",
     lambda graph: max((block.fragments for block in graph.blocks()), default=0)),
)  # fmt: skip


def guidelines(audits: Sequence[Audit]) -> Iterator[Judged]:
    """Every guideline that any of them was checked for, in the order of the first that was."""
    checked = [{each.code: each for each in audit.guidelines} for audit in audits]
    for code in dict.fromkeys(chain.from_iterable(checked)):
        found = [each.get(code) for each in checked]
        one = next(each for each in found if each)
        metric = next((each.metric for each in found if each and each.metric), None)
        meaning, unit = (metric.meaning, metric.unit) if metric else (one.summary, Unit.COUNT)
        yield Judged(code, one.name, meaning, unit, tuple(map(_standing, found)))


def _standing(guideline: Guideline | None) -> Standing | None:
    if guideline is None:
        return None
    return Standing(
        guideline.verdict,
        guideline.metric.value if guideline.metric else None,
        guideline.score,
        len(guideline.findings),
        reduce(add, (finding.avoidable for finding in guideline.findings), Avoidable()),
    )


def slices(graphs: Sequence[CostGraph]) -> tuple[Slice, ...]:
    """The kinds of op, the most memory access first."""
    parts = [graph.by_kind() for graph in graphs]
    none = Totals.of((), 0)
    kinds = dict.fromkeys(chain.from_iterable(parts))
    found = (
        Slice(kind, kind.category, tuple(part.get(kind, none) for part in parts)) for kind in kinds
    )
    return tuple(sorted(found, key=lambda each: -sum(part.bytes for part in each.totals)))


def shared(audits: Sequence[Audit]) -> dict[Key, Latencies]:
    """The latencies of each by backend, device and settings; the last of several alike counts."""
    timed = [{_key(latency): latency for latency in audit.latencies} for audit in audits]
    keys = dict.fromkeys(chain.from_iterable(timed))
    return {key: tuple(each.get(key) for each in timed) for key in keys}


def _key(latency: Latency) -> Key:
    settings = tuple(pair for pair in latency.settings if pair[0] in _HOW)
    return latency.backend, latency.device, latency.predicted, latency.threads, settings


def timed(key: Key, latencies: Sequence[Latency | None]) -> Timed:
    """The latencies of the same key, side by side."""
    seconds = [None if latency is None else _by_kind(latency) for latency in latencies]
    kinds = dict.fromkeys(kind for each in seconds if each for kind in each)
    parts = (TimedKind(kind, kind.category, tuple(_of(kind, seconds))) for kind in kinds)
    return Timed(
        *key,
        totals=tuple(None if latency is None else latency.total for latency in latencies),
        kinds=tuple(sorted(parts, key=lambda part: -sum(filter(None, part.seconds)))),
        notes=tuple(latency.notes if latency else () for latency in latencies),
    )


def _of(kind: Kind, seconds: Sequence[dict[Kind, float] | None]) -> Iterator[float | None]:
    for each in seconds:
        yield None if each is None else each.get(kind, 0.0)


def _by_kind(latency: Latency) -> dict[Kind, float]:
    found: dict[Kind, float] = {}
    for timing in latency.timings:
        found[timing.kind] = found.get(timing.kind, 0.0) + timing.seconds.median
    return found
