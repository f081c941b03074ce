"""A device: what an op costs on it, in seconds, as far as its shapes tell."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from shufflenet_audit.errors import FormatError
from shufflenet_audit.network.kind import CONVOLUTIONS, Kind
from shufflenet_audit.network.op import Op
from shufflenet_audit.network.timings import Roof

ANY = "*"
"""The rate of ops that have none of their own."""


@dataclass(frozen=True, slots=True)
class Rate:
    """
    Seconds that an op costs: once, for each multiply–add, and for each byte that it moves.

    `beyond` are pairs of a working set in bytes, and what each byte above it costs more: caches
    matter. An op with few multiply–adds for each byte waits for memory, and the other way round,
    but the two are added: nothing is known of how they overlap.
    """

    per_op: float = 0.0
    per_mac: float = 0.0
    per_byte: float = 0.0
    per_weight_byte: float = 0.0
    per_elementwise: float = 0.0
    beyond: tuple[tuple[int, float], ...] = ()

    def seconds(self, work: Work) -> float:
        """What an op of that much work costs."""
        linear = (
            self.per_op
            + work.macs * self.per_mac
            + work.activations * self.per_byte
            + work.weights * self.per_weight_byte
            + work.elementwise * self.per_elementwise
        )
        return linear + sum(max(work.activations - size, 0) * cost for size, cost in self.beyond)


@dataclass(frozen=True, slots=True)
class Work:
    """What an op does: multiply–adds, other operations, and bytes of activations and weights."""

    macs: int = 0
    activations: int = 0
    weights: int = 0
    elementwise: int = 0

    @classmethod
    def of(cls, op: Op, *, fused: bool) -> Work:
        """The work of a known op, alone or in an inference runtime."""
        moved = op.bytes_fused if fused else op.bytes
        weights = round(op.params * op.element_size) if op.kind in _WEIGHTED else 0
        return cls(op.macs, max(moved - weights, 0), weights, op.elementwise)


_WEIGHTED = CONVOLUTIONS | {Kind.LINEAR, Kind.NORMALIZATION}


@dataclass(frozen=True, slots=True)
class Device:
    """
    A device that times can be predicted for.

    `rates` are by the name of an op, by kind, or for any op ("*"). `fused` says that it runs
    networks as an inference runtime does. `macs_per_second` is the peak, `bandwidth` gives bytes
    per second by working set. `error` is the relative error of predicted totals, as seen on
    networks that were left out when the rates were fitted; None where nothing was measured.
    """

    name: str
    source: str
    measured: bool
    threads: int
    macs_per_second: float
    bandwidth: tuple[tuple[int, float], ...]
    rates: Mapping[str, Rate] = field(default_factory=dict)
    fused: bool = False
    error: float | None = None

    @property
    def roof(self) -> Roof | None:
        """What it does at best, None where one of both is not known."""
        fastest = max((rate for _, rate in self.bandwidth), default=0.0)
        known = self.macs_per_second > 0 and fastest > 0
        return Roof(self.macs_per_second, fastest) if known else None

    def rate(self, op: Op) -> Rate:
        """The rate that is closest to an op."""
        return closest(self.rates, op)

    def seconds(self, op: Op) -> float:
        """What a known op costs. Raises LookupError for an unknown one."""
        if self.fused and op.launched and not op.bytes_fused:
            return 0.0
        return self.rate(op).seconds(Work.of(op, fused=self.fused))


def closest(rates: Mapping[str, Rate], op: Op) -> Rate:
    """The rate of such ops, or else of their kind, or else of any."""
    names = (op.target, str(op.kind), ANY)
    return next((rates[name] for name in names if name in rates), Rate())


def to_json(device: Device) -> str:
    """The device as JSON text."""
    return json.dumps(asdict(device), indent=1) + "\n"


def from_json(text: str) -> Device:
    """The device that was saved as this text. Raises FormatError."""
    try:
        saved: dict[str, Any] = json.loads(text)
        rates = {name: _rate(rate) for name, rate in saved["rates"].items()}
        bandwidth = tuple((size, rate) for size, rate in saved["bandwidth"])
        return Device(**{**saved, "rates": rates, "bandwidth": bandwidth})
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        message = f"not a saved device: {error}; measure one with: audit devices measure"
        raise FormatError(message) from error


def _rate(saved: dict[str, Any]) -> Rate:
    beyond = tuple((size, cost) for size, cost in saved["beyond"])
    return Rate(**{**saved, "beyond": beyond})
