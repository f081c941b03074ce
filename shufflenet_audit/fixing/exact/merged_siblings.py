"""Layers of one input become one layer, and views of what it makes."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from math import prod

import torch
from torch.fx import Node

from shufflenet_audit.fixing.exact.layers import Layer, layer, made
from shufflenet_audit.fixing.program import Program, args, calls, only_reader, shape
from shufflenet_audit.fixing.rewrite import Match, Misfit, Rewrite

aten = torch.ops.aten

_ACTIVATIONS = (
    aten.relu.default, aten.hardtanh.default, aten.silu.default, aten.gelu.default,
    aten.hardswish.default, aten.hardsigmoid.default, aten.sigmoid.default, aten.tanh.default,
    aten.leaky_relu.default, aten.elu.default, aten.mish.default, aten.clamp.default,
    aten.clamp_min.default,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Sibling:
    """A layer, and the activation right behind it."""

    layer: Layer
    activation: Node | None

    @property
    def last(self) -> Node:
        return self.activation or self.layer.node

    @property
    def key(self) -> object:
        """What siblings that can be one have in common."""
        act = self.activation
        rest = (act.target, str(args(act)[1:]), str(act.kwargs)) if act else None
        return (*self.layer.form, rest)


def find(program: Program) -> Iterator[Match | Misfit]:
    """Inception's 1×1 convolutions, separate projections to queries, keys and values."""
    for x in list(program.graph.nodes):
        if x._erased or len(x.users) < 2:  # noqa: SLF001, PLR2004  (no public way; two siblings)
            continue
        layers = [each for user in x.users if (each := layer(program, user))]
        layers = [each for each in layers if each.x is x and each.groups == 1]
        if len(layers) > 1:
            yield from _of_one_input(program, x, [each for each in layers if not each.transposed])


def _of_one_input(program: Program, x: Node, layers: Sequence[Layer]) -> Iterator[Match | Misfit]:
    siblings = [_Sibling(each, _activation(each)) for each in layers]
    for family in _families(siblings, lambda each: each.key):
        if _saved(x, family) > 0:
            yield _match(program, family)
    for family in _families(siblings, lambda each: each.layer.form):
        nodes = tuple(each.layer.node for each in family)
        if not any(node._erased for node in nodes):  # noqa: SLF001  (no public way)
            yield Misfit(nodes, _REASON)


def _families(
    siblings: Sequence[_Sibling], key: Callable[[_Sibling], object]
) -> Iterator[list[_Sibling]]:
    """Those that are alike in that, two or more of them."""
    families: dict[object, list[_Sibling]] = {}
    for each in siblings:
        families.setdefault(key(each), []).append(each)
    return (family for family in families.values() if len(family) > 1)


_REASON = (
    "they read one input, but the ops behind them differ or join other maps: a runtime runs these"
    " as part of each layer, and could not if the layers were one"
)


def _match(program: Program, siblings: Sequence[_Sibling]) -> Match:
    layers = [each.layer for each in siblings]
    nodes = tuple(each.layer.node for each in siblings)

    def apply() -> None:
        first = min(nodes, key=list(program.graph.nodes).index)
        with program.before(first, nodes):
            new = made(program, layers[0], _merged(layers))
            act = siblings[0].activation
            if act:
                new = program.call(act.target, new, *args(act)[1:], kwargs=act.kwargs)
            sizes = [each.c_out for each in layers]
            axis = layers[0].axis
            parts = program.call(aten.split_with_sizes.default, new, sizes, axis)
            views = [program.call(operator.getitem, parts, at) for at in range(len(layers))]
        for sibling, view in zip(siblings, views, strict=True):
            program.replace(sibling.last, view)

    sentence = f"{len(layers)} layers of one input merged into one, and views of what it makes"
    return Match(nodes, sentence, apply)


def _merged(layers: Sequence[Layer]) -> Layer:
    weight = torch.cat([each.weight for each in layers])
    biased = any(each.bias is not None for each in layers)
    bias = torch.cat([each.shift() for each in layers]) if biased else None
    return replace(layers[0], weight=weight, bias=bias)


def _activation(one: Layer) -> Node | None:
    reader = only_reader(one.node)
    return reader if reader is not None and calls(reader, *_ACTIVATIONS) else None


def _saved(x: Node, siblings: Sequence[_Sibling]) -> int:
    """
    Elements that an inference runtime moves less.

    The input is read once. But an op that could run as part of its own layer has to read what
    the merged layer has written.
    """
    lost = sum(2 * prod(shape(each.last)) for each in siblings if _is_fused(each.last))
    return (len(siblings) - 1) * prod(shape(x)) - lost


def _is_fused(node: Node) -> bool:
    reader = only_reader(node)
    if reader is None or reader.op != "call_function":
        return False
    tags = getattr(reader.target, "tags", ())
    fuses = torch.Tag.pointwise in tags or reader.target is aten.batch_norm.default
    return fuses and shape(reader) == shape(node)


REWRITE = Rewrite(
    "merged-siblings",
    "Each filter of a layer works on its own: the filters of several layers of one input are those"
    " of one.",
    find,
)
