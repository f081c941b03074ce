"""What an inference runtime moves: batch norm folded, element-wise ops fused."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from shufflenet_audit.op import CONVOLUTIONS, Kind, Op, Traffic

FOLDS_INTO = CONVOLUTIONS | {Kind.LINEAR}
"""Kinds whose weights take up a scale and a shift per channel."""

FUSES_INTO = FOLDS_INTO | {
    Kind.MATMUL,
    Kind.ELEMENTWISE,
    Kind.NORMALIZATION,
    Kind.POOLING,
    Kind.REDUCTION,
}
"""Kinds whose kernel can go on with the element-wise op that follows it."""

_OUTSIDE = ""


def fused(ops: Sequence[Op], outputs: Iterable[str]) -> tuple[Op, ...]:
    """
    The same ops, each with the traffic that is left to it in an inference runtime.

    An element-wise op, or a batch norm at inference, joins the op that made its input when nobody
    else reads that input. What passes inside such a group is neither written nor read, and the
    parameters of a batch norm behind a convolution or linear layer are part of its weights. What
    the group hands on is written by its first op: a fused activation costs nothing.
    """
    flow = _flow(ops, outputs)
    groups = _groups(ops, flow)
    return tuple(_left_over(ops, flow, groups))


@dataclass(frozen=True, slots=True)
class _Flow:
    """Who made the memory that each name stands for, and who reads what each op made."""

    makers: dict[str, str]
    readers: dict[str, set[str]]

    def maker(self, name: str) -> str:
        return self.makers.get(name, name)


def _flow(ops: Sequence[Op], outputs: Iterable[str]) -> _Flow:
    flow = _Flow({}, {op.name: set() for op in ops})
    for op in ops:
        if op.launched or not op.parents:
            flow.makers[op.name] = op.name
            for parent in op.parents:
                flow.readers.setdefault(flow.maker(parent), set()).add(op.name)
        else:
            flow.makers[op.name] = flow.maker(op.parents[0])
    for name in outputs:
        flow.readers.setdefault(flow.maker(name), set()).add(_OUTSIDE)
    return flow


def _groups(ops: Sequence[Op], flow: _Flow) -> dict[str, Op]:
    """For every op the first op of its group, in which it would run as part of one kernel."""
    position = {op.name: at for at, op in enumerate(ops)}
    groups: dict[str, Op] = {}
    for op in ops:
        groups[op.name] = op
        if op.cost is None or not (op.kind is Kind.ELEMENTWISE or op.cost.foldable):
            continue
        makers = (ops[position[m]] for m in map(flow.maker, op.parents) if m in position)
        joinable = [m for m in makers if m.kind in FUSES_INTO and flow.readers[m.name] == {op.name}]
        if joinable:
            latest = max(joinable, key=lambda maker: position[maker.name])
            groups[op.name] = groups[latest.name]
    return groups


def _left_over(ops: Sequence[Op], flow: _Flow, groups: dict[str, Op]) -> Iterator[Op]:
    leaving = _written(ops, flow, groups)
    for op in ops:
        if op.cost is None or not op.launched:
            yield op
            continue
        reads, read_bytes = _reads_left(op, flow, groups)
        writes, written_bytes = leaving.get(op.name, (0, 0))
        yield replace(op, fused=Traffic(reads, writes, read_bytes + written_bytes))


def _written(ops: Sequence[Op], flow: _Flow, groups: dict[str, Op]) -> dict[str, tuple[int, int]]:
    """Elements and bytes that each group writes for others, by the name of its first op."""
    leaving: dict[str, tuple[int, int]] = {}
    for op in ops:
        if op.cost and op.launched and not _stays_inside(op, flow, groups):
            first = groups[op.name].name
            elements, nbytes = leaving.get(first, (0, 0))
            written = sum(tensor.bytes for tensor in op.outputs)
            leaving[first] = (elements + op.cost.traffic.writes, nbytes + written)
    return leaving


def _reads_left(op: Op, flow: _Flow, groups: dict[str, Op]) -> tuple[int, int]:
    """Elements and bytes that the op must still read, when its own group has made some of them."""
    group = groups[op.name]
    if op.cost is None or (op.cost.foldable and group.kind in FOLDS_INTO):
        return 0, 0
    inside = {
        maker: tensor
        for maker, tensor in zip(map(flow.maker, op.parents), op.inputs, strict=True)
        if maker != op.name and groups.get(maker) is group
    }
    alone = op.cost.traffic
    spared = sum(tensor.elements for tensor in inside.values())
    spared_bytes = sum(tensor.bytes for tensor in inside.values())
    read_bytes = alone.bytes - sum(tensor.bytes for tensor in op.outputs)
    return max(alone.reads - spared, 0), max(read_bytes - spared_bytes, 0)


def _stays_inside(op: Op, flow: _Flow, groups: dict[str, Op]) -> bool:
    readers = flow.readers[op.name]
    return bool(readers) and all(
        reader != _OUTSIDE and groups[reader] is groups[op.name] for reader in readers
    )
