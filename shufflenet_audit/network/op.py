"""One op of a network: what it is, where it stands, what it costs."""

from __future__ import annotations

from dataclasses import dataclass

from shufflenet_audit.network.cost import (
    Convolution,
    Cost,
    Traffic,
)
from shufflenet_audit.network.kind import CONVOLUTIONS, Kind
from shufflenet_audit.network.tensor import Tensor


@dataclass(frozen=True, slots=True)
class Source:
    """A line of the user's code. The file is relative to the working folder where it can be."""

    file: str
    line: int
    text: str = ""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True)
class Op:
    """
    One node of the graph: one kernel as the framework runs it, or a view that runs none.

    `inputs` are the activations it reads, and `parents` names the op (or model input) that made
    each. `parameters` names the parameters it reads, `params` counts their elements. A `cost` of
    None means that nobody knows: it is not zero, and `error` says why where that is known. `fused`
    is what the op still moves in an inference runtime, see `network/fusion.py`. `source` is the
    line that runs it, `defined` the line that built the layer that it is.
    """

    name: str
    target: str
    module: str
    module_class: str
    source: Source | None
    inputs: tuple[Tensor, ...]
    outputs: tuple[Tensor, ...]
    parents: tuple[str, ...]
    parameters: tuple[str, ...]
    params: int
    cost: Cost | None
    fused: Traffic | None = None
    error: str = ""
    defined: Source | None = None

    @property
    def line(self) -> Source | None:
        """The line to change: the one that built its layer, or else the one that runs it."""
        return self.defined or self.source

    @property
    def kind(self) -> Kind:
        """What it is to the guidelines."""
        return self.cost.kind if self.cost else Kind.UNKNOWN

    @property
    def known(self) -> bool:
        """Whether its cost is known."""
        return self.cost is not None

    @property
    def launched(self) -> bool:
        """Whether running it starts a kernel: a view does not."""
        return self.kind is not Kind.VIEW

    @property
    def macs(self) -> int:
        """Multiply–accumulates. Raises LookupError for an unknown op, as all numbers here."""
        return self._known_cost.macs

    @property
    def elementwise(self) -> int:
        """Element-wise operations."""
        return self._known_cost.elementwise

    @property
    def reads(self) -> int:
        """Elements it reads: activations and weights, each once."""
        return self._known_cost.traffic.reads

    @property
    def writes(self) -> int:
        """Elements it writes."""
        return self._known_cost.traffic.writes

    @property
    def memory_access(self) -> int:
        """Elements it moves when it runs alone."""
        return self._known_cost.traffic.memory_access

    @property
    def memory_access_fused(self) -> int:
        """Elements it still moves in an inference runtime."""
        return (self.fused or self._known_cost.traffic).memory_access

    @property
    def bytes(self) -> int:
        """Bytes it moves when it runs alone."""
        return self._known_cost.traffic.bytes

    @property
    def bytes_fused(self) -> int:
        """Bytes it still moves in an inference runtime."""
        return (self.fused or self._known_cost.traffic).bytes

    @property
    def element_size(self) -> float:
        """Mean size in bytes of the elements that it moves."""
        return self.bytes / self.memory_access if self.memory_access else 0.0

    @property
    def intensity(self) -> float:
        """Arithmetic intensity: multiply–accumulates per byte moved."""
        return self.macs / self.bytes if self.bytes else 0.0

    @property
    def convolution(self) -> Convolution | None:
        """Widths and places, if it is a convolution or a linear layer."""
        return self.cost.convolution if self.cost else None

    @property
    def fragments(self) -> int:
        """Convolutions and poolings in it: a convolution with g groups is g, depthwise is one."""
        if self.kind is Kind.POOLING or self.kind is Kind.DEPTHWISE_CONV:
            return 1
        if self.kind in CONVOLUTIONS and self.convolution:
            return self.convolution.groups
        return 0

    @property
    def _known_cost(self) -> Cost:
        if self.cost is None:
            message = f"the cost of {self.name} ({self.target}) is not known"
            raise LookupError(message)
        return self.cost
