"""What each layer of ncnn costs. The table below is the list of what is supported."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from shufflenet_audit.costs.conv import conv
from shufflenet_audit.costs.data import creation, data, shuffle
from shufflenet_audit.costs.elementwise import (
    adaptive_pooling,
    elementwise,
    free,
    inference_batch_norm,
    mean,
    normalization,
    other,
    reduction,
    resampling,
    softmax,
)
from shufflenet_audit.costs.elementwise import pooling as window_pooling
from shufflenet_audit.costs.handler import Handler
from shufflenet_audit.costs.matmul import attention, linear, matmul
from shufflenet_audit.network.call import Call, TensorSpec
from shufflenet_audit.network.cost import Cost
from shufflenet_audit.network.tensor import Tensor


def convolution(call: Call) -> Cost:
    """A convolution with or without a bias."""
    return conv(replace(call, args=(*call.args, None)[:3]))


def pooling(call: Call) -> Cost:
    """Windows of a fixed size, or as many as there are places in the result."""
    return (adaptive_pooling if call.kwargs.get("adaptive") else window_pooling)(call)


def reduced(call: Call) -> Cost:
    """A mean, which over all places of an image is global pooling, or another reduction."""
    return (mean if call.kwargs.get("mean") else reduction)(call)


def gemm(call: Call) -> Cost:
    """A product of two matrices; with one that the layer holds it is a linear layer."""
    if any(spec.parameters for spec in call.tensors):
        x, *held = sorted(call.tensors, key=lambda spec: bool(spec.parameters))
        return linear(replace(call, args=(x, *held)))
    return product(call)


def product(call: Call) -> Cost:
    """A product of two tensors, either of them transposed."""
    operands = zip(call.args[:2], call.kwargs["transposed"], strict=True)
    return matmul(replace(call, args=tuple(_turned(spec) if turn else spec
                                           for spec, turn in operands)))  # fmt: skip


def _turned(spec: TensorSpec) -> TensorSpec:
    *batch, rows, columns = spec.shape
    return replace(spec, tensor=Tensor((*batch, columns, rows), spec.tensor.dtype))


def _each(handler: Handler, types: str) -> dict[str, Handler]:
    return {f"ncnn.{name}": handler for name in types.split()}


HANDLERS: Final[Mapping[str, Handler]] = {
    **_each(convolution, "Convolution ConvolutionDepthWise Deconvolution DeconvolutionDepthWise"),
    **_each(linear, "InnerProduct"),
    **_each(gemm, "Gemm"),
    **_each(product, "MatMul"),
    **_each(attention, "MultiHeadAttention"),
    **_each(inference_batch_norm, "BatchNorm Scale Bias"),
    **_each(normalization, "GroupNorm InstanceNorm LRN LayerNorm MVN Normalize RMSNorm"),
    **_each(softmax, "Softmax"),
    **_each(pooling, "Pooling"),
    **_each(reduced, "Reduction"),
    **_each(resampling, "Interp"),
    **_each(
        elementwise,
        "AbsVal BNLL BinaryOp CELU Clip ELU Eltwise Erf Exp GELU HardSigmoid HardSwish Log Mish"
        " PReLU Power ReLU SELU Shrink Sigmoid Softplus Swish TanH Threshold UnaryOp"
        " Quantize Dequantize Requantize",
    ),
    **_each(
        data, "Cast Concat Crop CumulativeSum Packing Padding Permute PixelShuffle Reorg Slice"
    ),
    **_each(shuffle, "ShuffleChannel"),
    **_each(creation, "PriorBox"),
    **_each(other, "DetectionOutput YoloDetectionOutput Yolov3DetectionOutput"),
    **_each(free, "Dropout ExpandDims Flatten Reshape Split Squeeze"),
}
