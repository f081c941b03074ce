"""What one op costs: multiply–accumulates, other operations, and elements moved."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from shufflenet_audit.network.kind import Kind
from shufflenet_audit.structure.hints import Count, Inline


@dataclass(frozen=True, slots=True)
class Convolution:
    """
    Widths and places of a convolution.

    A linear layer is one with a 1×1 kernel over its rows. `positions` and `positions_in` count
    the places of the output and of the input over which the filter runs, batch included.
    """

    c_in: Count
    """Channels in."""
    c_out: Count
    """Channels out."""
    kernel: tuple[int, ...]
    """Size of the kernel along each dimension."""
    stride: tuple[int, ...]
    """Stride along each dimension."""
    groups: Count
    """Groups; as many as `c_in` if it is depthwise."""
    positions: Count
    """Places of the output, batch included."""
    positions_in: Count
    """Places of the input, batch included."""
    transposed: bool = False
    """Whether it is a transposed convolution."""

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

    reads: Count
    """Elements read."""
    writes: Count
    """Elements written."""
    bytes: Count
    """Bytes that these elements fill."""

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
    """What the op is to the guidelines."""
    traffic: Annotated[Traffic, Inline()]
    """What it moves when it runs alone."""
    macs: Count = 0
    """
    Multiply–adds of convolutions, linear layers and matrix products: FLOPs in the sense of
    the paper. None where the cost is not known.
    """
    elementwise: Count = 0
    """
    Operations beside them: bias, normalisation, activation, pooling. None where the cost is
    not known.
    """
    convolution: Convolution | None = None
    """Widths and places, if it is a convolution or a linear layer."""
    foldable: bool = False
    """Whether a runtime folds it into the weights of the convolution before it."""
