"""An op with what a convention needs to know of where it stands."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from shufflenet_audit.plugin import CostGraph, Kind, Op

from .fast_path import (
    fused_attention,
    fused_layers,
    inside,
)


@dataclass(frozen=True, slots=True)
class Place:
    """An op, and where it stands."""

    op: Op
    """The op."""
    batch: int
    """The first dimension of what its module gives."""
    leaf: bool
    """Whether no other module runs inside its own."""
    attention: bool
    """Whether PyTorch's fused kernel for multi-head attention would do its work."""
    layer: bool
    """Whether PyTorch's fused kernel for encoder layers would do its work."""

    @property
    def name(self) -> str:
        """What the op is called, without namespace, overload, and the mark of in-place."""
        return self.op.target.split(".")[1].removesuffix("_") if "." in self.op.target else ""

    def named(self, *names: str) -> bool:
        """Whether the op is called so."""
        return self.name in names

    @property
    def transposed(self) -> bool:
        """Whether it is a transposed convolution."""
        return bool(self.op.convolution and self.op.convolution.transposed)

    @property
    def own(self) -> bool:
        """Whether it reads a weight or bias that is not that of a module inside its own."""
        within = inside(self.op.module)
        return any(
            not ("." in name.removeprefix(within) and name.startswith(within))
            and (name.rpartition(".")[2] in {"weight", "bias"} or self.op.kind is Kind.RECURRENT)
            for name in self.op.parameters
        )

    @property
    def unequal(self) -> bool:
        """Whether it is a convolution with other widths in than out."""
        shape = self.op.convolution
        return shape is not None and shape.c_in != shape.c_out

    @property
    def groups(self) -> int:
        """Into how many groups its channels are divided, if it is a convolution."""
        return self.op.convolution.groups if self.op.convolution else 1

    @property
    def written(self) -> int:
        """Elements of its result."""
        return self.op.output.elements if self.op.outputs else 0

    @property
    def read(self) -> int:
        """Elements of the first activation that it reads."""
        return self.op.inputs[0].elements if self.op.inputs else 0

    def within(self, *classes: str) -> bool:
        """Whether its module is of one of these classes."""
        return self.op.module_class in classes


def places(graph: CostGraph) -> Iterator[Place]:
    """Each op whose cost is known, at its place."""
    attention = fused_attention(graph)
    layers = fused_layers(graph, attention)
    covered = tuple(map(inside, layers))
    parents = {above for op in graph for above in _above(op.module)}
    for module, run in groupby(graph, key=lambda op: op.module):
        ops = tuple(run)
        shape = ops[-1].output.shape if ops[-1].outputs else ()
        layer = module in layers or module.startswith(covered)
        for op in ops:
            if op.known:
                batch, leaf = shape[0] if shape else 1, module not in parents
                yield Place(op, batch, leaf, module in attention, layer)


def _above(module: str) -> Iterator[str]:
    """The modules around this one, by their paths."""
    while module:
        module = module.rpartition(".")[0]
        yield module
