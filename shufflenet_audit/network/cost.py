"""What one op costs: multiply–accumulates, other operations, and elements moved."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from shufflenet_audit.network.kind import Kind
from shufflenet_audit.structure.hints import Count, Inline


@dataclass(frozen=True, slots=True)
class Convolution:
    """The shape of a convolution. A linear layer is one with a 1×1 kernel over its rows."""

    c_in: Count
    """Input channels."""
    c_out: Count
    """Output channels."""
    kernel: tuple[int, ...]
    """Size of the kernel along each spatial dimension."""
    stride: tuple[int, ...]
    """Stride along each spatial dimension; empty if it is not known."""
    groups: Count
    """Number of groups; as many as input channels if it is depthwise."""
    positions: Count
    """Positions of the output, batch included: elements per output channel."""
    positions_in: Count
    """Positions of the input, batch included: elements per input channel."""
    transposed: bool = False
    """Whether it is a transposed convolution."""

    @property
    def pointwise(self) -> bool:
        """Whether the kernel is 1×1, grouped or not."""
        return set(self.kernel) <= {1} and not self.depthwise

    @property
    def depthwise(self) -> bool:
        """Whether each input channel is a group of its own."""
        return self.groups > 1 and self.groups == self.c_in


@dataclass(frozen=True, slots=True)
class Traffic:
    """What is read from memory and written to it."""

    reads: Count
    """Elements read: activations and weights."""
    writes: Count
    """Elements written."""
    bytes: Count
    """Bytes read and written together."""

    @property
    def memory_access(self) -> int:
        """Elements read and written: the paper's MAC (memory access cost)."""
        return self.reads + self.writes


@dataclass(frozen=True, slots=True)
class Cost:
    """What one op costs."""

    kind: Kind
    """What the op is to the guidelines."""
    traffic: Annotated[Traffic, Inline()]
    """What it moves when it runs alone, as in eager PyTorch."""
    macs: Count = 0
    """Multiply–accumulates of convolutions, linear layers and matrix products, nothing else."""
    elementwise: Count = 0
    """Operations beside them: bias, normalization, activation, pooling."""
    convolution: Convolution | None = None
    """Its shape, if it is a convolution or a linear layer."""
    foldable: bool = False
    """Whether it is a fixed scale and shift per channel (batch norm at inference), which a
    runtime folds into the weights of the convolution before it."""
