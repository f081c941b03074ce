"""What an inference runtime moves: batch norm folded, element-wise ops fused."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from operator import itemgetter

from shufflenet_audit.network.cost import Traffic
from shufflenet_audit.network.kind import CONVOLUTIONS, Kind
from shufflenet_audit.network.op import Op
from shufflenet_audit.network.tensor import Tensor

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
    the group hands on is written by its first op: a fused activation costs nothing. A result that
    nobody reads, as the places of the maxima that pooling finds, is not written.
    """
    flow = _flow(ops, outputs)
    groups = _groups(ops, flow)
    return tuple(_left_over(ops, flow, groups))


@dataclass(frozen=True, slots=True)
class _Flow:
    """
    Who made the memory that each name stands for, and who reads what each op made.

    `taken` are those of its results that an op or a view of them is given.
    """

    makers: dict[str, str]
    readers: dict[str, set[str]]
    taken: dict[str, set[Tensor]]

    def maker(self, name: str) -> str:
        return self.makers.get(name, name)


def _flow(ops: Sequence[Op], outputs: Iterable[str]) -> _Flow:
    flow = _Flow({}, {op.name: set() for op in ops}, {})
    for op in ops:
        for parent, tensor in zip(op.parents, op.inputs, strict=True):
            flow.taken.setdefault(parent, set()).add(tensor)
        if op.launched or not op.parents:
            flow.makers[op.name] = op.name
            for parent in op.parents:
                flow.readers.setdefault(flow.maker(parent), set()).add(op.name)
        else:
            flow.makers[op.name] = flow.maker(op.parents[0])
    for name in outputs:
        flow.readers.setdefault(flow.maker(name), set()).add(_OUTSIDE)
    return flow


@dataclass(frozen=True, slots=True)
class _Groups:
    """The first op of each op's group, and which ops are part of the weights of another."""

    first: dict[str, Op]
    folded: set[str]


def _groups(ops: Sequence[Op], flow: _Flow) -> _Groups:
    """Which ops would run together as one kernel."""
    made = {op.name: (at, op) for at, op in enumerate(ops)}
    groups = _Groups({}, set())
    for op in ops:
        groups.first[op.name] = op
        if op.cost is None or not (op.kind is Kind.ELEMENTWISE or op.cost.foldable):
            continue
        maker = next(_joinable(op, flow, made), None)
        if maker:
            groups.first[op.name] = groups.first[maker.name]
            if op.cost.foldable and (maker.kind in FOLDS_INTO or maker.name in groups.folded):
                groups.folded.add(op.name)
    return groups


def _joinable(op: Op, flow: _Flow, made: dict[str, tuple[int, Op]]) -> Iterator[Op]:
    """
    The ops whose kernel could go on with this one, the latest first.

    Nobody else reads what they made, and all of it is there for the result: an op that spreads
    one number over many places is no part of the kernel that made the number.
    """
    makers = dict(
        made[maker]
        for maker, tensor in zip(map(flow.maker, op.parents), op.inputs, strict=True)
        if maker in made and tensor.elements == op.outputs[0].elements
    )
    for _, maker in sorted(makers.items(), key=itemgetter(0), reverse=True):
        if maker.kind in FUSES_INTO and flow.readers[maker.name] == {op.name}:
            yield maker


def _left_over(ops: Sequence[Op], flow: _Flow, groups: _Groups) -> Iterator[Op]:
    leaving = _written(ops, flow, groups)
    for op in ops:
        if op.cost is None or not op.launched:
            yield op
            continue
        reads, read_bytes = _reads_left(op, flow, groups)
        writes, written_bytes = leaving.get(op.name, (0, 0))
        yield replace(op, fused=Traffic(reads, writes, read_bytes + written_bytes))


def _written(ops: Sequence[Op], flow: _Flow, groups: _Groups) -> dict[str, tuple[int, int]]:
    """Elements and bytes that each group writes for others, by the name of its first op."""
    leaving: dict[str, tuple[int, int]] = {}
    for op in ops:
        if op.cost and op.launched and not _stays_inside(op, flow, groups):
            first = groups.first[op.name].name
            elements, nbytes = leaving.get(first, (0, 0))
            unread = _unread(op, flow)
            elements += op.cost.traffic.writes - sum(tensor.elements for tensor in unread)
            nbytes += _written_bytes(op) - sum(tensor.bytes for tensor in unread)
            leaving[first] = (elements, nbytes)
    return leaving


def _unread(op: Op, flow: _Flow) -> list[Tensor]:
    """Those of several results that no op reads; none where all of them may leave the network."""
    if len(op.outputs) == 1 or _OUTSIDE in flow.readers[op.name] or not _writes_all(op):
        return []
    taken = flow.taken.get(op.name, set())
    return [tensor for tensor in op.outputs if tensor not in taken]


def _reads_left(op: Op, flow: _Flow, groups: _Groups) -> tuple[int, int]:
    """Elements and bytes that the op must still read, when its own group has made some of them."""
    if op.cost is None or op.name in groups.folded:
        return 0, 0
    inside, outside = _inputs(op, flow, groups)
    alone = op.cost.traffic
    # An input that is given twice is read once, so no more is spared than the others leave.
    most = alone.reads - sum(tensor.elements for tensor in outside)
    spared = min(sum(tensor.elements for tensor in inside), max(most, 0))
    spared_bytes = spared * inside[0].element_size if inside else 0
    read_bytes = alone.bytes - _written_bytes(op)
    return max(alone.reads - spared, 0), max(read_bytes - spared_bytes, 0)


def _written_bytes(op: Op) -> int:
    """Bytes that the op writes: all of its outputs, or elements here and there in the first."""
    if _writes_all(op):
        return sum(tensor.bytes for tensor in op.outputs)
    return op.writes * op.outputs[0].element_size if op.outputs else 0


def _writes_all(op: Op) -> bool:
    return op.writes == sum(tensor.elements for tensor in op.outputs)


def _inputs(op: Op, flow: _Flow, groups: _Groups) -> tuple[list[Tensor], list[Tensor]]:
    """The inputs that its own group has made, and the others, each of them once."""
    inside, outside = [], {}
    for parent, tensor in zip(op.parents, op.inputs, strict=True):
        maker = flow.maker(parent)
        if maker != op.name and groups.first.get(maker) is groups.first[op.name]:
            inside.append(tensor)
        else:
            outside[parent, tensor] = tensor
    return inside, list(outside.values())


def _stays_inside(op: Op, flow: _Flow, groups: _Groups) -> bool:
    readers = flow.readers[op.name]
    return bool(readers) and all(
        reader != _OUTSIDE and groups.first[reader] is groups.first[op.name] for reader in readers
    )
