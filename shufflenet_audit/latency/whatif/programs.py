"""Ops as programs of their own: real tensors of their shapes, and a call that runs them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn
from torch.nn import functional

from shufflenet_audit.network.cost import Convolution
from shufflenet_audit.network.kind import Kind
from shufflenet_audit.network.op import Op

Tensors = list[torch.Tensor]


@dataclass(frozen=True, slots=True)
class Program:
    """What is run, and the maps that the ops before it have just written in a network."""

    run: Callable[[], object]
    maps: tuple[torch.Tensor, ...] = ()

    def arrive(self) -> None:
        """Write the maps again, as the ops before it do: what fits is in the cache then."""
        for each in self.maps:
            each.mul_(1)


NOTHING = Program(lambda: None)


def together(programs: Iterable[Program]) -> Program:
    """Programs one after the other."""
    parts = tuple(programs)
    maps = tuple(each for part in parts for each in part.maps)
    return Program(lambda: [part.run() for part in parts], maps)


def convolution(op: Op, shape: Convolution) -> Program:
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
    return Program(lambda: conv(x), (x,))


def linear(shape: Convolution) -> Program:
    """A linear layer of that shape."""
    layer = nn.Linear(shape.c_in, shape.c_out, bias=False)
    x = torch.rand(shape.positions_in, shape.c_in)
    return Program(lambda: layer(x), (x,))


def light(op: Op) -> Program | None:
    """An op that computes little or nothing, as far as its shapes tell what it does."""
    maps = [torch.rand(each.shape) for each in op.inputs]
    if not maps:
        return None
    name = op.target.split(".")[1].strip("_")
    if name == "cat":
        return _concatenation(op, maps)
    if op.kind is Kind.SHUFFLE:
        swapped = maps[0].transpose(1, 2).contiguous().transpose(1, 2)
        return Program(swapped.clone, (swapped,))
    if op.kind is Kind.POOLING:
        return _pooling(op, maps[0])
    if op.kind is Kind.NORMALIZATION and "batch_norm" in op.target:
        return _batch_norm(maps[0])
    function = _FUNCTIONS.get(name)
    return None if function is None else Program(lambda: function(maps), tuple(maps))


def joined(op: Op) -> Program:
    """Two halves of what an op makes, concatenated: what a split of the channels needs."""
    batch, channels, *size = op.outputs[0].shape
    halves = [torch.rand(batch, c, *size) for c in (channels // 2, channels - channels // 2)]
    return Program(lambda: torch.cat(halves, dim=1), tuple(halves))


def _concatenation(op: Op, maps: Tensors) -> Program:
    """Along the dimension in which what it makes is larger."""
    sizes = zip(op.outputs[0].shape, maps[0].shape, strict=False)
    dim = next((at for at, (made, given) in enumerate(sizes) if made != given), 0)
    return Program(lambda: torch.cat(maps, dim=dim), tuple(maps))


def _pooling(op: Op, x: torch.Tensor) -> Program | None:
    """A pooling to maps of the size that the op makes."""
    size, pooled = op.inputs[0].shape[2:], op.outputs[0].shape[2:]
    if len(size) != 2 or len(pooled) != 2:  # noqa: PLR2004  (height and width)
        return None
    stride = tuple(-(-a // b) for a, b in zip(size, pooled, strict=True))
    pool = functional.max_pool2d if "max" in op.target else functional.avg_pool2d
    return Program(lambda: pool(x, 3, stride, padding=1), (x,))


def _batch_norm(x: torch.Tensor) -> Program:
    mean, variance = torch.zeros(x.shape[1]), torch.ones(x.shape[1])
    return Program(lambda: functional.batch_norm(x, mean, variance), (x,))


_FUNCTIONS: dict[str, Callable[[Tensors], Any]] = {
    "add": lambda maps: maps[0] + maps[-1],
    "sub": lambda maps: maps[0] - maps[-1],
    "mul": lambda maps: maps[0] * maps[-1],
    "div": lambda maps: maps[0] / maps[-1],
    "relu": lambda maps: torch.relu(maps[0]),
    "sigmoid": lambda maps: torch.sigmoid(maps[0]),
    "tanh": lambda maps: torch.tanh(maps[0]),
    "hardtanh": lambda maps: functional.hardtanh(maps[0], 0, 6),
    "silu": lambda maps: functional.silu(maps[0]),
    "hardswish": lambda maps: functional.hardswish(maps[0]),
    "hardsigmoid": lambda maps: functional.hardsigmoid(maps[0]),
    "leaky_relu": lambda maps: functional.leaky_relu(maps[0]),
    "gelu": lambda maps: functional.gelu(maps[0]),
    "native_layer_norm": lambda maps: functional.layer_norm(maps[0], maps[0].shape[-1:]),
    "clone": lambda maps: maps[0].clone(),
}
