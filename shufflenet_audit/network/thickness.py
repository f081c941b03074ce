"""How thick the feature map of each op is, relative to the input and output of its block."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from shufflenet_audit.network.blocks import Block
from shufflenet_audit.network.graph import CostGraph
from shufflenet_audit.network.kind import Kind
from shufflenet_audit.network.op import Op

_MIXING = (Kind.CONV, Kind.POINTWISE_CONV, Kind.GROUP_CONV, Kind.LINEAR)
"""Kinds that mix channels, and so can change their number."""


def thicknesses(graph: CostGraph) -> Iterator[tuple[Op, float]]:
    """
    Each op with the elements of its largest map, divided by those of its block's input or output.

    Of input and output the larger one counts. In a chain each layer is a block of its own; there
    the input is that of the last layer before it that mixes channels, and the output that of the
    first one after it. That is how an inverted bottleneck without a shortcut is recognized.
    """
    placed = list(_placed(graph))
    entering = _nearest((op, ends[0], branched) for op, ends, branched in placed)
    leaving = list(_nearest((op, ends[1], branched) for op, ends, branched in reversed(placed)))
    for (op, _, _), before, after in zip(placed, entering, reversed(leaving), strict=True):
        largest = max((tensor.elements for tensor in (*op.inputs, *op.outputs)), default=0)
        yield op, largest / max(before, after, 1)


def _placed(graph: CostGraph) -> Iterator[tuple[Op, tuple[int, int], bool]]:
    """Each op, elements that enter and leave its block, and whether that block has branches."""
    for block in graph.blocks():
        ops = [graph[name] for name in block.ops]
        ends = _ends(ops, block)
        yield from ((op, ends, block.branches > 1) for op in ops)


def _ends(ops: Sequence[Op], block: Block) -> tuple[int, int]:
    """Elements of the largest tensor that enters a block, and of all that leave it."""
    inside = set(block.ops)
    entering = (
        tensor.elements
        for op in ops
        for parent, tensor in zip(op.parents, op.inputs, strict=True)
        if parent not in inside
    )
    return max(entering, default=0), sum(tensor.elements for tensor in ops[-1].outputs)


def _nearest(placed: Iterable[tuple[Op, int, bool]]) -> Iterator[int]:
    """For each op its own size in a block with branches, else that of the last mixing op."""
    nearest = 0
    for op, size, branched in placed:
        yield size if branched else nearest or size
        if op.kind in _MIXING:
            nearest = size
