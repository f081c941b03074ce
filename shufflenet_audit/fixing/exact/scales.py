"""Ops that scale and shift each channel by numbers that are known, as batch norm does."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch.fx import Node

from shufflenet_audit.fixing.program import VALUE, Program, args, calls, dtype, shape

aten = torch.ops.aten

VIEWS_OF_CONSTANTS = (
    aten.reshape.default, aten.unsqueeze.default, aten.squeeze.dim, aten.permute.default,
    aten.transpose.int, aten.t.default, aten.expand.default, aten.select.int, aten.slice.Tensor,
    aten._to_copy.default,  # noqa: SLF001  (the name of the op)
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Scaled:
    """`x · scale + shift`; both are tensors that broadcast to x, of as many dimensions."""

    node: Node
    """The node that has the result."""
    x: Node
    """What is scaled."""
    scale: torch.Tensor
    """The factor."""
    shift: torch.Tensor
    """What is added."""

    @property
    def axis(self) -> int | None:
        """The one dimension along which the numbers differ; None where they are the same."""
        axes = self._axes
        return axes[0] if axes else None

    @property
    def is_per_channel(self) -> bool:
        """Whether they differ along one dimension at most."""
        return len(self._axes) <= 1

    @property
    def _axes(self) -> list[int]:
        sizes = torch.broadcast_shapes(self.scale.shape, self.shift.shape)
        return [at for at, size in enumerate(sizes) if size != 1]

    def vectors(self, width: int) -> tuple[torch.Tensor, torch.Tensor]:
        """Scale and shift as one number for each of so many channels."""
        one = torch.ones(width, dtype=self.scale.dtype)
        return self.scale.flatten() * one, self.shift.flatten() * one


def scaled(program: Program, node: Any) -> Scaled | None:
    """What a node scales and shifts, and by what, if it does that and the program holds it."""
    rule = _RULES.get(node.target) if isinstance(node, Node) else None
    if rule is None or not calls(node, node.target) or not dtype(node).is_floating_point:
        return None
    found = rule(program, node)
    if found is None:
        return None
    x, scale, shift = found
    if shape(x) != shape(node) or dtype(x) != dtype(node):
        return None
    rank = len(shape(node))
    numbers = [_of_rank(each, rank, x) for each in (scale, shift)]
    return Scaled(node, x, *numbers)


def known(program: Program, node: Any) -> torch.Tensor | None:
    """The number or tensor that an argument is, if it does not depend on the inputs."""
    if isinstance(node, int | float) and not isinstance(node, bool):
        return torch.tensor(node, dtype=torch.float64)
    held = program.constant(node)
    if held is not None or not calls(node, *VIEWS_OF_CONSTANTS):
        return held
    inner = known(program, args(node)[0])
    if inner is None or any(isinstance(each, Node) for each in _flat(args(node)[1:])):
        return None
    result: torch.Tensor = node.target(inner, *args(node)[1:], **node.kwargs)
    return result


def _flat(arguments: Any) -> list[Any]:
    if isinstance(arguments, list | tuple):
        return [leaf for each in arguments for leaf in _flat(each)]
    return [arguments]


def _of_rank(numbers: torch.Tensor, rank: int, x: Node) -> torch.Tensor:
    kind = x.meta[VALUE].dtype
    return numbers.to(kind).reshape(*[1] * (rank - numbers.dim()), *numbers.shape)


_Found = tuple[Node, torch.Tensor, torch.Tensor] | None
_ZERO, _ONE = torch.tensor(0.0, dtype=torch.float64), torch.tensor(1.0, dtype=torch.float64)


def _batch_norm(program: Program, node: Node) -> _Found:
    x, *numbers = args(node)[:5]
    if len(shape(x)) < 2:  # noqa: PLR2004  (batch and channels)
        return None
    weight, bias, mean, variance = (known(program, each) for each in numbers)
    affine = zip(numbers, (weight, bias), strict=False)
    missing = any(each is not None and found is None for each, found in affine)
    if args(node)[5] or mean is None or variance is None or missing:
        return None
    scale = torch.rsqrt(variance + args(node)[7])
    scale = scale if weight is None else scale * weight
    shift = -mean * scale if bias is None else bias - mean * scale
    ranks = (-1, *[1] * (len(shape(x)) - 2))
    return x, scale.reshape(ranks), shift.reshape(ranks)


def _times(program: Program, node: Node) -> _Found:
    x, number = _sides(program, node)
    return None if number is None else (x, number, _ZERO)


def _over(program: Program, node: Node) -> _Found:
    number = known(program, args(node)[1])
    if number is None or not number.is_floating_point() or (number == 0).any():
        return None
    return args(node)[0], 1 / number, _ZERO


def _plus(program: Program, node: Node) -> _Found:
    x, number = _sides(program, node)
    if number is None or node.kwargs.get("alpha", 1) != 1:
        return None
    return x, _ONE, number


def _minus(program: Program, node: Node) -> _Found:
    if node.kwargs.get("alpha", 1) != 1:
        return None
    number = known(program, args(node)[1])
    if number is not None and isinstance(args(node)[0], Node):
        return args(node)[0], _ONE, -number
    number = known(program, args(node)[0])
    return None if number is None else (args(node)[1], -_ONE, number)


def _negative(program: Program, node: Node) -> _Found:  # noqa: ARG001  (all rules take both)
    return args(node)[0], -_ONE, _ZERO


def _reverse(program: Program, node: Node) -> _Found:
    number = known(program, args(node)[1])
    if number is None or node.kwargs or len(args(node)) > 2:  # noqa: PLR2004  (alpha)
        return None
    return args(node)[0], -_ONE, number


def _sides(program: Program, node: Node) -> tuple[Any, torch.Tensor | None]:
    """The operand that depends on the inputs, and the number that is the other."""
    left, right = args(node)[:2]
    number = known(program, right)
    if number is not None:
        return (left, number) if isinstance(left, Node) else (None, None)
    return right, known(program, left)


_RULES: Mapping[Any, Callable[[Program, Node], _Found]] = {
    aten.batch_norm.default: _batch_norm,
    aten.mul.Tensor: _times,
    aten.mul.Scalar: _times,
    aten.div.Tensor: _over,
    aten.div.Scalar: _over,
    aten.add.Tensor: _plus,
    aten.add.Scalar: _plus,
    aten.sub.Tensor: _minus,
    aten.sub.Scalar: _minus,
    aten.rsub.Scalar: _reverse,
    aten.neg.default: _negative,
}
