"""A scale and shift per channel behind a layer becomes part of its weights."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import torch
from torch.fx import Node

from shufflenet_audit.fixing.exact.channels import arriving, labels, source
from shufflenet_audit.fixing.exact.layers import Layer, as_rows, layer, made
from shufflenet_audit.fixing.exact.scales import Scaled, scaled
from shufflenet_audit.fixing.program import Program, args, calls, only_reader
from shufflenet_audit.fixing.rewrite import Match, Rewrite

aten = torch.ops.aten


def find(program: Program) -> Iterator[Match]:
    """Batch norms, LayerScales, scaled queries and biases behind a layer that only they read."""
    for node in program.nodes():
        scale = scaled(program, node)
        before = layer(program, source(scale.x)) if scale else None
        numbers = _numbers(before, scale) if before and scale else None
        if before and scale and numbers:
            yield _match(program, before, scale, numbers)
        parts = _parts(program, scale) if scale and not before else []
        if scale and parts:
            yield _match_of_parts(program, parts, scale)


def _match(
    program: Program, before: Layer, scale: Scaled, numbers: tuple[torch.Tensor, torch.Tensor]
) -> Match:
    place = next(at for at, each in enumerate(args(scale.node)) if each is scale.x)

    def apply() -> None:
        new = folded(before, *numbers)
        with program.before(before.node, [before.node, scale.node]):
            program.replace(before.node, made(program, before, new))
        program.replace(scale.node, args(scale.node)[place])

    sentence = f"{_name(scale.node)} folded into the weights of the layer before it"
    return Match((scale.node, before.node), sentence, apply)


def _parts(program: Program, scale: Scaled) -> list[Layer]:
    """The layers that a scaled concatenation is of, if it is of layers that nobody else reads."""
    joined = scale.x
    if not calls(joined, aten.cat.default) or only_reader(joined) is not scale.node:
        return []
    given, axis = (*args(joined), 0)[:2]
    layers = [layer(program, each) for each in given]
    found = [each for each in layers if each and only_reader(each.node) is joined]
    fits = scale.is_per_channel and all(each.axis == axis for each in found)
    whole = len(found) == len(given) == len(set(given)) and scale.axis in (None, axis)
    return found if fits and whole else []


def _match_of_parts(program: Program, parts: Sequence[Layer], scale: Scaled) -> Match:
    joined = scale.x

    def apply() -> None:
        widths = [each.c_out for each in parts]
        vectors = [vector.split(widths) for vector in scale.vectors(sum(widths))]
        for each, factor, shift in zip(parts, *vectors, strict=True):
            with program.before(each.node, [each.node, scale.node]):
                new = made(program, each, folded(each, factor, shift))
            program.replace(each.node, new)
        program.replace(scale.node, joined)

    sentence = f"{_name(scale.node)} folded into the weights of the {len(parts)} layers before it"
    return Match((scale.node, *(each.node for each in parts)), sentence, apply)


def folded(before: Layer, scale: torch.Tensor, shift: torch.Tensor) -> Layer:
    """The layer that gives scale · y + shift where it gave y."""
    weight = before.weight * _per_filter(before, scale)
    bias = before.shift() * scale + shift
    keeps = before.bias is None and not bias.any()
    return replace(before, weight=weight, bias=None if keeps else bias)


def _per_filter(before: Layer, scale: torch.Tensor) -> torch.Tensor:
    """The scale of each output channel, laid out as the weights are."""
    if not before.transposed:
        return as_rows(scale, before.weight)
    c_in, width = before.weight.shape[:2]
    rows = scale.reshape(before.groups, 1, width).expand(-1, c_in // before.groups, -1)
    return rows.reshape(c_in, width, *[1] * (before.weight.dim() - 2))


def _numbers(before: Layer, scale: Scaled) -> tuple[torch.Tensor, torch.Tensor] | None:
    """Scale and shift for each output channel of the layer, if no one else would see them."""
    if scale.x is before.node and only_reader(before.node) is scale.node:
        fits = scale.is_per_channel and scale.axis in (None, before.axis)
        return scale.vectors(before.c_out) if fits else None
    numbers = labels(before.node, before.axis)
    if numbers is None:
        return None
    return _through_views(before, scale, numbers)


def _through_views(
    before: Layer, scale: Scaled, numbers: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor] | None:
    seen = list(arriving(before.node, numbers))
    mine = [made for user, read, made in seen if user is scale.node and read is scale.x]
    if len(mine) != 1:
        return None
    counts = torch.bincount(mine[0].flatten(), minlength=before.c_out)
    whole = numbers.numel() // before.c_out
    touched = counts > 0
    others = [made for user, _, made in seen if user is not scale.node]
    if (counts[touched] != whole).any() or any(touched[made.flatten()].any() for made in others):
        return None
    vectors = [_of_channels(mine[0], each, before.c_out)
               for each in (scale.scale, scale.shift)]  # fmt: skip
    if vectors[0] is None or vectors[1] is None:
        return None
    return torch.where(touched, vectors[0], 1.0), torch.where(touched, vectors[1], 0.0)


def _of_channels(made: torch.Tensor, numbers: torch.Tensor, width: int) -> torch.Tensor | None:
    """The number that each channel gets, if it gets the same everywhere."""
    spread = numbers.broadcast_to(made.shape).flatten()
    vector = torch.zeros(width, dtype=numbers.dtype)
    vector[made.flatten()] = spread
    return vector if torch.equal(vector[made.flatten()], spread) else None


def _name(node: Node) -> str:
    return str(node.target).split(".")[1].replace("_", " ")


REWRITE = Rewrite(
    "folded-scale",
    "A layer is linear in its filters: s · (W x + b) + t = (s W) x + (s b + t).",
    find,
)
