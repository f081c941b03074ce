"""What the ops of a finding could be instead, built so that both can be run side by side."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from math import prod, sqrt

from shufflenet_audit.checking.finding import Finding
from shufflenet_audit.latency.whatif.programs import (
    NOTHING,
    Program,
    convolution,
    joined,
    light,
    linear,
    together,
)
from shufflenet_audit.network.cost import Convolution
from shufflenet_audit.network.kind import CONVOLUTIONS, Kind
from shufflenet_audit.network.op import Op

_DENSE = CONVOLUTIONS - {Kind.DEPTHWISE_CONV}


@dataclass(frozen=True, slots=True)
class Alternative:
    """The ops of a finding as they are, and what could run in their place."""

    now: Program
    instead: Program


def alternative(finding: Finding) -> Alternative | None:
    """
    The alternative to the ops of a finding; None if none is known.

    A convolution gets equal widths, or loses its groups, with as many multiply–adds: whichever
    saves what the finding says. A depthwise one gets so many channels fewer. Where only launches
    could be saved, there are fewer ops with as many multiply–adds. The sum of two maps becomes two
    halves, concatenated. Any other op that computes little is left out.
    """
    if finding.avoidable.launches and not finding.avoidable.memory_access:
        return _unfragmented(finding.ops)
    pairs = [_replaced(op, finding) for op in finding.ops]
    found = [pair for pair in pairs if pair]
    if not found or len(found) < len(pairs):
        return None
    return Alternative(
        together(pair.now for pair in found), together(pair.instead for pair in found)
    )


def _replaced(op: Op, finding: Finding) -> Alternative | None:
    if op.convolution:
        return _other_convolution(op, op.convolution, finding)
    now = light(op)
    if now is None:
        return None
    sizes = [each.shape for each in op.inputs]
    joins = len(set(op.parents)) > 1 and sizes.count(op.outputs[0].shape) > 1
    joins = joins and len(op.outputs[0].shape) > 1
    return Alternative(now, joined(op) if joins and op.kind is Kind.ELEMENTWISE else NOTHING)


def _other_convolution(op: Op, shape: Convolution, finding: Finding) -> Alternative | None:
    built = _builder(op, shape)
    if built is None:
        return None
    spared = finding.avoidable.memory_access / len(finding.ops)
    if op.kind is Kind.DEPTHWISE_CONV:
        options = [_thinner(shape, spared / op.memory_access)]
    else:
        options = list(_options(shape))
    if not options:
        return None
    chosen = min(options, key=lambda each: abs(_moved(shape) - _moved(each) - spared))
    return Alternative(built(shape), built(chosen))


def _builder(op: Op, shape: Convolution) -> Callable[[Convolution], Program] | None:
    """What builds such an op in a given shape; None where nothing here does."""
    if op.kind is Kind.LINEAR:
        return linear
    plain = len(shape.kernel) == len(op.inputs[0].shape) - 2
    if shape.transposed or not plain or op.kind not in CONVOLUTIONS:
        return None
    return partial(convolution, op)


def _thinner(shape: Convolution, spared: float) -> Convolution:
    """A depthwise convolution with that share of its channels fewer."""
    width = max(round(shape.c_in * (1 - spared)), 1)
    return replace(shape, c_in=width, c_out=width * (shape.c_out // shape.c_in), groups=width)


def _options(shape: Convolution) -> Iterator[Convolution]:
    if shape.c_in != shape.c_out:
        width = max(round(sqrt(shape.c_in * shape.c_out) / shape.groups), 1) * shape.groups
        yield replace(shape, c_in=width, c_out=width)
    if shape.groups > 1:
        yield _dense(shape)


def _dense(shape: Convolution) -> Convolution:
    """Without groups, and narrower, so that there are as many multiply–adds."""
    c_in, c_out = (max(round(c / sqrt(shape.groups)), 1) for c in (shape.c_in, shape.c_out))
    return replace(shape, c_in=c_in, c_out=c_out, groups=1)


def _moved(shape: Convolution) -> float:
    weights = shape.c_in * shape.c_out / shape.groups
    return shape.positions_in * shape.c_in + shape.positions * shape.c_out + weights


def _unfragmented(ops: Sequence[Op]) -> Alternative | None:
    """
    Fewer and larger ops.

    Group convolutions become dense, convolutions of the same input and kernel become one; where
    there are none of either, all become one dense convolution.
    """
    programs = [_own(op) for op in ops]
    now = [each for each in programs if each]
    if not ops or len(now) < len(ops):
        return None
    fewer = list(_fewer(ops))
    if not fewer:
        single = _single(ops)
        return None if single is None else Alternative(together(now), single)
    changed = {op.name for group, _ in fewer for op in group}
    kept = [own for op, own in zip(ops, now, strict=True) if op.name not in changed]
    return Alternative(together(now), together((*kept, *(program for _, program in fewer))))


def _own(op: Op) -> Program | None:
    shape = op.convolution
    if shape is None:
        return light(op)
    built = _builder(op, shape)
    return built(shape) if built else None


def _fewer(ops: Sequence[Op]) -> Iterator[tuple[Sequence[Op], Program]]:
    """Ops with what could run in their place."""
    siblings: dict[tuple[object, ...], list[tuple[Op, Convolution]]] = {}
    for op in ops:
        shape = op.convolution
        if shape and op.kind is Kind.GROUP_CONV:
            yield (op,), convolution(op, _dense(shape))
        elif shape and op.kind in _DENSE:
            siblings.setdefault((op.parents[:1], shape.kernel, shape.stride), []).append(
                (op, shape)
            )
    for alike in siblings.values():
        if len(alike) > 1:
            op, shape = alike[0]
            wide = replace(shape, c_out=sum(each.c_out for _, each in alike))
            yield [each for each, _ in alike], convolution(op, wide)


def _single(ops: Sequence[Op]) -> Program | None:
    """One dense convolution with the multiply–adds of all."""
    shaped = [(op, op.convolution) for op in ops if op.convolution]
    if len(shaped) < 2:  # noqa: PLR2004  (one is single already)
        return None
    op, last = shaped[-1]
    kernel = max((shape.kernel for _, shape in shaped), key=prod)
    per_width = last.positions * prod(kernel)
    width = max(round(sqrt(sum(each.macs for each, _ in shaped) / per_width)), 1)
    shape = replace(last, kernel=kernel, c_in=width, c_out=width, groups=1, stride=())
    return convolution(_of_size(op), shape)


def _of_size(op: Op) -> Op:
    """The op on an input of the size of what it makes."""
    return replace(op, inputs=op.outputs)
