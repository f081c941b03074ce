"""A device: how many seconds an op takes on it, computed from its shapes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from shufflenet_audit.network.graph import CostGraph
from shufflenet_audit.network.kind import CONVOLUTIONS, Kind
from shufflenet_audit.network.op import Op
from shufflenet_audit.network.timings import Roof, Seconds
from shufflenet_audit.structure import document
from shufflenet_audit.structure.document import Form

ANY = "*"
"""The name of the rate for ops without a rate of their own."""


@dataclass(frozen=True, slots=True)
class Rate:
    """
    Seconds that an op takes: a sum over its multiply–adds, its other operations and its bytes.

    On a real device arithmetic and memory access overlap. How much is not known, so they are added.
    """

    per_op: float = 0.0
    """Seconds to start it."""
    per_mac: float = 0.0
    """Seconds for each multiply–add."""
    per_byte: float = 0.0
    """Seconds for each byte of activations that it reads or writes."""
    per_weight_byte: float = 0.0
    """Seconds for each byte of its weights."""
    per_elementwise: float = 0.0
    """Seconds for each operation other than a multiply–add."""
    beyond: tuple[tuple[int, float], ...] = ()
    """Pairs of a size in bytes and the further seconds for each byte above it: caches matter."""

    def seconds(self, work: Work) -> float:
        """Seconds that an op with this work takes."""
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
    """What an op does, as far as its time depends on it."""

    macs: int = 0
    """Multiply–adds."""
    activations: int = 0
    """Bytes of activations that it reads or writes."""
    weights: int = 0
    """Bytes of its weights."""
    elementwise: int = 0
    """Operations other than multiply–adds."""

    @classmethod
    def of(cls, op: Op, *, fused: bool) -> Work:
        """The work of a known op, alone or in an inference runtime."""
        moved = op.bytes_fused if fused else op.bytes
        weights = round(op.params * op.element_size) if op.kind in _WEIGHTED else 0
        return cls(op.macs, max(moved - weights, 0), weights, op.elementwise)


_WEIGHTED = CONVOLUTIONS | {Kind.LINEAR, Kind.NORMALIZATION}


@dataclass(frozen=True, slots=True)
class Device:
    """A device that times can be predicted for."""

    name: str
    """What `--on` calls it."""
    source: str
    """Where its numbers come from."""
    measured: bool
    """Whether its rates were fitted to measured times, not taken from a data sheet."""
    threads: int
    """CPU threads that the rates are for."""
    macs_per_second: float
    """The most multiply–adds per second."""
    bandwidth: tuple[tuple[int, float], ...]
    """Pairs of a working set in bytes and the bytes per second moved in it."""
    rates: Mapping[str, Rate] = field(default_factory=dict)
    """The rates by function of an op, by kind, or for any op ("*")."""
    fused: bool = False
    """Whether it runs networks as an inference runtime does, with fused ops."""
    error: float | None = None
    """The relative error of predicted totals, on networks left out of the fit; None if unknown."""

    @property
    def roof(self) -> Roof | None:
        """Its peak rates; None where one of the two is not known."""
        fastest = max((rate for _, rate in self.bandwidth), default=0.0)
        known = self.macs_per_second > 0 and fastest > 0
        return Roof(self.macs_per_second, fastest) if known else None

    def rate(self, op: Op) -> Rate:
        """The most specific rate for an op."""
        return closest(self.rates, op)

    def seconds(self, op: Op) -> float:
        """Seconds that a known op takes. Raises LookupError for an unknown one."""
        if self.fused and op.launched and not op.bytes_fused:
            return 0.0
        return self.rate(op).seconds(Work.of(op, fused=self.fused))

    def predict(self, network: CostGraph) -> Seconds:
        """The time of a network: the sum of its ops."""
        launched = sum(self.seconds(op) for op in network.known if op.launched)
        views = sum(self.seconds(op) for op in network.known if not op.launched)
        return self.likely(launched + views)

    def likely(self, seconds: float) -> Seconds:
        """A predicted time, and how far off such predictions were."""
        error = self.error or 0.0
        return Seconds(seconds, seconds * (1 - error), seconds * (1 + error))


def closest(rates: Mapping[str, Rate], op: Op) -> Rate:
    """The rate of the op's function, or else of its kind, or else of any op."""
    names = (op.target, str(op.kind), ANY)
    return next((rates[name] for name in names if name in rates), Rate())


_FORM: Final = Form(called="device", cure="measure one with: audit devices measure")


def to_json(device: Device) -> str:
    """The device as JSON text."""
    return document.written(device, _FORM)


def from_json(text: str) -> Device:
    """The device that was saved as this text. Raises FormatError."""
    return document.read(Device, text, _FORM)
