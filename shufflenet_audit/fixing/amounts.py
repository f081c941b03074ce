"""What nodes of a program cost, asked of the same handlers as any audit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

import torch
from torch.fx import Node
from torch.utils._pytree import tree_leaves

from shufflenet_audit.costs.aten import HANDLERS
from shufflenet_audit.costs.handler import cost
from shufflenet_audit.fixing.fixed import Amounts
from shufflenet_audit.fixing.program import VALUE
from shufflenet_audit.network.call import Call, TensorSpec
from shufflenet_audit.network.cost import Cost, Traffic
from shufflenet_audit.network.kind import Kind
from shufflenet_audit.network.tensor import Tensor
from shufflenet_audit.tracing.meta.layout import layout_of, tensor_and_elements
from shufflenet_audit.tracing.op_schema import op_schema

_COMPOSITE: Final[Mapping[str, str]] = {
    "aten.batch_norm": "aten.batch_norm_inference",
    "aten.layer_norm": "aten.native_layer_norm",
    "aten.group_norm": "aten.native_group_norm",
    "aten.matmul": "aten.bmm",
}
"""What composite ops of a program run, by the names that the handlers know."""


def amounts(nodes: Iterable[Node]) -> Amounts:
    """What these nodes cost together. One whose cost nobody knows is left out."""
    known = [found for node in dict.fromkeys(nodes) if (found := _cost(node))]
    return Amounts(
        macs=sum(each.macs for each in known),
        memory_access=sum(each.traffic.memory_access for each in known),
        kernels=sum(each.kind is not Kind.VIEW for each in known),
    )


def _cost(node: Node) -> Cost | None:
    if node.op != "call_function" or not tree_leaves(node.meta.get(VALUE)):
        return None
    target: Any = node.target
    if not isinstance(target, torch._ops.OpOverload):  # noqa: SLF001  (its public name is none)
        op = "aten.scaled_dot_product_attention" if "attention" in str(target) else ""
        return cost(_call(node, op), HANDLERS) if op else None
    facts = op_schema(target)
    op = _COMPOSITE.get(facts.op, facts.op)
    if op == "aten.reshape":
        return _reshape(node)
    return cost(_call(node, op, is_view=facts.is_view, pointwise=facts.pointwise), HANDLERS)


def _reshape(node: Node) -> Cost | None:
    """A reshape is a view where the layout allows it, and a copy where not."""
    given: Any = node.args[0]
    x, made = given.meta[VALUE], node.meta[VALUE]
    try:
        x.view(made.shape)
    except RuntimeError:
        size = x.element_size()
        moved = Traffic(x.numel(), made.numel(), (x.numel() + made.numel()) * size)
        return Cost(Kind.DATA, moved)
    return None


def _call(node: Node, op: str, *, is_view: bool = False, pointwise: bool = False) -> Call:
    made = [each for each in tree_leaves(node.meta[VALUE]) if isinstance(each, torch.Tensor)]
    return Call(
        name=node.name,
        target=op,
        op=op,
        args=tuple(map(_seen, node.args)),
        outputs=tuple(map(_spec, made)),
        kwargs={name: _seen(value) for name, value in node.kwargs.items()},
        is_view=is_view,
        pointwise=pointwise,
    )


def _seen(argument: Any) -> Any:
    if isinstance(argument, Node):
        value = argument.meta[VALUE]
        if isinstance(value, torch.Tensor):
            parameters = (str(argument.target),) if argument.op == "get_attr" else ()
            return _spec(value, argument.name, parameters)
        return value
    if isinstance(argument, list | tuple):
        return tuple(map(_seen, argument))
    return argument


def _spec(value: torch.Tensor, origin: str = "", parameters: tuple[str, ...] = ()) -> TensorSpec:
    tensor, stored = tensor_and_elements(layout_of(value))
    return TensorSpec(Tensor(tensor.shape, tensor.dtype), stored, origin, parameters)
