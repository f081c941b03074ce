"""Two layers in a row, with nothing between them, become one where that is cheaper."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from math import prod

import torch

from shufflenet_audit.fixing.exact.layers import Layer, layer, made
from shufflenet_audit.fixing.program import Program, only_reader, shape
from shufflenet_audit.fixing.rewrite import Match, Rewrite


def find(program: Program) -> Iterator[Match]:
    """A 1×1 convolution before or behind another one, and linear layers in a row."""
    for node in program.nodes():
        last = layer(program, node)
        first = layer(program, last.x) if last else None
        if first is None or last is None or only_reader(first.node) is not node:
            continue
        merged = _merged(first, last)
        if merged and _macs(merged, last) <= _macs(first, first) + _macs(last, last):
            yield _match(program, (first, last), merged)


def _match(program: Program, pair: tuple[Layer, Layer], merged: Layer) -> Match:
    first, last = pair

    def apply() -> None:
        with program.before(last.node, [first.node, last.node]):
            new = made(program, last, merged)
        program.replace(last.node, new)

    return Match((last.node, first.node), "two layers in a row merged into one", apply)


def _macs(one: Layer, place: Layer) -> int:
    """Multiply–adds of a layer that runs where `place` does."""
    positions = prod(shape(place.node)) // place.c_out
    return positions * prod(one.kernel) * one.c_in // one.groups * one.c_out


def _merged(first: Layer, last: Layer) -> Layer | None:
    if first.is_convolution != last.is_convolution or {first.groups, last.groups} != {1}:
        return None
    if first.transposed or last.transposed:
        return None
    if not first.is_convolution:
        return _product(first, last, last.weight @ first.weight)
    if _is_pointwise(first) and (first.bias is None or not any(last.padding)):
        return _product(first, last, torch.einsum("om...,mi->oi...", last.weight, _matrix(first)))
    if _is_pointwise(last):
        weight = torch.einsum("om,mi...->oi...", _matrix(last), first.weight)
        merged = _product(first, last, weight)
        return replace(merged, stride=first.stride, padding=first.padding, dilation=first.dilation)
    return None


def _matrix(pointwise: Layer) -> torch.Tensor:
    """The weights of a 1×1 convolution, as those of a linear layer."""
    return pointwise.weight.flatten(1)


def _is_pointwise(one: Layer) -> bool:
    return set(one.kernel) == {1} and set(one.stride) == {1} and not any(one.padding)


def _product(first: Layer, last: Layer, weight: torch.Tensor) -> Layer:
    """The last layer on the input of the first: W2 (W1 x + b1) + b2."""
    bias = last.bias
    if first.bias is not None:
        summed = last.weight.flatten(2).sum(2) if last.is_convolution else last.weight
        bias = summed @ first.bias + last.shift()
    return replace(last, x=first.x, weight=weight, bias=bias)


REWRITE = Rewrite(
    "merged-sequence",
    "A linear map of a linear map is one: W₂ (W₁ x + b₁) + b₂ = (W₂ W₁) x + (W₂ b₁ + b₂).",
    find,
)
