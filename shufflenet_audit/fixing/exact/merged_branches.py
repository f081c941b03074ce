"""Linear branches of one input that meet in a sum become one layer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from math import inf, prod
from typing import Any

import torch
from torch.fx import Node

from shufflenet_audit.fixing.exact.layers import Layer, layer, made
from shufflenet_audit.fixing.exact.scales import Scaled, scaled
from shufflenet_audit.fixing.program import Program, args, calls, is_tensor, only_reader, shape
from shufflenet_audit.fixing.rewrite import Match, Rewrite

aten = torch.ops.aten


@dataclass(frozen=True, slots=True)
class Term:
    """
    One term of a sum: `sign` times a layer, a scale or nothing at all, of x.

    `node` is what the sum reads; `scale` and `shift` are numbers per channel, where it is no layer.
    """

    node: Node
    """What the sum reads."""
    x: Node
    """What the term is made of."""
    sign: int
    """1, or -1 where it is subtracted."""
    layer: Layer | None = None
    """The layer, if it is one."""
    scale: Scaled | None = None
    """The scale and shift per channel, if it is not a layer."""


def find(program: Program) -> Iterator[Match]:
    """RepVGG, MobileOne, FastViT's token mixer, GhostNet V3, and x + conv(x) of any network."""
    for node in program.nodes():
        if not _is_sum(node) or _is_inner(node):
            continue
        terms = [_term(program, each, sign, node) for each, sign in _leaves(node, 1)]
        for x in dict.fromkeys(term.x for term in terms):
            together = _together([term for term in terms if term.x is x])
            if len(together) > 1:
                yield _match(program, node, terms, together)
                break


def _match(program: Program, node: Node, terms: Sequence[Term], together: Sequence[Term]) -> Match:
    carrier = together[0].layer
    assert carrier is not None

    def apply() -> None:
        merged = _signed(carrier, together[0].sign)
        for term in together[1:]:
            merged = _sum(merged, term)
        rest = [term for term in terms if term not in together]
        with program.before(node, [node, *(term.node for term in together)]):
            total = made(program, carrier, merged)
            for term in rest:
                target = aten.add.Tensor if term.sign > 0 else aten.sub.Tensor
                total = program.call(target, total, term.node)
        program.replace(node, total)

    layers = sum(term.layer is not None for term in together)
    others = len(together) - layers
    what = f"{layers} layers" if layers > 1 else "a layer"
    bare = "a branch" if others == 1 else f"{others} branches"
    what += f" and {bare} without one" if others else ""
    nodes = (node, *(term.node for term in together))
    return Match(nodes, f"{what}, of one input and in one sum, merged into one layer", apply)


def _is_sum(node: Node) -> bool:
    return bool(
        calls(node, aten.add.Tensor, aten.sub.Tensor)
        and node.kwargs.get("alpha", 1) == 1
        and all(is_tensor(each) and shape(each) == shape(node) for each in args(node))
        and all(each.op != "get_attr" for each in args(node))
    )


def _is_inner(node: Node) -> bool:
    """Whether it is a term of a larger sum."""
    reader = only_reader(node)
    return reader is not None and _is_sum(reader)


def _leaves(node: Node, sign: int) -> Iterator[tuple[Node, int]]:
    left, right = args(node)
    signs = (sign, sign if node.target is aten.add.Tensor else -sign)
    for each, its_sign in zip((left, right), signs, strict=True):
        if isinstance(each, Node) and _is_sum(each) and only_reader(each) is node:
            yield from _leaves(each, its_sign)
        elif isinstance(each, Node):
            yield each, its_sign


def _term(program: Program, node: Node, sign: int, total: Node) -> Term:
    """A term as what it does to its input, if nobody but the sum reads it."""
    if len(node.users) == 1:
        found = layer(program, node)
        if found and not found.transposed:
            return Term(node, found.x, sign, layer=found)
        scale = scaled(program, node)
        if scale and scale.is_per_channel:
            return Term(node, scale.x, sign, scale=scale)
    del total
    return Term(node, node, sign)


def _together(terms: Sequence[Term]) -> list[Term]:
    """The terms that one layer can be in place of, that layer's own first."""
    layers = [term for term in terms if term.layer]
    if not layers:
        return []
    carrier = max(layers, key=_extent)
    merged, found = carrier.layer, [carrier]
    for term in terms:
        if term is carrier or merged is None:
            continue
        wider = _host(merged, term)
        if wider:
            merged = wider
            found.append(term)
    return found


def _extent(term: Term) -> tuple[int, int]:
    """How much a layer has room for: a larger kernel first, then fewer groups."""
    return (prod(term.layer.kernel), -term.layer.groups) if term.layer else (0, 0)


