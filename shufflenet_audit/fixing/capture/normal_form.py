"""
Ops that PyTorch took apart before they ran, put together again.

A trace sees a linear layer as view, transpose, product and view. Here it is one op again, so that
a rewrite has one form to look for, and a runtime gets the op that it knows.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch.fx import Node
from torch.nn import functional

from shufflenet_audit.fixing.program import VALUE, Program, calls, only_reader, shape

aten = torch.ops.aten

VIEWS = (aten.view.default, aten._unsafe_view.default, aten.reshape.default)  # noqa: SLF001  (the name of the op)
_ITSELF = (aten.alias.default, aten.detach.default, aten.lift_fresh.default)
_SAME_SHAPE = (aten.reshape.default, aten.expand.default)


def make_normal(program: Program) -> None:
    """Put composite ops together, one pass over the graph."""
    for node in program.nodes():
        rule = _RULES.get(node.target)
        if rule and calls(node, node.target):
            rule(program, node)
    for node in program.nodes():
        if calls(node, *VIEWS):
            _reshape(program, node)
    for node in program.nodes():
        if calls(node, *_SAME_SHAPE) and shape(node) == shape(node.args[0]):  # type: ignore[arg-type]  # a tensor
            program.replace(node, node.args[0])  # type: ignore[arg-type]  # likewise
    program.touched.clear()


def _reshape(program: Program, node: Node) -> None:
    """A reshape takes any layout, so a view, or a copy, before it has nothing to do."""
    node.target = aten.reshape.default
    x: Node = node.args[0]  # type: ignore[assignment]  # a tensor
    if calls(x, aten.clone.default, aten.reshape.default):
        node.args = (x.args[0], *node.args[1:])
        program.drop(x)


def _itself(program: Program, node: Node) -> None:
    """An alias is what it is an alias of."""
    program.replace(node, node.args[0])  # type: ignore[arg-type]  # a tensor


def _batch_norm(program: Program, node: Node) -> None:
    x, weight, bias, mean, variance, training, momentum, eps = node.args
    if not training and mean is not None:
        args = (x, weight, bias, mean, variance, False, momentum, eps, False)
        _first(program, node, aten.batch_norm.default, args)


def _layer_norm(program: Program, node: Node) -> None:
    _first(program, node, aten.layer_norm.default, tuple(node.args))


def _group_norm(program: Program, node: Node) -> None:
    x, weight, bias, _, _, _, groups, eps = node.args
    _first(program, node, aten.group_norm.default, (x, groups, weight, bias, eps))


def _max_pool(program: Program, node: Node) -> None:
    _first(program, node, aten.max_pool2d.default, tuple(node.args))


def _attention(program: Program, node: Node) -> None:
    query, key, value, *_ = node.args
    causal = bool(node.args[4]) if len(node.args) > 4 else False  # noqa: PLR2004  (its position)
    kwargs = {
        "attn_mask": node.kwargs.get("attn_mask"),
        "is_causal": causal,
        "scale": node.kwargs.get("scale"),
    }
    args = (query, key, value)
    _first(program, node, functional.scaled_dot_product_attention, args, kwargs)


def _first(
    program: Program,
    node: Node,
    target: Callable[..., Any],
    args: tuple[Any, ...],
    kwargs: Mapping[str, Any] | None = None,
) -> None:
    """The op whose one result is the first result of this one, if nobody reads the others."""
    items = [user for user in node.users if user.target is operator.getitem]
    if len(items) != len(node.users) or any(item.args[1] != 0 for item in items):
        return
    for item in items:
        with program.before(item, [node]):
            new = program.call(target, *args, kwargs=kwargs)
        program.replace(item, new)


def _addmm(program: Program, node: Node) -> None:
    bias, x, weight = node.args[:3]
    if not node.kwargs and len(shape(bias)) == 1:  # type: ignore[arg-type]  # a tensor
        _linear(program, node, (x, weight, bias))


def _mm(program: Program, node: Node) -> None:
    _linear(program, node, (*node.args, None))


def _linear(program: Program, node: Node, given: tuple[Any, Any, Any]) -> None:
    """A product with a transposed weight; of what has more dimensions, between two views."""
    x, transposed, bias = given
    if not calls(transposed, aten.t.default):
        return
    weight = transposed.args[0]
    last = node
    flat = x if calls(x, *VIEWS) else None
    after = only_reader(node)
    if flat is not None and after is not None and calls(after, *VIEWS):
        whole = flat.args[0]
        if shape(whole)[:-1] == shape(after)[:-1] and shape(whole)[-1] == shape(x)[-1]:
            x, last = whole, after
            if calls(x, aten.clone.default) and only_reader(x) is flat:
                x = x.args[0]
    with program.before(last, [node, transposed]):
        new = program.call(aten.linear.default, x, weight, *([bias] if bias is not None else []))
    program.replace(last, new)


def _bmm(program: Program, node: Node) -> None:
    """A batched product between views and expansions is the product of what these look at."""
    after = only_reader(node)
    if after is None or not calls(after, *VIEWS) or len(shape(after)) <= len(shape(node)):
        return
    factors = [_unfolded(each) for each in node.args]
    made = shape(after)
    if any(shape(whole)[:-2] != made[:-2] for whole in factors) or any(
        shape(flat)[-2:] != shape(whole)[-2:]  # type: ignore[arg-type]  # tensors
        for flat, whole in zip(node.args, factors, strict=True)
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
        whole = whole.args[0]  # type: ignore[assignment]  # a tensor
        if calls(whole, aten.clone.default):
            whole = whole.args[0]  # type: ignore[assignment]  # likewise
    return whole


def _unexpanded(node: Node) -> Node:
    """A matrix product expands its batch dimensions on its own."""
    if not calls(node, aten.expand.default):
        return node
    inner: Node = node.args[0]  # type: ignore[assignment]  # a tensor
    return inner if shape(inner)[-2:] == shape(node)[-2:] else node


def _creation(program: Program, node: Node) -> None:
    """What takes only its type from a tensor does not depend on that tensor."""
    new = {
        aten.new_zeros.default: aten.zeros.default,
        aten.new_ones.default: aten.ones.default,
        aten.new_full.default: aten.full.default,
    }[node.target]  # type: ignore[index]  # one of these
    kwargs = {**node.kwargs, "dtype": node.meta[VALUE].dtype}
    with program.before(node, [node]):
        made = program.call(new, *node.args[1:], kwargs=kwargs)
    program.replace(node, made)


_RULES: Mapping[Any, Callable[[Program, Node], None]] = {
    **dict.fromkeys(_ITSELF, _itself),
    aten.native_batch_norm.default: _batch_norm,
    aten.native_layer_norm.default: _layer_norm,
    aten.native_group_norm.default: _group_norm,
    aten.max_pool2d_with_indices.default: _max_pool,
    aten._scaled_dot_product_flash_attention_for_cpu.default: _attention,  # noqa: SLF001  (the name of the op)
    aten.addmm.default: _addmm,
    aten.mm.default: _mm,
    aten.bmm.default: _bmm,
    aten.new_zeros.default: _creation,
    aten.new_ones.default: _creation,
    aten.new_full.default: _creation,
}
