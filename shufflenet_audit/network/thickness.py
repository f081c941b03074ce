"""How thick the map under each op is, against what enters and what leaves the op's block."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from shufflenet_audit.network.blocks import Block
from shufflenet_audit.network.graph import CostGraph
from shufflenet_audit.network.kind import Kind
from shufflenet_audit.network.op import Op

_MIXING = (Kind.CONV, Kind.POINTWISE_CONV, Kind.GROUP_CONV, Kind.LINEAR)


def thicknesses(graph: CostGraph) -> Iterator[tuple[Op, float]]:
    """
    Each op, and the larger of its maps as a multiple of what enters or leaves its block.

    In a chain, where each layer is a block of its own, what counts is what enters the last layer
    before the op that mixes channels, and what leaves the first one behind it: that is how an
    inverted bottleneck without a shortcut shows.
    """
    placed = list(_placed(graph))
    entering = _nearest((op, ends[0], whole) for op, ends, whole in placed)
    leaving = list(_nearest((op, ends[1], whole) for op, ends, whole in reversed(placed)))
    for (op, _, _), first, last in zip(placed, entering, reversed(leaving), strict=True):
        widest = max((tensor.elements for tensor in (*op.inputs, *op.outputs)), default=0)
        yield op, widest / max(first, last, 1)


def _placed(graph: CostGraph) -> Iterator[tuple[Op, tuple[int, int], bool]]:
    """Each op, what enters and leaves its block, and whether that block has branches."""
    for block in graph.blocks():
        ops = [graph[name] for name in block.ops]
        ends = _ends(ops, block)
        yield from ((op, ends, block.branches > 1) for op in ops)


def _ends(ops: Sequence[Op], block: Block) -> tuple[int, int]:
    """Elements of the largest tensor that enters a block, and of what leaves it."""
    inside = set(block.ops)
    entering = (
        tensor.elements
        for op in ops
        for parent, tensor in zip(op.parents, op.inputs, strict=True)
        if parent not in inside
    )
    return max(entering, default=0), sum(tensor.elements for tensor in ops[-1].outputs)


def _nearest(placed: Iterable[tuple[Op, int, bool]]) -> Iterator[int]:
    """The size at the last op that mixes channels, or an op's own in a block with branches."""
    nearest = 0
    for op, size, whole in placed:
        yield size if whole else nearest or size
        if op.kind in _MIXING:
            nearest = size
