"""What the scripts of a comparison's page work with: the numbers of its charts, and its ops."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from shufflenet_audit.plugin import (
    BlockPart,
    Category,
    Change,
    Comparison,
    LatencyRow,
    OpPart,
    wording,
)

from .data import harmless

_COSTS = ("macs", "bytes", "bytes_fused")


def embedded(comparison: Comparison) -> str:
    """The data as JSON that can stand inside a `<script>`, whatever the models' names contain."""
    text = json.dumps(_data(comparison), separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c")


def _data(made: Comparison) -> dict[str, Any]:
    return {
        "models": [harmless(model.name) for model in made.models],
        "totals": [
            {
                "title": each.title,
                "ratios": each.ratios,
                "texts": list(map(wording.times, each.ratios)),
            }
            for each in made.totals
        ],
        "measures": list(_measures(made)),
        "kinds": list(_kinds(made)),
        "changes": [_change(change) for change in made.changes],
    }


def _measures(made: Comparison) -> Iterator[dict[str, Any]]:
    """The bars of the paper's Figure 2: for each model its amount in each of the categories."""
    for timed in made.latencies:
        how = "predicted" if timed.predicted else "measured"
        title = f"Time, {harmless(timed.backend)}, {how}"
        texts = [_told(timed, at) for at in range(len(made.models))]
        yield {"title": title, "unit": "s", "parts": list(_times(timed)), "texts": texts}
    amounts = {amount.name: amount for amount in made.totals}
    for title, name in (
        ("Memory, fused", "bytes_fused"),
        ("Memory, op by op", "bytes"),
        ("FLOPs", "macs"),
    ):
        parts = [_by_category(made, at, name) for at in range(len(made.models))]
        amount = amounts[name]
        ratios = ("", *(f", {wording.times(each)}" for each in amount.ratios))
        texts = [
            wording.quantity(value, amount.unit) + ratio
            for value, ratio in zip(amount.values, ratios, strict=True)
        ]
        yield {"title": title, "unit": amount.unit, "parts": parts, "texts": texts}


def _told(timed: LatencyRow, at: int) -> str:
    total = timed.totals[at]
    if total is None:
        return "unavailable"
    told = wording.faster(timed, at - 1) if at else ""
    return wording.time(total.median) + (f", {told}" if told.endswith("×") else "")


def _times(timed: LatencyRow) -> Iterator[list[float] | None]:
    """The uninstrumented time of each model, in the shares that its parts have."""
    for at, total in enumerate(timed.totals):
        parts = ((kind.category, kind.seconds[at] or 0.0) for kind in timed.kinds)
        sums = _summed(parts)
        whole = sum(sums) or 1.0
        yield None if total is None else [total.median * each / whole for each in sums]


def _by_category(made: Comparison, at: int, name: str) -> list[float]:
    return _summed((each.category, getattr(each.totals[at], name)) for each in made.kinds)


def _summed(parts: Iterable[tuple[Category, float]]) -> list[float]:
    sums = dict.fromkeys(Category, 0.0)
    for category, amount in parts:
        sums[category] += amount
    return list(sums.values())


def _kinds(made: Comparison) -> Iterator[dict[str, Any]]:
    times = made.latencies[0].kinds if made.latencies else ()
    seconds = {kind.kind: kind.seconds for kind in times}
    none = (0.0,) * len(made.models)
    for each in made.kinds:
        costs = {name: [getattr(part, name) for part in each.totals] for name in _COSTS}
        yield {"kind": each.kind, "seconds": seconds.pop(each.kind, none), **costs}
    for kind, spent in seconds.items():
        yield {"kind": kind, "seconds": spent, **dict.fromkeys(_COSTS, none)}


def _change(change: Change) -> dict[str, Any]:
    """The blocks with their costs, and in each of them the ops that are not the same."""
    ops: dict[int, list[list[Any]]] = {}
    for pair in change.ops:
        ops.setdefault(pair.block, []).append([pair.fate, _op(pair.first), _op(pair.second)])
    return {
        "blocks": [
            {"sides": [_block(pair.first), _block(pair.second)], "ops": ops.get(at, [])}
            for at, pair in enumerate(change.blocks)
        ]
    }


def _block(part: BlockPart | None) -> dict[str, Any] | None:
    if part is None:
        return None
    costs = {name: getattr(part.totals, name) for name in _COSTS}
    return {"name": harmless(part.name), "seconds": _first(part.seconds), **costs}


def _first(seconds: Sequence[float | None]) -> float | None:
    return seconds[0] if seconds else None


def _op(part: OpPart | None) -> list[Any] | None:
    if part is None:
        return None
    texts = (part.module, part.module_class, part.kind, part.shapes)
    return [*map(harmless, texts), part.macs, part.bytes, part.bytes_fused]
