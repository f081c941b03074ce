"""A scale and shift per channel in front of layers becomes part of their weights."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import torch

from shufflenet_audit.fixing.exact.layers import Layer, layer, made
from shufflenet_audit.fixing.exact.scales import Scaled, scaled
from shufflenet_audit.fixing.program import Program
from shufflenet_audit.fixing.rewrite import Match, Misfit, Rewrite


def find(program: Program) -> Iterator[Match | Misfit]:
    """Scales that only layers read, where no padding stands between the two."""
    for node in program.nodes():
        scale = scaled(program, node)
        if scale is None or not node.users:
            continue
        after = [layer(program, user) for user in node.users]
        readers = [each for each in after if each and each.x is node]
        if len(readers) < len(node.users) or not all(_fits(scale, each) for each in readers):
            continue
        padded = next((each for each in readers if _pads_a_shift(scale, each)), None)
        if padded:
            reason = "the convolution behind it pads with zeros, which it does not shift"
            yield Misfit((node, padded.node), reason)
        else:
            yield _match(program, scale, readers)


def _match(program: Program, scale: Scaled, readers: Sequence[Layer]) -> Match:
    def apply() -> None:
        for each in readers:
            with program.before(each.node, [scale.node, each.node]):
                new = made(program, each, taken_in(scale, each))
            program.replace(each.node, new)

    nodes = (scale.node, *(each.node for each in readers))
    return Match(nodes, "scale and shift folded into the weights of the layer behind it", apply)


def taken_in(scale: Scaled, after: Layer) -> Layer:
    """The layer that gives for x what it gave for scale · x + shift."""
    factor, shift = scale.vectors(after.c_in)
    width = after.weight.shape[1]
    groups = after.c_out // after.groups
    ones = [1] * len(after.kernel)
    rows = factor.reshape(after.groups, 1, width).expand(-1, groups, -1)
    weight = after.weight * rows.reshape(after.c_out, width, *ones)
    moved = shift.reshape(after.groups, 1, width).expand(-1, groups, -1)
    moved = moved.reshape(after.c_out, width, *ones)
    bias = after.shift() + (after.weight * moved).flatten(1).sum(1)
    keeps = after.bias is None and not bias.any()
    return replace(after, x=scale.x, weight=weight, bias=None if keeps else bias)


def _fits(scale: Scaled, after: Layer) -> bool:
    return scale.is_per_channel and scale.axis in (None, after.axis) and not after.transposed


def _pads_a_shift(scale: Scaled, after: Layer) -> bool:
    return any(after.padding) and bool(torch.any(scale.shift != 0))


REWRITE = Rewrite(
    "scale-taken-ahead",
    "A layer without padding is linear in its input: W (s x + t) + b = (W s) x + (W t + b).",
    find,
)
