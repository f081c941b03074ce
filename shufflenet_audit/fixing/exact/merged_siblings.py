"""Layers of one input become one layer, and views of what it makes."""

from __future__ import annotations

import operator
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from math import prod

import torch
from torch.fx import Node

from shufflenet_audit.fixing.exact.layers import Layer, layer, made
from shufflenet_audit.fixing.program import Program, calls, only_reader, shape
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
        rest = (act.target, str(act.args[1:]), str(act.kwargs)) if act else None
        return (*self.layer.form, rest)


def find(program: Program) -> Iterator[Match | Misfit]:
    """Inception's 1×1 convolutions, separate projections to queries, keys and values, …"""
    for x in list(program.graph.nodes):
        if x._erased or len(x.users) < 2:  # noqa: SLF001, PLR2004  (no public way; two siblings)
            continue
        layers = [each for user in x.users if (each := layer(program, user))]
        layers = [each for each in layers if each.x is x and each.groups == 1]
        if len(layers) > 1:
            yield from _of_one_input(program, x, [each for each in layers if not each.transposed])


def _of_one_input(program: Program, x: Node, layers: Sequence[Layer]) -> Iterator[Match | Misfit]:
    families: dict[object, list[_Sibling]] = {}
    for each in layers:
        sibling = _Sibling(each, _activation(each))
        families.setdefault(sibling.key, []).append(sibling)
    for siblings in families.values():
        if len(siblings) > 1 and _saved(x, siblings) > 0:
            yield _match(program, siblings)
    alike: dict[object, list[Layer]] = {}
    for each in layers:
        alike.setdefault(each.form, []).append(each)
    for group in alike.values():
        if len(group) > 1 and len({_Sibling(each, _activation(each)).key for each in group}) > 1:
            nodes = tuple(each.node for each in group)
            reason = "they have one input, but different ops behind them, which one layer would keep a runtime from fusing"  # noqa: E501
            yield Misfit(nodes, reason)


def _match(program: Program, siblings: Sequence[_Sibling]) -> Match:
    layers = [each.layer for each in siblings]
    nodes = tuple(each.layer.node for each in siblings)

    def apply() -> None:
        first = min(nodes, key=list(program.graph.nodes).index)
        with program.before(first, nodes):
            new = made(program, layers[0], _merged(layers))
            if siblings[0].activation:
                act = siblings[0].activation
                new = program.call(act.target, new, *act.args[1:], kwargs=act.kwargs)  # type: ignore[arg-type]  # it is a call
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
