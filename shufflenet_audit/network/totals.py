"""What a network costs in all: sums over its ops."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from shufflenet_audit.network.op import Op
from shufflenet_audit.structure.hints import Count, Derived


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums over the known ops. They are all of the network only when `unknown` is zero."""

    macs: Count
    """
    Multiply–adds of convolutions, linear layers and matrix products: FLOPs in the sense of
    the paper.
    """
    elementwise: Count
    """Element-wise operations beside them."""
    params: Count
    """Elements of all parameters, each once."""
    reads: Count
    """Elements read, when each op runs alone."""
    writes: Count
    """Elements written, when each op runs alone."""
    memory_access: Count
    """Elements read and written, when each op runs alone."""
    memory_access_fused: Count
    """Elements read and written in an inference runtime."""
    bytes: Count
    """Bytes read and written, when each op runs alone."""
    bytes_fused: Count
    """Bytes read and written in an inference runtime."""
    ops: Count
    """All ops, unknown ones and views included."""
    launches: Count
    """Ops that start a kernel: all but views."""
    unknown: Count
    """Ops whose cost is not known."""
    peak_memory: Count | None = None
    """Bytes of the most activations that are alive at once; None for a part of a network."""

    @classmethod
    def of(cls, ops: Sequence[Op], params: int) -> Self:
        """The sums over these ops, of a model with so many parameters."""
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
        """Multiply–accumulates per byte moved."""
        return self.macs / self.bytes if self.bytes else 0.0
