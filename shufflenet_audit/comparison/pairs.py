"""The blocks and ops of two audits in pairs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from shufflenet_audit.comparison.alignment import aligned
from shufflenet_audit.comparison.change import (
    BlockPair,
    BlockPart,
    Change,
    OpPair,
    OpPart,
)
from shufflenet_audit.comparison.found import findings
from shufflenet_audit.network.op import Op
from shufflenet_audit.network.tensor import Tensor
from shufflenet_audit.network.timings import Latency
from shufflenet_audit.network.totals import Totals
from shufflenet_audit.results.audit import Audit

Times = Sequence[Latency | None]


@dataclass(frozen=True, slots=True)
class _Block:
    """A block with its ops, and by what it is known: its path, its kinds, its places."""

    part: BlockPart
    ops: tuple[Op, ...]
    path: str
    kinds: str
    places: str


def change(first: Audit, second: Audit, times: tuple[Times, Times]) -> Change:
    """What the second has and the first has not, and the other way round."""
    blocks = aligned(_blocks(first, times[0]), _blocks(second, times[1]), _BLOCK_KEYS)
    paired: list[BlockPair] = []
    ops: list[OpPair] = []
    corresponding: dict[str, str] = {}
    for at, (one, other) in enumerate(blocks):
        found = list(aligned(one.ops if one else (), other.ops if other else (), _OP_KEYS))
        corresponding |= {op.name: like.name for op, like in found if op and like}
        pairs = [_ops(at, *each) for each in found]
        different = [pair for pair in pairs if not _alike(pair)]
        same = len(pairs) - len(different)
        paired.append(BlockPair(one.part if one else None, other.part if other else None, same))
        ops.extend(different)
    return Change(
        blocks=tuple(paired),
        ops=tuple(ops),
        same=sum(pair.same for pair in paired),
        findings=tuple(findings(first, second, corresponding)),
    )


def _blocks(audit: Audit, times: Times) -> list[_Block]:
    """The blocks in the order in which they run; a parameter counts where it is first read."""
    seconds = [None if latency is None else _seconds(latency) for latency in times]
    seen: set[str] = set()
    found = []
    for block in audit.graph.blocks():
        ops = tuple(audit.graph[name] for name in block.ops)
        params = sum(op.params for op in ops if not seen.issuperset(op.parameters))
        seen.update(name for op in ops for name in op.parameters)
        output = ops[-1].outputs[0] if ops[-1].outputs else Tensor((), "")
        part = BlockPart(
            block.name,
            "×".join(map(str, output.shape)),
            block.branches,
            block.depth,
            block.fragments,
            Totals.of(ops, params),
            tuple(None if each is None else _summed(each, ops) for each in seconds),
        )
        launched = tuple(op for op in ops if op.launched)
        path = "" if block.name.startswith("block ") else block.name
        kinds = " ".join(op.kind for op in launched)
        found.append(_Block(part, launched, path, kinds, _places(output)))
    return found


def _seconds(latency: Latency) -> Mapping[str, float]:
    """The time of each op; that of a kernel is shared equally among the ops that it runs."""
    seconds: dict[str, float] = {}
    for timing in latency.timings:
        for name in timing.ops:
            share = timing.seconds.median / len(timing.ops)
            seconds[name] = seconds.get(name, 0.0) + share
    return seconds


def _summed(seconds: Mapping[str, float], ops: Iterable[Op]) -> float:
    return sum(seconds.get(op.name, 0.0) for op in ops)


def _places(output: Tensor) -> str:
    """How many places a map or a sequence has: what its channels are repeated over."""
    shape = output.shape
    return "×".join(map(str, shape[2:] if len(shape) > 3 else shape[1:-1]))  # noqa: PLR2004  (N, C, H, …)


_BLOCK_KEYS = (
    lambda block: (block.path, block.kinds, block.part.output),
    lambda block: (block.path, block.places),
    lambda block: (block.path,),
    lambda block: (block.places, block.kinds),
    lambda block: (block.places,),
)


def _ops(block: int, one: Op | None, other: Op | None) -> OpPair:
    return OpPair(_op(one) if one else None, _op(other) if other else None, block)


def _op(op: Op) -> OpPart:
    shapes = (" ".join(map(str, tensors)) for tensors in (op.inputs, op.outputs))
    return OpPart(
        op.module,
        op.module_class,
        op.kind,
        op.target,
        " → ".join(shapes),
        op.macs if op.known else None,
        op.bytes if op.known else None,
        op.bytes_fused if op.known else None,
    )


def _alike(pair: OpPair) -> bool:
    """Whether both do the same with the same shapes, wherever they stand."""
    if pair.first is None or pair.second is None:
        return False
    return replace(pair.first, module="", module_class="") == replace(
        pair.second, module="", module_class=""
    )


_OP_KEYS = (
    lambda op: (op.module, op.target, str(op.inputs), str(op.outputs)),
    lambda op: (op.module, op.target),
    lambda op: (op.kind, op.target, str(op.inputs), str(op.outputs)),
    lambda op: (op.kind, op.target),
)
