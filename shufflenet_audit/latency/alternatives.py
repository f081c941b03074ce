"""What an op of a finding could be instead, built so that both can be run side by side."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from math import sqrt
from typing import Any

import torch
from torch import nn

from shufflenet_audit.op import CONVOLUTIONS, Convolution, Kind, Op
from shufflenet_audit.result import Finding

Run = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Alternative:
    """The ops of a finding as they are, and what could run in their place; both can be called."""

    now: Run
    instead: Run


def alternative(finding: Finding) -> Alternative | None:
    """
    The alternative to the ops of a finding, with as many multiply–adds; None if none is known.

    A convolution gets equal widths, or loses its groups: whichever saves what the finding says.
    An op that computes nothing, or little for each element, is left out.
    """
    convolutions = [op for op in finding.ops if _replaceable(op)]
    if convolutions:
        pairs = [pair for op in convolutions if (pair := _replaced(op, finding)) is not None]
        return _together(pairs) if pairs else None
    runs = [run for op in finding.ops if (run := _alone(op)) is not None]
    if len(runs) < len(finding.ops):
        return None
    return Alternative(lambda: [run() for run in runs], lambda: None)


def _replaceable(op: Op) -> bool:
    shape = op.convolution
    return bool(
        shape
        and not shape.transposed
        and op.kind in CONVOLUTIONS - {Kind.DEPTHWISE_CONV}
        and len(shape.kernel) == len(op.inputs[0].shape) - 2
    )


def _replaced(op: Op, finding: Finding) -> Alternative | None:
    shape = op.convolution
    options = list(_options(shape)) if shape else []
    if shape is None or not options:
        return None
    share = finding.avoidable.memory_access / len(finding.ops)
    chosen = min(options, key=lambda each: abs(_moved(shape) - _moved(each) - share))
    return Alternative(_run(op, shape), _run(op, chosen))


def _options(shape: Convolution) -> Iterator[Convolution]:
    if shape.c_in != shape.c_out:
        width = max(round(sqrt(shape.c_in * shape.c_out) / shape.groups), 1) * shape.groups
        yield replace(shape, c_in=width, c_out=width)
    if shape.groups > 1:
        c_in, c_out = (round(width / sqrt(shape.groups)) for width in (shape.c_in, shape.c_out))
        yield replace(shape, c_in=c_in, c_out=c_out, groups=1)


def _moved(shape: Convolution) -> float:
    weights = shape.c_in * shape.c_out / shape.groups
    return shape.positions_in * shape.c_in + shape.positions * shape.c_out + weights


def _run(op: Op, shape: Convolution) -> Run:
    """A convolution of that shape on an input of the size that the op has."""
    batch, _, *size = op.inputs[0].shape
    kinds = {1: nn.Conv1d, 2: nn.Conv2d, 3: nn.Conv3d}
    padding = tuple(each // 2 for each in shape.kernel)
    conv: nn.Module = kinds[len(size)](
        shape.c_in,
        shape.c_out,
        shape.kernel,  # type: ignore[arg-type]  # as many numbers as the kind has dimensions
        stride=shape.stride or 1,  # type: ignore[arg-type]  # likewise
        padding=padding,  # type: ignore[arg-type]  # likewise
        groups=shape.groups,
        bias=False,
    )
    x = torch.rand(batch, shape.c_in, *size)
    return lambda: conv(x)


def _alone(op: Op) -> Run | None:
    """A light op on tensors of its shapes, as far as shapes tell what it does."""
    tensors = [torch.rand(each.shape) for each in op.inputs]
    if op.kind is Kind.SHUFFLE:
        swapped = tensors[0].transpose(1, 2).contiguous().transpose(1, 2)
        return swapped.clone
    function = _FUNCTIONS.get(op.target.split(".")[1].strip("_"))
    return None if function is None else lambda: function(tensors)


_FUNCTIONS: dict[str, Callable[[list[torch.Tensor]], Any]] = {
    "add": lambda tensors: tensors[0] + tensors[-1],
    "mul": lambda tensors: tensors[0] * tensors[-1],
    "relu": lambda tensors: torch.relu(tensors[0]),
    "hardtanh": lambda tensors: nn.functional.hardtanh(tensors[0], 0, 6),
    "silu": lambda tensors: nn.functional.silu(tensors[0]),
    "hardswish": lambda tensors: nn.functional.hardswish(tensors[0]),
    "gelu": lambda tensors: nn.functional.gelu(tensors[0]),
    "cat": lambda tensors: torch.cat(tensors, dim=1),
    "clone": lambda tensors: tensors[0].clone(),
}


def _together(pairs: list[Alternative]) -> Alternative:
    return Alternative(
        lambda: [pair.now() for pair in pairs], lambda: [pair.instead() for pair in pairs]
    )
