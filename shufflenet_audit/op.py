"""One op of a network: what it is, where it stands, what it costs."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from math import prod


class Category(StrEnum):
    """A slice of Figure 2 of the ShuffleNet V2 paper: where run time goes."""

    CONV = "Conv"
    ELEMWISE = "Elemwise"
    DATA = "Data"
    SHUFFLE = "Shuffle"
    OTHER = "Other"


class Kind(StrEnum):
    """What an op is to the guidelines."""

    CONV = "conv"
    POINTWISE_CONV = "pointwise_conv"
    GROUP_CONV = "group_conv"
    DEPTHWISE_CONV = "depthwise_conv"
    LINEAR = "linear"
    MATMUL = "matmul"
    ATTENTION = "attention"
    RECURRENT = "recurrent"
    ELEMENTWISE = "elementwise"
    NORMALIZATION = "normalization"
    SOFTMAX = "softmax"
    POOLING = "pooling"
    REDUCTION = "reduction"
    RESAMPLING = "resampling"
    DATA = "data"
    SHUFFLE = "shuffle"
    EMBEDDING = "embedding"
    CREATION = "creation"
    OTHER = "other"
    VIEW = "view"
    UNKNOWN = "unknown"

    @property
    def category(self) -> Category:
        """The paper's time category. Depthwise convolutions are in Conv, linear layers in Other."""
        return _CATEGORIES.get(self, Category.OTHER)


CONVOLUTIONS = frozenset({Kind.CONV, Kind.POINTWISE_CONV, Kind.GROUP_CONV, Kind.DEPTHWISE_CONV})
_CATEGORIES = dict.fromkeys(CONVOLUTIONS, Category.CONV) | {
    Kind.ELEMENTWISE: Category.ELEMWISE,
    Kind.NORMALIZATION: Category.ELEMWISE,
    Kind.DATA: Category.DATA,
    Kind.EMBEDDING: Category.DATA,
    Kind.CREATION: Category.DATA,
    Kind.SHUFFLE: Category.SHUFFLE,
}

_BITS = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Tensor:
    """Shape and element type of a tensor, without its values."""

    shape: tuple[int, ...]
    dtype: str

    @property
    def elements(self) -> int:
        """How many elements it has."""
        return prod(self.shape)

    @property
    def element_size(self) -> int:
        """Bytes of one element."""
        return _element_size(self.dtype)

    @property
    def bytes(self) -> int:
        """Bytes that its elements fill."""
        return self.elements * self.element_size

    def __str__(self) -> str:
        return f"{self.dtype}[{'×'.join(map(str, self.shape))}]"


@lru_cache(maxsize=64)
def _element_size(dtype: str) -> int:
    """Bytes by the width in the name; a dtype without one (bool) fills one byte."""
    bits = _BITS.search(dtype)
    return max(int(bits.group()) // 8, 1) if bits else 1


@dataclass(frozen=True, slots=True)
class Source:
    """A line of the user's code. The file is relative to the working folder where it can be."""

    file: str
    line: int
    text: str = ""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True)
class Convolution:
    """
    Widths and places of a convolution.

    A linear layer is one with a 1×1 kernel over its rows. `positions` and `positions_in` count
    the places of the output and of the input over which the filter runs, batch included.
    """

    c_in: int
    c_out: int
    kernel: tuple[int, ...]
    stride: tuple[int, ...]
    groups: int
    positions: int
    positions_in: int
    transposed: bool = False

    @property
    def pointwise(self) -> bool:
        """Whether the kernel is 1×1, grouped or not."""
        return set(self.kernel) <= {1} and not self.depthwise

    @property
    def depthwise(self) -> bool:
        """Whether every input channel is a group of its own."""
        return self.groups > 1 and self.groups == self.c_in


@dataclass(frozen=True, slots=True)
class Traffic:
    """Elements read and written, and the bytes that they fill."""

    reads: int
    writes: int
    bytes: int

    @property
    def memory_access(self) -> int:
        """Elements moved: the paper's MAC (memory access cost)."""
        return self.reads + self.writes


@dataclass(frozen=True, slots=True)
class Cost:
    """
    What one op costs.

    `macs` counts multiply–accumulates of convolutions, linear layers and matrix products, and of
    nothing else. `elementwise` counts the operations beside them: bias, normalisation,
    activation, pooling. `traffic` is what the op moves when it runs alone, as in eager PyTorch.
    A `foldable` op is a fixed scale and shift per channel (batch norm at inference): a runtime
    folds it into the weights of the convolution before it.
    """

    kind: Kind
    traffic: Traffic
    macs: int = 0
    elementwise: int = 0
    convolution: Convolution | None = None
    foldable: bool = False


@dataclass(frozen=True, slots=True)
class Op:
    """
    One node of the graph: one kernel as the framework runs it, or a view that runs none.

    `inputs` are the activations it reads, and `parents` names the op (or model input) that made
    each. `parameters` names the parameters it reads, `params` counts their elements. A `cost` of
    None means that nobody knows: it is not zero, and `error` says why where that is known. `fused`
    is what the op still moves in an inference runtime, see `shufflenet_audit.fusion`.
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
