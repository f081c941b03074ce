"""What a network costs in total: sums over its ops."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from shufflenet_audit.network.op import Op


@dataclass(frozen=True, slots=True)
class Totals:
    """What a network costs for one run on its example inputs: sums over the ops of known cost."""

    macs: int
    """Multiply–accumulates of convolutions, linear layers and matrix products."""
    elementwise: int
    """Operations beside them, such as bias, normalization, activation and pooling."""
    params: int
    """Elements of the parameters of the model, each counted once."""
    reads: int
    """Elements read, op by op as eager PyTorch runs them."""
    writes: int
    """Elements written, op by op."""
    memory_access: int
    """Elements read and written, op by op."""
    memory_access_fused: int
    """Elements read and written in an inference runtime, after fusion."""
    bytes: int
    """Bytes read and written, op by op."""
    bytes_fused: int
    """Bytes read and written in an inference runtime, after fusion."""
    ops: int
    """Number of ops, of known cost or not."""
    launches: int
    """Number of ops that run a kernel: all but views."""
    unknown: int
    """Number of ops of unknown cost. The sums are complete only if it is zero."""

    @classmethod
    def of(cls, ops: Sequence[Op], params: int) -> Self:
        """The sums over these ops of a model with that many elements in its parameters."""
        known = tuple(op for op in ops if op.known)
        return cls(
            macs=sum(op.macs for op in known),
            elementwise=sum(op.elementwise for op in known),
            params=params,
            reads=sum(op.reads for op in known),
            writes=sum(op.writes for op in known),
            memory_access=sum(op.memory_access for op in known),
            memory_access_fused=sum(op.memory_access_fused for op in known),
            bytes=sum(op.bytes for op in known),
            bytes_fused=sum(op.bytes_fused for op in known),
            ops=len(ops),
            launches=sum(op.launched for op in ops),
            unknown=len(ops) - len(known),
        )

    @property
    def intensity(self) -> float:
        """Arithmetic intensity: multiply–accumulates per byte moved, op by op."""
        return self.macs / self.bytes if self.bytes else 0.0
