"""An activation written out by hand becomes the op that runtimes know."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any, Final

import torch
from torch.fx import Node

from shufflenet_audit.fixing.exact.scales import known
from shufflenet_audit.fixing.program import Program, calls, dtype, is_tensor, shape
from shufflenet_audit.fixing.rewrite import Match, Rewrite

aten = torch.ops.aten

_DEEPEST: Final = 12
"""Ops that an activation is written with at most: the tanh form of GELU takes eight."""
_AGREES: Final = 1e-9
"""Two ways to write a function differ by 1e-15; constants cut after ten digits by 1e-11."""

_SOME: Final = (1e-3, 0.01, 0.1, 0.2, 0.25, 0.3)
"""Slopes of leaky ReLU that are looked for."""
_KNOWN: Final[Sequence[tuple[str, Any, tuple[Any, ...], Mapping[str, Any]]]] = (
    ("relu", aten.relu.default, (), {}),
    ("SiLU", aten.silu.default, (), {}),
    ("hard-swish", aten.hardswish.default, (), {}),
    ("hard-sigmoid", aten.hardsigmoid.default, (), {}),
    ("GELU", aten.gelu.default, (), {}),
    ("GELU in its tanh form", aten.gelu.default, (), {"approximate": "tanh"}),
    ("mish", aten.mish.default, (), {}),
    ("ReLU6", aten.hardtanh.default, (0.0, 6.0), {}),
    *(("leaky ReLU", aten.leaky_relu.default, (slope,), {}) for slope in _SOME),
)

Function = Callable[[torch.Tensor], torch.Tensor]


def find(program: Program) -> Iterator[Match]:
    """X · sigmoid(x), x · relu6(x + 3) / 6, GELU from erf or tanh, mish, max(x, a x)."""
    chains = _Chains(program)
    for node in program.nodes():
        for x in chains.inputs(node):
            inner = _between(node, x)
            if inner and len(inner) > 1:
                found = _recognised(program, node, x, inner)
                if found:
                    yield found
                    break


class _Chains:
    """For each node, from what single tensors it is computed element by element."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._inputs: dict[Node, list[Node]] = {}

    def inputs(self, node: Node) -> list[Node]:
        """Those tensors, the farthest first."""
        if node not in self._inputs:
            self._inputs[node] = self._found(node)
        return self._inputs[node][::-1]

    def _found(self, node: Node) -> list[Node]:
        if not _is_pointwise(node):
            return []
        operands = [each for each in node.all_input_nodes if known(self._program, each) is None]
        if not operands or any(shape(each) != shape(node) for each in operands):
            return []
        lines = [[each, *self._inputs.get(each, [])] for each in operands]
        common = [each for each in lines[0] if all(each in line for line in lines[1:])]
        return common[:_DEEPEST]


def _is_pointwise(node: Node) -> bool:
    return (
        (
            torch.Tag.pointwise in getattr(node.target, "tags", ())
            or node.target in (aten.hardtanh.default, aten.hardswish.default, aten.softplus.default)
        )
        and calls(node, node.target)
        and is_tensor(node)
        and dtype(node).is_floating_point
    )


def _between(node: Node, x: Node) -> list[Node] | None:
    """The ops from one tensor to another in their order, if nobody else reads what they make."""
    inner: list[Node] = []
    waiting = [node]
    while waiting:
        current = waiting.pop()
        if current is x or current in inner or current.op != "call_function":
            continue
        if not _is_pointwise(current) or len(inner) > _DEEPEST:
            return None
        inner.append(current)
        waiting.extend(current.all_input_nodes)
    kept = set(inner)
    if any(user not in kept for each in inner if each is not node for user in each.users):
        return None
    return inner


def _recognised(program: Program, node: Node, x: Node, inner: Sequence[Node]) -> Match | None:
    values = _values(program, node, x)
    if values is None:
        return None
    for name, target, args, kwargs in _KNOWN:
        expected = _reference(name, args)
        if not _agree(values, expected):
            continue

        def apply(target: Any = target, args: Any = args, kwargs: Any = kwargs) -> None:
            with program.before(node, inner):
                new = program.call(target, x, *args, kwargs=kwargs)
            program.replace(node, new)

        sentence = f"{len(inner)} ops that compute {name} made one op"
        return Match((node, *(each for each in inner if each is not node)), sentence, apply)
    return None


@cache
def _places() -> torch.Tensor:
    """Numbers at which functions are compared: dense where activations bend, and far out."""
    dense = torch.linspace(-12, 12, 4801, dtype=torch.float64)
    far = torch.tensor([20.0, 50, 88, 100, 1e3, 1e4], dtype=torch.float64)
    return torch.cat((dense, far, -far))


@cache
def _reference(name: str, args: tuple[Any, ...]) -> torch.Tensor:
    target, rest, kwargs = next(
        (target, rest, kwargs)
        for each, target, rest, kwargs in _KNOWN
        if each == name and rest == args
    )
    result: torch.Tensor = target(_places(), *rest, **kwargs)
    return result


def _values(program: Program, node: Node, x: Node) -> torch.Tensor | None:
    """What the ops between make of those numbers; None if not all of their constants are known."""
    values: dict[Node, torch.Tensor] = {x: _places()}
    try:
        result = _value(program, node, values)
    except (LookupError, RuntimeError, TypeError):
        return None
    return result if result.shape == _places().shape else None


def _value(program: Program, each: Any, values: dict[Node, torch.Tensor]) -> Any:
    """What an argument is at those numbers. Raises LookupError for one that differs by place."""
    if not isinstance(each, Node):
        return each
    if each not in values:
        held = known(program, each)
        if held is None:
            target: Any = each.target
            given = [_value(program, argument, values) for argument in each.args]
            values[each] = target(*given, **each.kwargs)
        elif held.numel() == 1:
            values[each] = held.double().reshape(())
    return values[each]


def _agree(one: torch.Tensor, other: torch.Tensor) -> bool:
    apart = (one - other).abs()
    return bool((apart <= _AGREES * (1 + other.abs())).all())


REWRITE = Rewrite(
    "activation-op",
    "Both are functions of one number, and equal at 4,800 places between -12 and 12 and at far"
    " ones.",
    find,
)
