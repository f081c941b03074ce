"""What one op costs: multiply–accumulates, other operations, and elements moved."""

from __future__ import annotations

from dataclasses import dataclass

from shufflenet_audit.network.kind import Kind


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
