"""
What of a network takes time: amounts of some thirty kinds of work, from its costs after fusion.

They are computed alike from a PyTorch trace and from a file: batch norm is folded, what a runtime
fuses moves nothing, and a plain activation (ReLU and its kin) is free behind the op that made its
input. No name of a network or module is looked at.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import prod
from typing import Final

import numpy as np
from numpy.typing import NDArray

from shufflenet_audit.network.cost import Convolution
from shufflenet_audit.network.graph import CostGraph
from shufflenet_audit.network.kind import CONVOLUTIONS, Kind
from shufflenet_audit.network.op import Op
from shufflenet_audit.results.audit import Audit

Numbers = NDArray[np.float64]
Amounts = Iterator[tuple[str, float]]

FEATURES: Final[Mapping[str, float]] = {
    "kernels": -3.0,
    "depthwise_kernels": -3.0,
    "linear_kernels": -3.0,
    "pointwise_macs": 0.0,
    "3x3_macs": -0.7,  # Winograd's algorithm saves half of them
    "dense_macs": 0.0,
    "first_layer_macs": 0.3,
    "group_macs": 0.7,
    "token_macs": 0.0,
    "attention_macs": 0.3,
    "depthwise_3x3_macs": 1.0,
    "depthwise_strided_macs": 1.5,
    "depthwise_large_macs": 1.0,
    "integer_macs": 0.0,
    "integer_3x3_macs": -0.3,
    "integer_depthwise_macs": 0.0,
    "linear_weight_bytes": -0.5,
    "convolution_weight_bytes": 0.0,
    "convolution_bytes": -0.5,
    "depthwise_bytes": 0.0,
    "elementwise_bytes": 0.3,
    "fused_elementwise_bytes": -1.0,
    "transcendental_ops": 0.5,
    "quantizing_ops": 0.0,
    "pooling_bytes": 0.7,
    "normalization_bytes": 1.0,
    "data_bytes": 0.5,
    "other_bytes": 1.0,
}
"""
The kinds of work, and what one of each costs before any device was seen: the logarithm of its time
in units of a pointwise convolution's million multiply–adds. Those are counted in millions, as are
bytes and ops; kernels one by one. The numbers only matter where no timing tells.
"""

_NAMES: Final = tuple(FEATURES)
_MILLION: Final = 1e6
_LANES: Final = 4
"""Channels are computed in fours: ncnn packs so many, and others pack no fewer."""
_FEW_ROWS: Final = 4
"""Rows up to which a linear layer waits for its weights, each of which is used once a row."""
_COLOURS: Final = 4
"""Input channels up to which a convolution is a first layer: an image, perhaps with alpha."""
_SMALL_KERNEL: Final = 9
_PLAIN: Final = ("relu", "clip", "clamp", "hardtanh")
_TRANSCENDENTAL: Final = (
    "swish", "silu", "sigmoid", "gelu", "tanh", "mish", "erf", "softmax", "elu", "exp", "softplus"
)  # fmt: skip


def features(network: CostGraph | Audit) -> Numbers:
    """The amounts of a network, in the order of `FEATURES`. Ops of unknown cost add nothing."""
    graph = network.graph if isinstance(network, Audit) else network
    return sum(map(op_features, graph.known), np.zeros(len(FEATURES)))


def op_features(op: Op) -> Numbers:
    """The amounts of one op of known cost."""
    found = np.zeros(len(FEATURES))
    for name, amount in _amounts(op):
        scale = 1.0 if name.endswith("kernels") else _MILLION
        found[_NAMES.index(name)] += amount / scale
    return found


def _amounts(op: Op) -> Amounts:
    if not op.launched:
        yield from _sliced(op)
        return
    yield from _activation(op)
    if not op.bytes_fused and op.kind in (Kind.ELEMENTWISE, Kind.NORMALIZATION):
        return  # part of the kernel before it
    shape = op.convolution
    if op.kind is Kind.DEPTHWISE_CONV and shape:
        yield from _depthwise(op, shape)
    elif shape and (op.kind in CONVOLUTIONS or op.kind is Kind.LINEAR):
        yield from _product(op, shape)
    else:
        yield from _rest(op)


def _sliced(op: Op) -> Amounts:
    """A view of a part of a tensor: inference runtimes copy it."""
    whole = max((tensor.elements for tensor in op.inputs), default=0)
    if any(tensor.elements < whole for tensor in op.outputs):
        yield "kernels", 1
        yield "data_bytes", 2 * sum(tensor.bytes for tensor in op.outputs)


def _activation(op: Op) -> Amounts:
    """What an activation costs also where it is fused: exponentials, and a pass over the data."""
    called = op.target.partition(".")[2].lower()
    plain = any(word in called for word in _PLAIN)
    if not plain and "hard" not in called and any(word in called for word in _TRANSCENDENTAL):
        yield "transcendental_ops", op.elementwise
    if "quantize" in called:
        yield "quantizing_ops", op.elementwise
    elif op.kind is Kind.ELEMENTWISE and not op.bytes_fused and not plain:
        yield "fused_elementwise_bytes", op.bytes


def _depthwise(op: Op, shape: Convolution) -> Amounts:
    yield "kernels", 1
    yield "depthwise_kernels", 1
    macs = op.macs * _wasted(shape.c_out)
    small = prod(shape.kernel) <= _SMALL_KERNEL
    unstrided = set(shape.stride) <= {1}
    usual = "depthwise_3x3_macs" if unstrided else "depthwise_strided_macs"
    yield (usual if small else "depthwise_large_macs"), macs
    if _is_integer(op):
        yield "integer_depthwise_macs", macs
    yield "depthwise_bytes", max(op.bytes_fused - _weight_bytes(op), 0)


def _product(op: Op, shape: Convolution) -> Amounts:
    """A dense or grouped convolution, or a linear layer."""
    yield "kernels", 1
    weights = _weight_bytes(op)
    if shape.pointwise and shape.positions <= _FEW_ROWS:
        yield "linear_kernels", 1
        yield "linear_weight_bytes", weights
        return
    waste = _wasted(shape.c_out // shape.groups)
    waste *= _wasted(shape.c_in // shape.groups) if shape.groups > 1 else 1.0
    yield _macs_name(op, shape), op.macs * waste
    yield "convolution_bytes", max(op.bytes_fused - weights, 0)
    yield "convolution_weight_bytes", weights


def _macs_name(op: Op, shape: Convolution) -> str:
    if _is_integer(op):
        return "integer_3x3_macs" if _is_plain_3x3(shape) else "integer_macs"
    if shape.groups > 1:
        return "group_macs"
    if shape.pointwise:
        return "token_macs" if op.kind is Kind.LINEAR else "pointwise_macs"
    if shape.c_in <= _COLOURS:
        return "first_layer_macs"
    return "3x3_macs" if _is_plain_3x3(shape) else "dense_macs"


def _rest(op: Op) -> Amounts:
    yield "kernels", 1
    if op.macs:
        yield "attention_macs", op.macs
    yield _BYTES.get(op.kind, "other_bytes"), op.bytes_fused


_BYTES: Final[Mapping[Kind, str]] = {
    Kind.ATTENTION: "elementwise_bytes",
    Kind.MATMUL: "elementwise_bytes",
    Kind.ELEMENTWISE: "elementwise_bytes",
    Kind.POOLING: "pooling_bytes",
    Kind.REDUCTION: "pooling_bytes",
    Kind.RESAMPLING: "pooling_bytes",
    Kind.SOFTMAX: "normalization_bytes",
    Kind.NORMALIZATION: "normalization_bytes",
    Kind.DATA: "data_bytes",
    Kind.SHUFFLE: "data_bytes",
    Kind.CREATION: "data_bytes",
    Kind.EMBEDDING: "data_bytes",
}


def _wasted(channels: int) -> float:
    """How many times more is computed, because channels are computed in fours."""
    return -(-channels // _LANES) * _LANES / channels if channels else 1.0


def _weight_bytes(op: Op) -> int:
    size = min((tensor.element_size for tensor in op.inputs), default=4)
    return op.params * size


def _is_integer(op: Op) -> bool:
    return any("int8" in tensor.dtype for tensor in op.inputs)


def _is_plain_3x3(shape: Convolution) -> bool:
    return shape.kernel == (3, 3) and set(shape.stride) <= {1} and shape.groups == 1
