"""Convolutions."""

from __future__ import annotations

from math import prod

from shufflenet_audit.network.call import (
    Call,
    Spec,
    traffic,
)
from shufflenet_audit.network.cost import Convolution, Cost
from shufflenet_audit.network.kind import Kind


def conv(call: Call) -> Cost:
    """
    Cost of a convolution of any rank, any number of groups, transposed or not.

    Each output element is a dot product with one filter, of kernel·c_in/groups. A transposed
    convolution does as many for each *input* element; the zeros between them are not counted.
    """
    x, weight, bias = call.args[:3]
    transposed, groups = bool(call.arg(6, "transposed")), call.arg(8, "groups", 1)
    return _cost(call, (x, weight, bias), _shape(call, groups, transposed=transposed))


def deformable_conv(call: Call) -> Cost:
    """Cost of torchvision's deformable convolution: the dot products, not the interpolation."""
    x, weight, _, _, bias = call.args[:5]
    return _cost(call, (x, weight, bias), _shape(call, x.shape[1] // weight.shape[1]))


def _shape(call: Call, groups: int, *, transposed: bool = False) -> Convolution:
    x, weight, stride = call.args[0], call.args[1], call.arg(3, "stride", ())
    c_out = call.output.shape[1]
    return Convolution(
        c_in=x.shape[1],
        c_out=c_out,
        kernel=weight.shape[2:],
        stride=stride if isinstance(stride, tuple) else (),
        groups=groups,
        positions=call.output.elements // c_out if c_out else 0,
        positions_in=x.elements // x.shape[1] if x.shape[1] else 0,
        transposed=transposed,
    )


def _cost(call: Call, operands: tuple[Spec, Spec, Spec | None], shape: Convolution) -> Cost:
    x, weight, bias = operands
    run_over = x if shape.transposed else call.output
    return Cost(
        _kind(shape),
        traffic(call),
        macs=run_over.elements * prod(weight.shape[1:]),
        elementwise=call.output.elements if bias is not None else 0,
        convolution=shape,
    )


def _kind(shape: Convolution) -> Kind:
    if shape.depthwise:
        return Kind.DEPTHWISE_CONV
    if shape.groups > 1:
        return Kind.GROUP_CONV
    return Kind.POINTWISE_CONV if shape.pointwise else Kind.CONV
