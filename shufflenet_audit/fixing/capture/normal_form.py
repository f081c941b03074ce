"""
Ops that PyTorch took apart before they ran, put together again.

A trace sees a linear layer as view, transpose, product and view. Here it is one op again, so that
a rewrite has one form to look for, and a runtime gets the op that it knows.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
from torch.fx import Node
from torch.nn import functional

from shufflenet_audit.fixing.program import (
    VALUE,
    Program,
    args,
    calls,
    is_tensor,
    only_reader,
    shape,
)

aten = torch.ops.aten

VIEWS = (aten.view.default, aten._unsafe_view.default, aten.reshape.default)  # noqa: SLF001  (the name of the op)
_ITSELF = (aten.alias.default, aten.detach.default, aten.lift_fresh.default)
Rule = Callable[[Program, Node], None]
_SAME_SHAPE = (aten.reshape.default, aten.expand.default)


def make_normal(program: Program) -> None:
    """Put composite ops together, so that a program does not depend on how tensors are laid out."""
    _passes(program, _RULES, dict.fromkeys(VIEWS, _reshape), {aten.add.Tensor: _bias})


def drop_unchanged(program: Program) -> None:
    """Drop reshapes and expansions to the sizes that a tensor has, at any batch size."""
    _passes(program, dict.fromkeys(_SAME_SHAPE, _unchanged))


def _passes(program: Program, *passes: Mapping[Any, Rule]) -> None:
    for rules in passes:
        for node in program.nodes():
            rule = rules.get(node.target)
            if rule and calls(node, node.target):
                rule(program, node)
    program.touched.clear()


def _bias(program: Program, node: Node) -> None:
    """A linear layer adds its bias in an op of its own where its input is not contiguous."""
    total, bias = args(node)[:2]
    ours = calls(total, aten.linear.default) and only_reader(total) is node
    if not ours or node.kwargs or len(args(total)) > 2 or not is_tensor(bias):  # noqa: PLR2004  (input and weight)
        return
    if bias.op == "get_attr" and shape(bias) == shape(total)[-1:]:
        with program.before(node, [total]):
            new = program.call(aten.linear.default, *args(total), bias)
        program.replace(node, new)


def _unchanged(program: Program, node: Node) -> None:
    """A reshape or an expansion to the sizes that the tensor has."""
    if _keeps_shape(node):
        _itself(program, node)


def _keeps_shape(node: Node) -> bool:
    """At this batch size and at any: a size that is worked out in a run is one that changes."""
    x, sizes = args(node)[:2]
    return shape(node) == shape(x) and not any(isinstance(each, Node) for each in sizes)


def _reshape(program: Program, node: Node) -> None:
    """A reshape takes any layout, so a view, or a copy, before it has nothing to do."""
    node.target = aten.reshape.default
    x: Node = args(node)[0]
    if calls(x, aten.clone.default, aten.reshape.default):
        node.args = (args(x)[0], *args(node)[1:])
        program.drop(x)


def _itself(program: Program, node: Node) -> None:
    """An alias is what it is an alias of."""
    program.replace(node, args(node)[0])


def _batch_norm(program: Program, node: Node) -> None:
    x, weight, bias, mean, variance, training, momentum, eps = args(node)
    if not training and mean is not None:
        given = (x, weight, bias, mean, variance, False, momentum, eps, False)
        _first(program, node, _Op(aten.batch_norm.default, given))


def _layer_norm(program: Program, node: Node) -> None:
    _first(program, node, _Op(aten.layer_norm.default, tuple(args(node))))


def _group_norm(program: Program, node: Node) -> None:
    x, weight, bias, _, _, _, groups, eps = args(node)
    _first(program, node, _Op(aten.group_norm.default, (x, groups, weight, bias, eps)))


def _max_pool(program: Program, node: Node) -> None:
    _first(program, node, _Op(aten.max_pool2d.default, tuple(args(node))))


def _attention(program: Program, node: Node) -> None:
    query, key, value, *_ = args(node)
    causal = bool(args(node)[4]) if len(args(node)) > 4 else False  # noqa: PLR2004  (its position)
    kwargs = {
        "attn_mask": node.kwargs.get("attn_mask"),
        "is_causal": causal,
        "scale": node.kwargs.get("scale"),
    }
    attention = functional.scaled_dot_product_attention
    _first(program, node, _Op(attention, (query, key, value), kwargs))


@dataclass(frozen=True, slots=True)
class _Op:
    """An op, and what it is called with."""

    target: Any
    args: tuple[Any, ...]
    kwargs: Mapping[str, Any] = field(default_factory=dict)


def _first(program: Program, node: Node, op: _Op) -> None:
    """The op whose one result is the first result of this one, if nobody reads the others."""
    items = [user for user in node.users if user.target is operator.getitem]
    if len(items) != len(node.users) or any(item.args[1] != 0 for item in items):
        return
    for item in items:
        with program.before(item, [node]):
            new = program.call(op.target, *op.args, kwargs=op.kwargs)
        program.replace(item, new)


def _addmm(program: Program, node: Node) -> None:
    bias, x, weight = args(node)[:3]
    if not node.kwargs and len(shape(bias)) == 1:
        _linear(program, node, (x, weight, bias))


def _mm(program: Program, node: Node) -> None:
    _linear(program, node, (*args(node), None))


def _linear(program: Program, node: Node, given: tuple[Any, Any, Any]) -> None:
    """A product with a transposed weight; of what has more dimensions, between two views."""
    x, transposed, bias = given
    if not calls(transposed, aten.t.default):
        return
    weight = args(transposed)[0]
    last = node
    flat = x if calls(x, *VIEWS) else None
    after = only_reader(node)
    if flat is not None and after is not None and calls(after, *VIEWS):
        whole = args(flat)[0]
        if shape(whole)[:-1] == shape(after)[:-1] and shape(whole)[-1] == shape(x)[-1]:
            x, last = whole, after
            if calls(x, aten.clone.default) and only_reader(x) is flat:
                x = args(x)[0]
    with program.before(last, [node, transposed]):
        new = program.call(aten.linear.default, x, weight, *([bias] if bias is not None else []))
    program.replace(last, new)


def _bmm(program: Program, node: Node) -> None:
    """A batched product between views and expansions is the product of what these look at."""
    after = only_reader(node)
    if after is None or not calls(after, *VIEWS) or len(shape(after)) <= len(shape(node)):
        return
    factors = [_unfolded(each) for each in args(node)]
    made = shape(after)
    if any(shape(whole)[:-2] != made[:-2] for whole in factors) or any(
        shape(flat)[-2:] != shape(whole)[-2:]
        for flat, whole in zip(args(node), factors, strict=True)
    ):
        return
    left, right = (_unexpanded(each) for each in factors)
    with program.before(after, [node]):
        new = program.call(aten.matmul.default, left, right)
    program.replace(after, new)


def _unfolded(node: Any) -> Node:
    """What a matrix product was given, before its batch dimensions were made one."""
    whole: Node = node
    if calls(whole, *VIEWS):
        whole = args(whole)[0]
        if calls(whole, aten.clone.default):
            whole = args(whole)[0]
    return whole


def _unexpanded(node: Node) -> Node:
    """A matrix product expands its batch dimensions on its own."""
    if not calls(node, aten.expand.default):
        return node
    inner: Node = args(node)[0]
    return inner if shape(inner)[-2:] == shape(node)[-2:] else node


def _creation(program: Program, node: Node) -> None:
    """What takes only its type from a tensor does not depend on that tensor."""
    kwargs = {**node.kwargs, "dtype": node.meta[VALUE].dtype}
    with program.before(node, [node]):
        made = program.call(_CREATIONS[node.target], *args(node)[1:], kwargs=kwargs)
    program.replace(node, made)


_CREATIONS: Mapping[Any, Any] = {
    aten.new_zeros.default: aten.zeros.default,
    aten.new_ones.default: aten.ones.default,
    aten.new_full.default: aten.full.default,
}
_RULES: Mapping[Any, Rule] = {
    **dict.fromkeys(_ITSELF, _itself),
    aten.native_batch_norm.default: _batch_norm,
    aten.native_layer_norm.default: _layer_norm,
    aten.native_group_norm.default: _group_norm,
    aten.max_pool2d_with_indices.default: _max_pool,
    aten._scaled_dot_product_flash_attention_for_cpu.default: _attention,  # noqa: SLF001  (the name of the op)
    aten.addmm.default: _addmm,
    aten.mm.default: _mm,
    aten.bmm.default: _bmm,
    **dict.fromkeys(_CREATIONS, _creation),
}