def _host(carrier: Layer, term: Term) -> Layer | None:
    """The carrier with as few groups as it needs to take in a term, if that costs no more."""
    if term.layer is None:
        return carrier if _takes_identity(carrier, term) else None
    other = term.layer
    if not _same_frame(carrier, other) or _places(carrier, other) is None:
        return None
    if other.groups % carrier.groups == 0:
        return carrier
    costs = _macs(carrier, other.groups) if carrier.groups % other.groups == 0 else inf
    cheaper = costs <= _macs(carrier) + _macs(other)
    return _in_groups(carrier, other.groups) if cheaper else None


def _same_frame(carrier: Layer, other: Layer) -> bool:
    """Whether both go over the same channels in the same steps."""
    return (carrier.is_convolution, carrier.stride, carrier.c_in, carrier.c_out) == (
        other.is_convolution, other.stride, other.c_in, other.c_out
    )  # fmt: skip


def _macs(one: Layer, groups: int | None = None) -> int:
    """Multiply–adds for each place of the output."""
    return prod(one.kernel) * one.c_in // (groups or one.groups) * one.c_out


def _takes_identity(carrier: Layer, term: Term) -> bool:
    """Whether one weight of the carrier, for each channel, sees the place that it makes."""
    if carrier.c_in != carrier.c_out or set(carrier.stride) - {1}:
        return False
    if term.scale and term.scale.axis not in (None, carrier.axis):
        return False
    return shape(term.x) == shape(carrier.node) and _centre(carrier) is not None


def _centre(carrier: Layer) -> tuple[int, ...] | None:
    """Where in the kernel the weight for the same place is."""
    return _positions(carrier, [(0,)] * len(carrier.kernel))


def _places(carrier: Layer, other: Layer) -> list[tuple[int, ...]] | None:
    """For each dimension, where in the carrier's kernel the weights of the other belong."""
    places = []
    for at, size in enumerate(other.kernel):
        offsets = [i * other.dilation[at] - other.padding[at] for i in range(size)]
        found = [_position(carrier, at, offset) for offset in offsets]
        if None in found:
            return None
        places.append(tuple(each for each in found if each is not None))
    return places


def _positions(carrier: Layer, offsets: Sequence[tuple[int, ...]]) -> tuple[int, ...] | None:
    found = [_position(carrier, at, each[0]) for at, each in enumerate(offsets)]
    return None if None in found else tuple(each for each in found if each is not None)


def _position(carrier: Layer, dim: int, offset: int) -> int | None:
    """Which weight of the carrier sees the place that far from the one that is made."""
    place, rest = divmod(offset + carrier.padding[dim], carrier.dilation[dim])
    return place if rest == 0 and 0 <= place < carrier.kernel[dim] else None


def _sum(carrier: Layer, term: Term) -> Layer:
    """A layer that gives what the carrier gives plus the term."""
    if term.layer is None:
        return _plus_scale(carrier, term)
    if term.layer.groups < carrier.groups:
        carrier = _in_groups(carrier, term.layer.groups)
    other = _signed(_in_groups(term.layer, carrier.groups), term.sign)
    weight = carrier.weight.clone()
    if carrier.is_convolution:
        places = _places(carrier, other)
        assert places is not None
        index = torch.meshgrid(*map(torch.tensor, places), indexing="ij")
        everywhere: Any = (slice(None), slice(None), *index)
        weight[everywhere] += other.weight
    else:
        weight += other.weight
    return replace(carrier, weight=weight, bias=_bias(carrier, other.bias))


def _plus_scale(carrier: Layer, term: Term) -> Layer:
    """The carrier, and a scale for each channel at the place that is made."""
    ones, zeros = (carrier.weight.new_full((carrier.c_out,), n) for n in (1.0, 0.0))
    scale, shift = term.scale.vectors(carrier.c_out) if term.scale else (ones, zeros)
    weight = carrier.weight.clone()
    outputs = torch.arange(carrier.c_out)
    inputs = outputs % weight.shape[1]
    places: Any = (outputs, inputs, *(_centre(carrier) or ()))
    weight[places] += term.sign * scale
    return replace(carrier, weight=weight, bias=_bias(carrier, term.sign * shift))


def _signed(one: Layer, sign: int) -> Layer:
    if sign > 0:
        return one
    return replace(one, weight=-one.weight, bias=None if one.bias is None else -one.bias)


def _in_groups(one: Layer, groups: int) -> Layer:
    """The same layer with fewer groups: what joins them is zero."""
    if one.groups == groups:
        return one
    width = one.c_in // groups
    inner = one.weight.shape[1]
    weight = one.weight.new_zeros(one.c_out, width, *one.kernel)
    per_group = one.c_out // one.groups
    for output in range(one.c_out):
        start = output // per_group * inner % width
        weight[output, start : start + inner] = one.weight[output]
    return replace(one, weight=weight, groups=groups)


def _bias(carrier: Layer, other: torch.Tensor | None) -> torch.Tensor | None:
    if other is None or (carrier.bias is None and not other.any()):
        return carrier.bias
    return carrier.shift() + other


REWRITE = Rewrite(
    "merged-branches",
    "Sums of linear maps of one input are one linear map: A x + B x + x = (A + B + I) x, with"
    " smaller kernels padded by zeros.",
    find,
)
