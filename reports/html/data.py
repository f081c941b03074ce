"""What the page's scripts work with: the audit in columns, every repeated text stored once."""

from __future__ import annotations

import json
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from shufflenet_audit.plugin import Audit, Kind, Latency, Op, printable

from .cards import Card
from .parts import parts

_NUMBERS: tuple[str, ...] = (
    "macs",
    "bytes",
    "bytes_fused",
)


def embedded(audit: Audit, cards: Sequence[Card]) -> str:
    """The data as JSON that can stand inside a `<script>`, whatever the model's names contain."""
    text = json.dumps(_data(audit, cards), separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c")


def harmless(text: str) -> str:
    """Text of any number of lines, without what would turn its direction or steer a terminal."""
    return "\n".join(printable(line.replace("\t", "    ")) for line in text.split("\n"))


@dataclass(slots=True)
class _Pool:
    """Values and the places at which they are stored, each once."""

    places: dict[Hashable, int] = field(default_factory=dict)

    def place(self, value: Hashable) -> int:
        return self.places.setdefault(value, len(self.places))


def _data(audit: Audit, cards: Sequence[Card]) -> dict[str, Any]:
    graph = audit.graph
    position = {op.name: at for at, op in enumerate(graph.ops)}
    return {
        "model": harmless(audit.model.name),
        "categories": {str(kind): str(kind.category) for kind in Kind},
        "codes": [guideline.code for guideline in audit.guidelines],
        "inputs": [[harmless(given.name), str(given.tensor)] for given in graph.inputs],
        "ops": _columns(graph.ops),
        "parents": _parents(audit, position),
        "parts": parts(graph),
        "findings": _findings(cards, position),
        "latencies": [_latency(latency, position) for latency in audit.latencies],
    }


def _columns(ops: Sequence[Op]) -> dict[str, Any]:
    """Columns of numbers, and pooled columns: the places, and the values that they point to."""
    numbers = {name: [_number(op, name) for op in ops] for name in _NUMBERS}
    return {
        "name": [harmless(op.name) for op in ops],
        **numbers,
        "params": [op.params for op in ops],
        "params_first": list(_params_first(ops)),
        "kind": _pooled(ops, lambda op: str(op.kind)),
        "target": _pooled(ops, lambda op: op.target),
        "module": _pooled(ops, lambda op: op.module),
        "module_class": _pooled(ops, lambda op: op.module_class),
        "source": _pooled(ops, lambda op: str(op.source) if op.source else ""),
        "code": _pooled(ops, lambda op: op.source.text.strip() if op.source else ""),
        "reads": _pooled(ops, lambda op: " ".join(map(str, op.inputs))),
        "makes": _pooled(ops, lambda op: " ".join(map(str, op.outputs))),
    }


def _number(op: Op, name: str) -> int | None:
    return getattr(op, name) if op.known else None


def _params_first(ops: Iterable[Op]) -> Iterator[int]:
    """Parameters where they are first read, so that a module's sum counts them once."""
    seen: set[str] = set()
    for op in ops:
        yield 0 if seen.issuperset(op.parameters) else op.params
        seen.update(op.parameters)


def _pooled(ops: Iterable[Op], value: Callable[[Op], str]) -> dict[str, Any]:
    pool = _Pool()
    places = [pool.place(harmless(value(op))) for op in ops]
    return {"values": list(pool.places), "at": places}


def _parents(audit: Audit, position: dict[str, int]) -> list[list[int]]:
    """For each op the positions of those that it reads; a model input is -1, -2, and so on."""
    given = {each.name: -1 - at for at, each in enumerate(audit.graph.inputs)}
    places = given | position
    return [
        list(dict.fromkeys(places[parent] for parent in op.parents if parent in places))
        for op in audit.graph.ops
    ]


def _findings(cards: Sequence[Card], position: dict[str, int]) -> list[dict[str, Any]]:
    return [
        {
            "fingerprint": fingerprint,
            "code": card.guideline.code,
            "message": harmless(finding.message),
            "ops": [position[op.name] for op in finding.ops],
        }
        for card in cards
        for fingerprint, finding in card.findings
    ]


def _roof(latency: Latency) -> dict[str, float] | None:
    if latency.roof is None:
        return None
    return {"peak": latency.roof.macs_per_second, "bandwidth": latency.roof.bytes_per_second}


def _latency(latency: Latency, position: dict[str, int]) -> dict[str, Any]:
    return {
        "backend": latency.backend,
        "device": latency.device,
        "predicted": latency.predicted,
        "roof": _roof(latency),
        "total": latency.total.median,
        "kernels": [
            {
                "ops": [position[name] for name in timing.ops if name in position],
                "label": harmless(timing.label),
                "kind": str(timing.kind),
                "seconds": timing.seconds.median,
            }
            for timing in latency.timings
        ],
    }
