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
"""Kinds whose weights can absorb a scale and a shift per channel."""

FUSES_INTO = FOLDS_INTO | {
    Kind.MATMUL,
    Kind.ELEMENTWISE,
    Kind.NORMALIZATION,
    Kind.POOLING,
    Kind.REDUCTION,
}
"""Kinds whose kernel can also compute the element-wise op that follows it."""

_OUTSIDE = ""


def fused(ops: Sequence[Op], outputs: Iterable[str]) -> tuple[Op, ...]:
    """
    The same ops, each with `fused`: what it still moves in an inference runtime.

    An element-wise op, or a batch norm at inference, joins the op that produced its input if
    no other op reads that input. Tensors inside such a group are neither written nor read, and the
    parameters of a batch norm after a convolution or linear layer become part of its weights. The
    output of the group is written by its first op: a fused activation costs nothing. A result that
    no op reads, such as the indices that max pooling returns, is not written.
    """
    flow = _flow(ops, outputs)
    groups = _groups(ops, flow)
    return tuple(_left_over(ops, flow, groups))


@dataclass(frozen=True, slots=True)
class _Flow:
    """Which op writes each tensor, and which ops read it."""

    makers: dict[str, str]
    """For the name of an op, the op that wrote the memory of its output (views write none)."""
    readers: dict[str, set[str]]
    """For the name of an op, the ops that read what it wrote, itself or through views."""
    taken: dict[str, set[Tensor]]
    """For the name of an op, those of its outputs that another op or a view takes."""

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
    """Which ops run together as one kernel."""

    first: dict[str, Op]
    """For the name of an op, the first op of its group."""
    folded: set[str]
    """Names of the ops that became part of the weights of another."""


def _groups(ops: Sequence[Op], flow: _Flow) -> _Groups:
    """Which ops would run together as one kernel."""
    indexed = {op.name: (index, op) for index, op in enumerate(ops)}
    groups = _Groups({}, set())
    for op in ops:
        groups.first[op.name] = op
        if op.cost is None or not (op.kind is Kind.ELEMENTWISE or op.cost.foldable):
            continue
        maker = next(_joinable(op, flow, indexed), None)
        if maker:
            groups.first[op.name] = groups.first[maker.name]
            if op.cost.foldable and (maker.kind in FOLDS_INTO or maker.name in groups.folded):
                groups.folded.add(op.name)
    return groups


def _joinable(op: Op, flow: _Flow, indexed: dict[str, tuple[int, Op]]) -> Iterator[Op]:
    """
    The ops whose kernel could also compute this one, the latest first.

    No other op reads their output, and it has as many elements as this op's: an op that
    broadcasts a small tensor does not join the kernel that produced it.
    """
    makers = dict(
        indexed[maker]
        for maker, tensor in zip(map(flow.maker, op.parents), op.inputs, strict=True)
        if maker in indexed and tensor.elements == op.output.elements
    )
    for _, maker in sorted(makers.items(), key=itemgetter(0), reverse=True):
        if maker.kind in FUSES_INTO and flow.readers[maker.name] == {op.name}:
            yield maker


def _left_over(ops: Sequence[Op], flow: _Flow, groups: _Groups) -> Iterator[Op]:
    written = _written(ops, flow, groups)
    for op in ops:
        if op.cost is None or not op.launched:
            yield op
            continue
        reads, read_bytes = _reads_left(op, flow, groups)
        writes, written_bytes = written.get(op.name, (0, 0))
        yield replace(op, fused=Traffic(reads, writes, read_bytes + written_bytes))


def _written(ops: Sequence[Op], flow: _Flow, groups: _Groups) -> dict[str, tuple[int, int]]:
    """Elements and bytes that each group writes for others, by the name of its first op."""
    written: dict[str, tuple[int, int]] = {}
    for op in ops:
        if op.cost and op.launched and not _stays_inside(op, flow, groups):
            first = groups.first[op.name].name
            elements, nbytes = written.get(first, (0, 0))
            unread = _unread(op, flow)
            elements += op.cost.traffic.writes - sum(tensor.elements for tensor in unread)
            nbytes += _written_bytes(op) - sum(tensor.bytes for tensor in unread)
            written[first] = (elements, nbytes)
    return written


def _unread(op: Op, flow: _Flow) -> list[Tensor]:
    """Those of its outputs that no op reads; none if the network may return all of them."""
    if len(op.outputs) == 1 or _OUTSIDE in flow.readers[op.name] or not _writes_all(op):
        return []
    taken = flow.taken.get(op.name, set())
    return [tensor for tensor in op.outputs if tensor not in taken]


def _reads_left(op: Op, flow: _Flow, groups: _Groups) -> tuple[int, int]:
    """Elements and bytes that it still reads: not those that its own group produced."""
    if op.cost is None or op.name in groups.folded:
        return 0, 0
    inside, outside = _inputs(op, flow, groups)
    alone = op.cost.traffic
    # An input that is passed twice is read once: never subtract more than the others leave.
    most = alone.reads - sum(tensor.elements for tensor in outside)
    spared = min(sum(tensor.elements for tensor in inside), max(most, 0))
    spared_bytes = spared * inside[0].element_size if inside else 0
    read_bytes = alone.bytes - _written_bytes(op)
    return max(alone.reads - spared, 0), max(read_bytes - spared_bytes, 0)


def _written_bytes(op: Op) -> int:
    """Bytes that it writes: all of its outputs, or some elements of the first."""
    if _writes_all(op):
        return sum(tensor.bytes for tensor in op.outputs)
    return op.writes * op.output.element_size if op.outputs else 0


def _writes_all(op: Op) -> bool:
    return op.writes == sum(tensor.elements for tensor in op.outputs)


def _inputs(op: Op, flow: _Flow, groups: _Groups) -> tuple[list[Tensor], list[Tensor]]:
    """The inputs that its own group produced, and the others, each of them once."""
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
