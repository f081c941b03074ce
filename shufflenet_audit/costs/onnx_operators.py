"""ONNX ops whose arguments stand in another order than PyTorch's, handed on to the same costs."""

from __future__ import annotations

from dataclasses import replace
from math import prod
from typing import Any

from shufflenet_audit.costs.conv import conv as aten_conv
from shufflenet_audit.costs.conv import deformable_conv as torchvision_deformable_conv
from shufflenet_audit.costs.data import embedding, look_up
from shufflenet_audit.costs.elementwise import mean as aten_mean
from shufflenet_audit.costs.elementwise import pooling as aten_pooling
from shufflenet_audit.costs.matmul import attention as aten_attention
from shufflenet_audit.costs.matmul import matmul as aten_matmul
from shufflenet_audit.costs.matmul import matmul_added as aten_matmul_added
from shufflenet_audit.costs.matmul import recurrent_layers
from shufflenet_audit.network.call import (
    Call,
    Spec,
    traffic,
)
from shufflenet_audit.network.cost import Cost
from shufflenet_audit.network.kind import Kind
from shufflenet_audit.network.tensor import Tensor

_MATRIX, _HEADED = 2, 4


def conv(call: Call) -> Cost:
    """A convolution; the integer one as well."""
    x, weight, bias = _padded(call.args, 3)
    bias = bias if call.op.endswith("Conv") else None  # ConvInteger has a zero point there
    return _conv(call, (x, weight, bias))


def conv_transpose(call: Call) -> Cost:
    """A transposed convolution."""
    return _conv(call, _padded(call.args, 3), transposed=True)


def qlinear_conv(call: Call) -> Cost:
    """A convolution of integers, each with a scale and a zero point beside it."""
    given = _padded(call.args, 9)
    return _conv(call, (given[0], given[3], given[8]))


def deformable_conv(call: Call) -> Cost:
    """A deformable convolution: the dot products, not the interpolation."""
    x, weight, offset, bias, mask = _padded(call.args, 5)
    return torchvision_deformable_conv(replace(call, args=(x, weight, offset, mask, bias)))


def gemm(call: Call) -> Cost:
    """A product of two matrices, either of them transposed, and perhaps a sum."""
    left, right, added = _padded(call.args, 3)
    left = _transposed(left) if call.kwargs.get("transA") else left
    right = _transposed(right) if call.kwargs.get("transB") else right
    return _product(call, left, right, added)


def matmul(call: Call) -> Cost:
    """A product of two matrices, or of batches of them."""
    return _product(call, call.args[0], call.args[1])


def matmul_integer(call: Call) -> Cost:
    """A product of matrices of integers, with zero points beside them."""
    return _product(call, call.args[0], call.args[1])


def qlinear_matmul(call: Call) -> Cost:
    """A product of matrices of integers, each with a scale and a zero point beside it."""
    return _product(call, call.args[0], call.args[3])


def einsum(call: Call) -> Cost:
    """
    A sum of products over named dimensions.

    Two operands that share a dimension which is summed over are a matrix product: every
    combination of indices is one multiply–accumulate. Anything else counts as element-wise.
    """
    sizes, summed = _indices(call)
    combinations = prod(sizes.values())
    if summed and len(tuple(call.tensors)) > 1:
        is_linear = any(spec.parameters for spec in call.tensors)
        kind = Kind.LINEAR if is_linear else Kind.MATMUL
        return Cost(kind, traffic(call), macs=combinations)
    kind = Kind.REDUCTION if summed else Kind.ELEMENTWISE
    return Cost(kind, traffic(call), elementwise=combinations)


def attention(call: Call) -> Cost:
    """Attention as one op; past keys and values are part of it."""
    query, key, value, mask, past_key, past_value = _padded(call.args, 6)
    heads = call.kwargs.get("q_num_heads", 1)
    kv_heads = call.kwargs.get("kv_num_heads", heads)
    query = _headed(query, heads)
    key, value = (_longer(_headed(each, kv_heads), past) for each, past in
                  ((key, past_key), (value, past_value)))  # fmt: skip
    aten = (query, key, value, 0.0, False, mask)
    return replace(aten_attention(replace(call, args=aten)), traffic=traffic(call))


