"""The settings of a layer under the names that PyTorch has for them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from shufflenet_audit.loading.ncnn.param import Layer
from shufflenet_audit.loading.ncnn.weights import groups
from shufflenet_audit.loading.ncnn.windows import kernel, stride

_MEAN: Final = 3


def settings(layer: Layer) -> dict[str, Any]:
    """What the cost handlers read beside the tensors of a call."""
    named = _SETTINGS.get(layer.type)
    return named(layer) if named else {}


def _convolution(layer: Layer) -> dict[str, Any]:
    return {"stride": stride(layer), "groups": groups(layer)}


def _deconvolution(layer: Layer) -> dict[str, Any]:
    return {**_convolution(layer), "transposed": True}


def _pooling(layer: Layer) -> dict[str, Any]:
    adaptive = bool(layer.number(4, 0) or layer.number(7, 0))
    return {"adaptive": adaptive, "kernel_size": kernel(layer)}


def _reduction(layer: Layer) -> dict[str, Any]:
    axes = {int(axis) for axis in layer.numbers(3)}
    every = bool(layer.number(1, 1)) or not axes
    return {"mean": layer.number(0, 0) == _MEAN, "dim": () if every else _batched(axes)}


def _gemm(layer: Layer) -> dict[str, Any]:
    return {"transposed": (bool(layer.number(2, 0)), bool(layer.number(3, 0)))}


def _matmul(layer: Layer) -> dict[str, Any]:
    return {"transposed": (False, bool(layer.number(0, 0)))}


def _batched(axes: set[int]) -> tuple[int, ...]:
    """Dimensions of a tensor with a batch; those that count from the end are the same."""
    return tuple(sorted(axis + 1 if axis >= 0 else axis for axis in axes))


_SETTINGS: Final[Mapping[str, Callable[[Layer], dict[str, Any]]]] = {
    "Convolution": _convolution,
    "ConvolutionDepthWise": _convolution,
    "Deconvolution": _deconvolution,
    "DeconvolutionDepthWise": _deconvolution,
    "Pooling": _pooling,
    "Reduction": _reduction,
    "Gemm": _gemm,
    "MatMul": _matmul,
}
