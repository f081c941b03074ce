"""What a network costs in total: sums over its ops."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from shufflenet_audit.network.op import Op
from shufflenet_audit.structure.hints import Count, Derived


@dataclass(frozen=True, slots=True)
class Totals:
    """What a network costs for one run on its example inputs: sums over the ops of known cost."""

    macs: Count
    """Multiply–accumulates of convolutions, linear layers and matrix products."""
    elementwise: Count
    """Operations beside them, such as bias, normalization, activation and pooling."""
    params: Count
    """Elements of the parameters of the model, each counted once."""
    reads: Count
    """Elements read, op by op as eager PyTorch runs them."""
    writes: Count
    """Elements written, op by op."""
    memory_access: Count
    """Elements read and written, op by op."""
    memory_access_fused: Count
    """Elements read and written in an inference runtime, after fusion."""
    bytes: Count
    """Bytes read and written, op by op."""
    bytes_fused: Count
    """Bytes read and written in an inference runtime, after fusion."""
    ops: Count
    """Number of ops, of known cost or not."""
    launches: Count
    """Number of ops that run a kernel: all but views."""
    unknown: Count
    """Number of ops of unknown cost. The sums are complete only if it is zero."""
    peak_memory: Count | None = None
    """Bytes of the most activations that are alive at once; None for a part of a network."""

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
    def intensity(self) -> Derived[float]:
        """Arithmetic intensity: multiply–accumulates per byte moved, op by op."""
        return self.macs / self.bytes if self.bytes else 0.0
