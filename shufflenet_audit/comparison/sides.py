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
    GuidelineResult,
    GuidelineRow,
    KindRow,
    LatencyRow,
    Subject,
    TimedKind,
)
from shufflenet_audit.network.graph import CostGraph
from shufflenet_audit.network.kind import Kind
from shufflenet_audit.network.timings import Latency
from shufflenet_audit.network.totals import Totals
from shufflenet_audit.results.audit import Audit

Key = tuple[str, str, bool, int, tuple[tuple[str, str], ...]]
Latencies = tuple[Latency | None, ...]
_SETTINGS: Final = ("batch", "dtype", "layout")
"""The settings in which two measurements must agree to be compared."""


def subjects(audits: Sequence[Audit]) -> Iterator[Subject]:
    """The models, each with its own name: a second one of the same name gets a number."""
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
    """The costs of each network as a whole."""
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


def guidelines(audits: Sequence[Audit]) -> Iterator[GuidelineRow]:
    """Every guideline that at least one of the audits was checked for, in the first's order."""
    checked = [{guideline.code: guideline for guideline in audit.guidelines} for audit in audits]
    for code in dict.fromkeys(chain.from_iterable(checked)):
        row = [guidelines.get(code) for guidelines in checked]
        one = next(filter(None, row))
        metric = next((found.metric for found in row if found and found.metric), None)
        meaning, unit = (metric.meaning, metric.unit) if metric else (one.summary, Unit.COUNT)
        yield GuidelineRow(code, one.name, meaning, unit, tuple(map(_result, row)))


def _result(guideline: Guideline | None) -> GuidelineResult | None:
    if guideline is None:
        return None
    return GuidelineResult(
        guideline.verdict,
        guideline.metric.value if guideline.metric else None,
        guideline.score,
        len(guideline.findings),
        reduce(add, (finding.avoidable for finding in guideline.findings), Avoidable()),
    )


def kinds(graphs: Sequence[CostGraph]) -> tuple[KindRow, ...]:
    """The kinds of op, the most memory access first."""
    totals_of = [graph.by_kind() for graph in graphs]
    none = Totals.of((), 0)
    rows = (
        KindRow(kind, kind.category, tuple(totals.get(kind, none) for totals in totals_of))
        for kind in dict.fromkeys(chain.from_iterable(totals_of))
    )
    return tuple(sorted(rows, key=lambda row: -sum(total.bytes for total in row.totals)))


def shared(audits: Sequence[Audit]) -> dict[Key, Latencies]:
    """The latencies by backend, device and settings; of several with the same, the last counts."""
    timed = [{_key(latency): latency for latency in audit.latencies} for audit in audits]
    keys = dict.fromkeys(chain.from_iterable(timed))
    return {key: tuple(latencies.get(key) for latencies in timed) for key in keys}


def _key(latency: Latency) -> Key:
    settings = tuple(pair for pair in latency.settings if pair[0] in _SETTINGS)
    return latency.backend, latency.device, latency.predicted, latency.threads, settings


def latency_row(key: Key, latencies: Sequence[Latency | None]) -> LatencyRow:
    """The latencies of the same key, side by side."""
    seconds = [None if latency is None else _by_kind(latency) for latency in latencies]
    kinds = dict.fromkeys(kind for model in seconds if model for kind in model)
    rows = (TimedKind(kind, kind.category, tuple(_of(kind, seconds))) for kind in kinds)
    return LatencyRow(
        *key,
        totals=tuple(None if latency is None else latency.total for latency in latencies),
        kinds=tuple(sorted(rows, key=lambda row: -sum(filter(None, row.seconds)))),
        notes=tuple(latency.notes if latency else () for latency in latencies),
    )


def _of(kind: Kind, seconds: Sequence[dict[Kind, float] | None]) -> Iterator[float | None]:
    for model in seconds:
        yield None if model is None else model.get(kind, 0.0)


def _by_kind(latency: Latency) -> dict[Kind, float]:
    seconds: dict[Kind, float] = {}
    for timing in latency.timings:
        seconds[timing.kind] = seconds.get(timing.kind, 0.0) + timing.seconds.median
    return seconds