def recurrent(call: Call) -> Cost:
    """A recurrent layer, in one direction or two: at each step each weight meets its input once."""
    x, *weights = call.args[:3]
    flat = tuple(_reshaped(each, prod(each.shape[:-1]), each.shape[-1]) for each in weights)
    cost = recurrent_layers(replace(call, args=(x, flat)))
    return replace(cost, traffic=traffic(call))


def pooling(call: Call) -> Cost:
    """One operation for each element in each window."""
    args = (call.args[0], call.kwargs.get("kernel_shape", ()))
    return aten_pooling(replace(call, args=args))


def mean(call: Call) -> Cost:
    """A mean; over all places of a feature map it is global average pooling."""
    args = (call.args[0], call.arg(1, "axes", ()) or ())
    return aten_mean(replace(call, args=args))


def gather(call: Call) -> Cost:
    """A look-up: of rows in a table that the model holds it is an embedding."""
    table, indices = call.args[:2]
    is_embedding = table.parameters and isinstance(indices, Spec)
    return embedding(call) if is_embedding else look_up(call)


def _conv(call: Call, operands: tuple[Any, ...], *, transposed: bool = False) -> Cost:
    x, weight, bias = operands
    rank = len(weight.shape) - 2
    stride = call.kwargs.get("strides", (1,) * rank)
    groups = call.kwargs.get("group", 1)
    aten = (x, weight, bias, stride, None, None, transposed, None, groups)
    return replace(aten_conv(replace(call, args=aten)), traffic=traffic(call))


def _product(call: Call, left: Spec, right: Spec, added: Spec | None = None) -> Cost:
    """A product; rows that stand in several dimensions are counted as those of one matrix."""
    if len(right.shape) == _MATRIX and len(left.shape) > _MATRIX:
        left = _reshaped(left, prod(left.shape[:-1]), left.shape[-1])
    args = (left, right) if added is None else (added, left, right)
    cost = aten_matmul if added is None else aten_matmul_added
    return replace(cost(replace(call, args=args)), traffic=traffic(call))


def _indices(call: Call) -> tuple[dict[str, int], bool]:
    """The size of each index of an einsum, and whether any is summed over."""
    equation = call.kwargs["equation"].decode().replace(" ", "")
    terms, arrow, result = equation.partition("->")
    sizes: dict[str, int] = {}
    for term, spec in zip(terms.split(","), call.tensors, strict=True):
        named = _spelled_out(term, len(spec.shape))
        sizes |= {index: size for index, size in zip(named, spec.shape, strict=True)
                  if size > 1 or index not in sizes}  # fmt: skip
    letters = terms.replace(",", "").replace(".", "")
    kept = result if arrow else "".join(each for each in letters if letters.count(each) == 1)
    return sizes, any(index not in kept for index in letters)


def _spelled_out(term: str, rank: int) -> list[str]:
    """The indices of an operand; those that `...` stands for are numbered from the right."""
    before, dots, after = term.partition("...")
    hidden = rank - len(before) - len(after) if dots else 0
    return [*before, *(f"...{at}" for at in range(hidden, 0, -1)), *after]


def _padded(args: tuple[Any, ...], count: int) -> tuple[Any, ...]:
    return (*args, *[None] * count)[:count]


def _reshaped(spec: Spec, *shape: int) -> Spec:
    return replace(spec, tensor=Tensor(shape, spec.tensor.dtype))


def _transposed(spec: Spec) -> Spec:
    return _reshaped(spec, *reversed(spec.shape))


def _headed(spec: Spec, heads: int) -> Spec:
    """Queries, keys or values with the heads in a dimension of their own."""
    if len(spec.shape) == _HEADED:
        return spec
    batch, length, width = spec.shape
    return _reshaped(spec, batch, heads, length, width // heads)


def _longer(spec: Spec, past: Spec | None) -> Spec:
    if past is None:
        return spec
    batch, heads, length, width = spec.shape
    return _reshaped(spec, batch, heads, length + past.shape[2], width)
