"""Linear layers, matrix products, attention and recurrent layers."""

from __future__ import annotations

from dataclasses import replace
from math import prod

from shufflenet_audit.network.call import (
    Call,
    Spec,
    traffic,
)
from shufflenet_audit.network.cost import (
    Convolution,
    Cost,
    Traffic,
)
from shufflenet_audit.network.kind import Kind

_SOFTMAX = 5


def matmul(call: Call) -> Cost:
    """Cost of a product of two matrices, or of two batches of them."""
    return _product(call, *call.args[:2])


def matmul_added(call: Call) -> Cost:
    """Cost of a product of two matrices (or batches of them) that is added to a third."""
    return _product(call, *call.args[1:3], added=True)


def linear(call: Call) -> Cost:
    """Cost of a linear layer that was not taken apart: the weight is (c_out, c_in)."""
    x, weight = call.args[:2]
    c_out, c_in = weight.shape[-2:] if len(weight.shape) > 1 else (1, *weight.shape)
    rows = x.elements // c_in
    return Cost(
        Kind.LINEAR,
        traffic(call),
        macs=rows * c_in * c_out,
        elementwise=rows * c_out if call.arg(2, "bias") is not None else 0,
        convolution=Convolution(c_in, c_out, (1,), (1,), 1, rows, rows),
    )


def bilinear(call: Call) -> Cost:
    """Cost of a bilinear layer: each weight, of (c_out, c_in1, c_in2), meets each row once."""
    x, weight = call.args[:2]
    return Cost(Kind.LINEAR, traffic(call), macs=prod(x.shape[:-1]) * weight.elements)


def _product(call: Call, left: Spec, right: Spec, *, added: bool = False) -> Cost:
    inner = left.shape[-1]
    macs = call.output.elements * inner
    is_linear = bool(left.parameters or right.parameters)
    return Cost(
        Kind.LINEAR if is_linear else Kind.MATMUL,
        traffic(call),
        macs=macs,
        elementwise=call.output.elements if added else 0,
        convolution=_widths(left, right) if is_linear else None,
    )


def _widths(left: Spec, right: Spec) -> Convolution | None:
    """The channels of a product with a parameter: the side that is not the parameter has rows."""
    match left.shape, right.shape:
        case (rows, c_in), (_, c_out):
            if left.parameters and not right.parameters:
                rows, c_out = c_out, rows
            return Convolution(c_in, c_out, (1,), (1,), 1, rows, rows)
    return None


def attention(call: Call) -> Cost:
    """
    Cost of scaled dot-product attention as one kernel: scores, softmax, weighted sum.

    Every query meets every key, causal or not, as in all counters. The scores stay in the kernel:
    only queries, keys, values, mask and result are moved.
    """
    query, key, value = call.args[:3]
    scores = prod(query.shape[:-1]) * key.shape[-2]
    return Cost(
        Kind.ATTENTION,
        traffic(call),
        macs=scores * (query.shape[-1] + value.shape[-1]),
        elementwise=scores * (_SOFTMAX + (call.arg(5, "attn_mask") is not None)),
    )


def recurrent_layer(call: Call) -> Cost:
    """Cost of a fused recurrent layer (oneDNN): at each step each weight meets each input once."""
    x, *weights = call.args[:3]
    return _recurrent(call, prod(x.shape[:-1]), weights)


def recurrent(call: Call) -> Cost:
    """
    Cost of a whole `nn.LSTM`, `nn.GRU` or `nn.RNN`: at each step each weight meets each input once.

    Each weight is read once, and what one layer hands to the next is written and read.
    """
    biased = next(at for at, each in enumerate(call.args) if isinstance(each, bool))
    weights, layers = call.args[biased - 1], call.args[biased + 1]
    matrices = [weight for weight in weights if len(weight.shape) > 1]
    known = _recurrent(call, prod(call.args[0].shape[:-1]), matrices)
    moved, between = known.traffic, (layers - 1) * call.output.elements
    size = call.output.tensor.element_size
    whole = Traffic(moved.reads + between, moved.writes + between, moved.bytes + 2 * between * size)
    return replace(known, traffic=whole)


def recurrent_layers(call: Call) -> Cost:
    """Cost of a stack of fused recurrent layers (cuDNN), given all their weights in a list."""
    x = call.args[0]
    matrices = [weight for weight in call.args[1] if len(weight.shape) > 1]
    return _recurrent(call, prod(x.shape[:-1]), matrices)


def _recurrent(call: Call, steps: int, weights: list[Spec]) -> Cost:
    gates = sum(weight.shape[0] for weight in weights)
    return Cost(
        Kind.RECURRENT,
        traffic(call),
        macs=steps * sum(weight.elements for weight in weights),
        elementwise=steps * gates,
    )
