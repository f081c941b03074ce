"""Ops that do little for each element: activation, normalisation, softmax, pooling, reduction."""

from __future__ import annotations

from math import prod

from shufflenet_audit.network.call import (
    NONE,
    Call,
    Spec,
    traffic,
)
from shufflenet_audit.network.cost import Cost
from shufflenet_audit.network.kind import Kind


def elementwise(call: Call) -> Cost:
    """One operation for each element of the result."""
    return Cost(Kind.ELEMENTWISE, traffic(call), elementwise=call.output.elements)


def batch_norm(call: Call) -> Cost:
    """A scale and a shift for each element; at inference both are fixed, and can be folded."""
    return normalization(call) if call.arg(5, "training") else inference_batch_norm(call)


def inference_batch_norm(call: Call) -> Cost:
    """Batch norm at inference: two operations for each element."""
    moved = traffic(call)
    return Cost(Kind.NORMALIZATION, moved, elementwise=2 * call.output.elements, foldable=True)


def normalization(call: Call) -> Cost:
    """Mean, variance, difference, scale and shift: five operations for each element."""
    return Cost(Kind.NORMALIZATION, traffic(call), elementwise=5 * call.output.elements)


def softmax(call: Call) -> Cost:
    """Maximum, difference, exponential, sum, quotient: five operations for each element."""
    return Cost(Kind.SOFTMAX, traffic(call), elementwise=5 * call.output.elements)


def pooling(call: Call) -> Cost:
    """One operation for each element in each window."""
    window = call.arg(1, "kernel_size", ())
    count = prod(window) if isinstance(window, tuple) else window
    return Cost(Kind.POOLING, traffic(call), elementwise=call.output.elements * count)


def adaptive_pooling(call: Call) -> Cost:
    """One operation for each element of the input: the windows tile it."""
    return Cost(Kind.POOLING, traffic(call), elementwise=call.args[0].elements)


def mean(call: Call) -> Cost:
    """A mean; over all places of a feature map it is global average pooling."""
    x = call.args[0]
    over = call.arg(1, "dim", ())
    dims = {dim % len(x.shape) for dim in over} if isinstance(over, tuple) and x.shape else set()
    places = set(range(2, len(x.shape)))
    kind = Kind.POOLING if len(places) > 1 and dims == places else Kind.REDUCTION
    return Cost(kind, traffic(call), elementwise=x.elements)


def reduction(call: Call) -> Cost:
    """One operation for each element of the input."""
    return Cost(Kind.REDUCTION, traffic(call), elementwise=next(call.tensors).elements)


def resampling(call: Call) -> Cost:
    """Interpolation: counted as one operation for each element of the result."""
    return Cost(Kind.RESAMPLING, traffic(call), elementwise=call.output.elements)


def other(call: Call) -> Cost:
    """Sorting, searching, transforms: counted as one operation for each element of the input."""
    return Cost(Kind.OTHER, traffic(call), elementwise=sum(map(_elements, call.tensors)))


def free(call: Call) -> Cost:  # noqa: ARG001  (a handler takes the call)
    """A view, or memory that is set aside: nothing is moved."""
    return Cost(Kind.VIEW, NONE)


def _elements(spec: Spec) -> int:
    return spec.elements
