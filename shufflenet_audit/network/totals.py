"""What a network costs in all: sums over its ops."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from shufflenet_audit.network.op import Op


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums over the known ops. They are all of the network only when `unknown` is zero."""

    macs: int
    elementwise: int
    params: int
    reads: int
    writes: int
    memory_access: int
    memory_access_fused: int
    bytes: int
    bytes_fused: int
    ops: int
    launches: int
    unknown: int

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
    def intensity(self) -> float:
        """Multiply–accumulates per byte moved."""
        return self.macs / self.bytes if self.bytes else 0.0
