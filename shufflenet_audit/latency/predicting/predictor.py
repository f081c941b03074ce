"""What times can be predicted for: a device of a few rates, whatever it is made from."""

from __future__ import annotations

from typing import Protocol

from shufflenet_audit.latency.predicting.device import Rate
from shufflenet_audit.network.graph import CostGraph
from shufflenet_audit.network.op import Op
from shufflenet_audit.network.timings import Roof, Seconds


class Predictor(Protocol):
    """A device: a data sheet, this machine as measured, or one fitted to timings of networks."""

    @property
    def name(self) -> str:
        """What it is called."""

    @property
    def source(self) -> str:
        """Where what is known of it comes from, in a sentence."""

    @property
    def measured(self) -> bool:
        """Whether anything was timed on it."""

    @property
    def threads(self) -> int:
        """Threads that run an op."""

    @property
    def fused(self) -> bool:
        """Whether it runs networks as an inference runtime does."""

    @property
    def error(self) -> float | None:
        """Relative error of predicted totals on networks left out; None where it is unknown."""

    @property
    def roof(self) -> Roof | None:
        """What it does at best; None where that is unknown."""

    def rate(self, op: Op) -> Rate:
        """What each multiply–add and byte of an op costs."""

    def seconds(self, op: Op) -> float:
        """What a known op takes. Raises LookupError for an unknown one."""

    def predict(self, network: CostGraph) -> Seconds:
        """The time of a network, with its interval."""

    def likely(self, seconds: float) -> Seconds:
        """A part of a predicted time, with an interval as wide as predictions are off."""
