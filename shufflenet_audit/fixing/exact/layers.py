"""Convolutions and linear layers with weights that are known, as data that can be changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch.fx import Node

from shufflenet_audit.fixing.program import Program, args, calls, shape

aten = torch.ops.aten


@dataclass(frozen=True, slots=True)
class Layer:
    """
    A convolution, or a linear layer: one that has no kernel.

    `weight` is (c_out, c_in / groups, *kernel); that of a transposed convolution (c_in,
    c_out / groups, *kernel).
    """

    node: Node
    """The node that runs it."""
    x: Node
    """The node whose output it reads."""
    weight: torch.Tensor
    """Its weight."""
    bias: torch.Tensor | None
    """Its bias; None if it has none."""
    name: str
    """The name of its weight."""
    stride: tuple[int, ...] = ()
    """Its stride; empty for a linear layer."""
    padding: tuple[int, ...] = ()
    """Its zero padding on each side."""
    dilation: tuple[int, ...] = ()
    """The distance of its taps."""
    transposed: bool = False
    """Whether it is a transposed convolution."""
    output_padding: tuple[int, ...] = ()
    """What a transposed convolution adds to its output."""
    groups: int = 1
    """In how many groups it runs."""

    @property
    def is_convolution(self) -> bool:
        """Whether it has a kernel, and its channels in dimension 1."""
        return self.weight.dim() > 2  # noqa: PLR2004  (c_out and c_in)

    @property
    def axis(self) -> int:
        """The dimension of its input and output that holds the channels."""
        return 1 if self.is_convolution else len(shape(self.node)) - 1

    @property
    def kernel(self) -> tuple[int, ...]:
        """The sizes of its kernel."""
        return tuple(self.weight.shape[2:])

    @property
    def c_in(self) -> int:
        """Channels that it reads."""
        return self.weight.shape[0] if self.transposed else self.weight.shape[1] * self.groups

    @property
    def c_out(self) -> int:
        """Channels that it makes."""
        return self.weight.shape[1] * self.groups if self.transposed else self.weight.shape[0]

    @property
    def form(self) -> tuple[Any, ...]:
        """What two layers have in common that can be one on the same input."""
        return (
            self.kernel, self.stride, self.padding, self.dilation, self.transposed,
            self.is_convolution,
        )  # fmt: skip

    def shift(self) -> torch.Tensor:
        """Its bias, or zeros."""
        return self.weight.new_zeros(self.c_out) if self.bias is None else self.bias


def layer(program: Program, node: Any) -> Layer | None:
    """The layer that a node is, if the program holds its weights."""
    if calls(node, aten.convolution.default):
        x, weight, bias, stride, padding, dilation, transposed, output_padding, groups = args(node)
        sizes = (tuple(stride), tuple(padding), tuple(dilation), transposed, tuple(output_padding))
        rank = len(shape(weight)) - 2
        if len(shape(x)) != rank + 2:
            return None
        rest: tuple[Any, ...] = (*(_as_many(each, rank) for each in sizes), groups)
    elif calls(node, aten.linear.default):
        x, weight, bias = (*args(node), None)[:3]
        rest = ()
    else:
        return None
    filters, shift = program.constant(weight), program.constant(bias)
    if filters is None or (bias is not None and shift is None) or filters.dim() < 2:  # noqa: PLR2004  (as above)
        return None
    return Layer(node, x, filters, shift, str(weight.target), *rest)


def made(program: Program, old: Layer, new: Layer) -> Node:
    """A call of the new layer; its tensors take the names of the old one's."""
    weight = old_or_held(program, old.weight, new.weight, (old, "weight"))
    bias = None
    if new.bias is not None:
        bias = old_or_held(program, old.bias, new.bias, (old, "bias"))
    if not new.is_convolution:
        return program.call(aten.linear.default, new.x, weight, *([] if bias is None else [bias]))
    return program.call(
        aten.convolution.default, new.x, weight, bias, list(new.stride), list(new.padding),
        list(new.dilation), new.transposed, list(new.output_padding), new.groups,
    )  # fmt: skip


def old_or_held(
    program: Program,
    old: torch.Tensor | None,
    new: torch.Tensor,
    owner: tuple[Layer, str],
) -> Node:
    """The node of the old tensor if the new one is the same, else a node of its own."""
    whose, which = owner
    node = args(whose.node)[1 if which == "weight" else 2] if old is not None else None
    if new is old and isinstance(node, Node):
        return node
    known = isinstance(node, Node) and which == "bias"
    name = str(args(whose.node)[2].target) if known else _sibling(whose.name, which)
    return program.hold(new, whose.name if which == "weight" else name)


def as_rows(vector: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
    """A number per filter, spread over the weights of the filter."""
    return vector.reshape(-1, *[1] * (weight.dim() - 1))


def _as_many(value: Any, rank: int) -> Any:
    """One number for each dimension where PyTorch takes one for all."""
    if isinstance(value, tuple) and len(value) == 1:
        return value * rank
    return value


def _sibling(weight: str, which: str) -> str:
    """The name of the bias beside a weight."""
    path, dot, _ = weight.rpartition(".")
    return f"{path}{dot}{which}"
