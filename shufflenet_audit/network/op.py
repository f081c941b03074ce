"""One op of a network: what it is, where it stands, what it costs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from shufflenet_audit.network.cost import (
    Convolution,
    Cost,
    Traffic,
)
from shufflenet_audit.network.kind import CONVOLUTIONS, Category, Kind
from shufflenet_audit.network.tensor import Tensor
from shufflenet_audit.structure.hints import Count, Derived, DerivedIfKnown, Inline


@dataclass(frozen=True, slots=True)
class Source:
    """A line of the user's code. The file is relative to the working folder where it can be."""

    file: str
    """Path, relative to the working folder where it can be."""
    line: Count
    """Line number, from 1."""
    text: str = ""
    """The line itself."""

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
    """Unique name."""
    target: str
    """The operator that is called, as in `aten.convolution.default`."""
    module: str
    """Path of the module that runs it; empty for the model itself."""
    module_class: str
    """Class of that module."""
    source: Source | None
    """The user's line that runs it, where it is known."""
    inputs: tuple[Tensor, ...]
    """The activations that it reads."""
    outputs: tuple[Tensor, ...]
    """What it makes."""
    parents: tuple[str, ...]
    """For each input the op or model input that made it."""
    parameters: tuple[str, ...]
    """The parameters that it reads."""
    params: Count
    """Elements of these parameters."""
    cost: Annotated[Cost | None, Inline(unless="macs")]
    """What it costs; None where that is not known."""
    fused: Traffic | None = None
    """What it still moves in an inference runtime; None where that is the same or not known."""
    error: str = ""
    """Why its cost is not known, where the reason is known; else empty."""
    defined: Source | None = None
    """The user's line that built the layer that it is, where it is known."""

    @property
    def line(self) -> Source | None:
        """The line to change: the one that built its layer, or else the one that runs it."""
        return self.defined or self.source

    @property
    def kind(self) -> Kind:
        """What it is to the guidelines."""
        return self.cost.kind if self.cost else Kind.UNKNOWN

    @property
    def category(self) -> Derived[Category]:
        """The paper's time category."""
        return self.kind.category

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
    def memory_access(self) -> DerivedIfKnown[Count]:
        """Elements it moves when it runs alone."""
        return self._known_cost.traffic.memory_access

    @property
    def memory_access_fused(self) -> DerivedIfKnown[Count]:
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
    def intensity(self) -> DerivedIfKnown[float]:
        """Arithmetic intensity: multiply–accumulates per byte moved."""
        return self.macs / self.bytes if self.bytes else 0.0

    @property
    def convolution(self) -> Convolution | None:
        """Widths and places, if it is a convolution or a linear layer."""
        return self.cost.convolution if self.cost else None

    @property
    def foldable(self) -> bool:
        """Whether a runtime folds it into the weights of the convolution before it."""
        return self.cost.foldable if self.cost else False

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
