"""Attention written out by hand becomes `scaled_dot_product_attention`."""

from __future__ import annotations

import operator
from collections.abc import Iterator
from dataclasses import dataclass, field
from math import prod
from typing import Any

import torch
from torch.fx import Node
from torch.nn import functional

from shufflenet_audit.fixing.exact.scales import scaled
from shufflenet_audit.fixing.program import Program, args, calls, dtype, only_reader, shape
from shufflenet_audit.fixing.rewrite import Match, Misfit, Rewrite

aten = torch.ops.aten

_RANK = 4


@dataclass(slots=True)
class _Attention:
    """softmax(scale · query · keyᵀ + masks) · value."""

    query: Node
    key: Node
    value: Node
    product: Node
    nodes: list[Node]
    scale: float = 1.0
    masks: list[tuple[Node, Node, float]] = field(default_factory=list)
    """Each mask, the node that adds it, and the scale that was applied after it."""


def find(program: Program) -> Iterator[Match | Misfit]:
    """Matrix product, scale, masks, softmax, matrix product, of which nobody reads the middle."""
    for node in program.nodes():
        if not calls(node, aten.matmul.default):
            continue
        found = _attention(program, node)
        if found is None:
            continue
        reason = _unfit(found)
        if reason:
            yield Misfit((node, *found.nodes), reason)
        else:
            yield _match(program, node, found)


def _match(program: Program, node: Node, found: _Attention) -> Match:
    nodes = (node, *found.nodes)

    def apply() -> None:
        with program.before(node, nodes):
            mask = _mask(program, found)
            key = _transposed(program, found.key)
            kwargs = {"attn_mask": mask, "scale": found.scale}
            new = program.call(
                functional.scaled_dot_product_attention,
                found.query, key, found.value, kwargs=kwargs,
            )  # fmt: skip
        program.replace(node, new)

    return Match(nodes, "attention written out by hand made one op", apply)


def _attention(program: Program, node: Node) -> _Attention | None:
    """What a product of probabilities with values is, followed back to queries and keys."""
    probabilities, value = args(node)
    nodes = _to_softmax(probabilities)
    if not nodes:
        return None
    scale = 1.0
    masks: list[tuple[Node, Node, float]] = []
    current = args(nodes[-1])[0]
    while only_reader(current):
        nodes.append(current)
        if calls(current, aten.matmul.default):
            query, key = args(current)
            return _Attention(query, key, value, current, nodes, scale, masks)
        step = _step(program, current)
        if step is None:
            return None
        before, factor, mask = step
        masks.extend([(mask, current, scale)] if mask else [])
        scale *= factor
        current = before
    return None


def _to_softmax(probabilities: Any) -> list[Node]:
    """The ops from what is multiplied with the values up to the softmax; none if it is not one."""
    nodes: list[Node] = []
    current = probabilities
    while calls(current, aten.expand.default, aten.clone.default) and only_reader(current):
        nodes.append(current)
        current = args(current)[0]
    if not calls(current, aten._softmax.default) or not only_reader(current):  # noqa: SLF001  (the name of the op)
        return []
    last = len(shape(current)) - 1
    return [*nodes, current] if args(current)[1] % (last + 1) == last else []


def _step(program: Program, node: Node) -> tuple[Node, float, Node | None] | None:
    """What a node does to the scores: the node before it, a factor, a mask."""
    if calls(node, aten.reshape.default):
        return args(node)[0], 1.0, None
    found = scaled(program, node)
    if found and found.scale.numel() == 1 and not found.shift.any():
        return found.x, float(found.scale), None
    if not calls(node, aten.add.Tensor) or node.kwargs.get("alpha", 1) != 1:
        return None
    for scores, mask in (args(node), args(node)[::-1]):
        leads = isinstance(scores, Node) and _leads_to_product(scores)
        if leads and isinstance(mask, Node) and shape(scores) == shape(node):
            return scores, 1.0, mask
    return None


def _leads_to_product(node: Node) -> bool:
    """Whether scores come from here: through scales, masks and reshapes, from a product."""
    for _ in range(8):
        if calls(node, aten.matmul.default):
            return True
        if not calls(node, aten.reshape.default, aten.mul.Tensor, aten.div.Tensor, aten.add.Tensor):
            return False
        node = next((each for each in args(node) if isinstance(each, Node)), node)
    return False


def _unfit(found: _Attention) -> str:
    """Why the fused op would not do; it wants queries, keys and values of one width."""
    sizes = [shape(found.query), shape(found.key), shape(found.value)]
    if any(len(size) != _RANK for size in sizes):
        return f"the fused op takes tensors of {_RANK} dimensions"
    if sizes[0][-1] != sizes[2][-1]:
        return "keys and values are not as wide, which runtimes do not fuse"
    if sizes[0][:2] != sizes[1][:2] or sizes[0][:2] != sizes[2][:2]:
        return "queries, keys and values are of different batches or heads"
    if any(shape(adder)[-2:] != shape(found.product)[-2:] for _, adder, _ in found.masks):
        return "a mask is added to scores that were rearranged"
    if any(dtype(mask) != dtype(found.query) for mask, _, _ in found.masks):
        return "a mask is not of the type of the scores"
    return ""


def _mask(program: Program, found: _Attention) -> Node | None:
    """All masks as one, in the shape of the scores."""
    total: Node | None = None
    for mask, adder, factor in reversed(found.masks):
        current = mask
        if shape(adder) != shape(found.product):
            current = _reshaped(program, found, mask, shape(adder))
        if factor != 1.0:
            current = program.call(aten.mul.Tensor, current, factor)
        total = current if total is None else program.call(aten.add.Tensor, total, current)
    return total


def _reshaped(program: Program, found: _Attention, mask: Node, sizes: tuple[int, ...]) -> Node:
    """A mask that is added to scores of another shape, as one for the scores as they are made."""
    rows = program.call(aten.sym_size.int, found.query, 0)
    rest = prod(sizes[:-2]) // sizes[0] // shape(found.product)[1]
    first = program.call(operator.floordiv, rows, rest) if rest != 1 else rows
    spread = program.call(aten.expand.default, mask, [first, *sizes[1:]])
    return program.call(aten.reshape.default, spread, [-1, *shape(found.product)[1:]])


def _transposed(program: Program, key: Node) -> Node:
    """Keys as rows: what was transposed for the product is taken before that."""
    last = {len(shape(key)) - 1, len(shape(key)) - 2}
    is_swap = calls(key, aten.transpose.int)
    if is_swap and {each % len(shape(key)) for each in args(key)[1:3]} == last:
        rows: Node = args(key)[0]
        return rows
    return program.call(aten.transpose.int, key, -2, -1)


REWRITE = Rewrite(
    "attention-op",
    "softmax(s · Q Kᵀ + M) V is what scaled_dot_product_attention computes.",
    find,
)
