"""What a layer holds: the shapes of its weights, which are in another file."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import prod
from typing import Final

from shufflenet_audit.loading.ncnn.param import Layer, Shape
from shufflenet_audit.loading.ncnn.windows import kernel

_FULL, _ROW = 3, 4  # how Gemm spreads its third matrix: not at all, or one row over all
_WIDE = 100  # a scale term above it: the result stays in integers

Held = tuple[tuple[str, Shape], ...]


def weights(layer: Layer, given: Sequence[Shape]) -> Held:
    """Names and shapes of the weights of a layer that is given these shapes."""
    holds = _HOLDS.get(layer.type)
    return holds(layer, given) if holds else ()


def announced(layer: Layer) -> int | None:
    """How many elements the file says the weight of a convolution or linear layer has."""
    key = _SIZES.get(layer.type)
    return layer.number(key, 0) or None if key is not None else None


def groups(layer: Layer) -> int:
    """Groups of a convolution."""
    return layer.number(7, 1) if "DepthWise" in layer.type else 1


def is_integer(layer: Layer) -> bool:
    """Whether the weights of a layer are integers of 8 bits."""
    return layer.type in _SIZES and layer.number(8, 0) != 0


def makes_integers(layer: Layer) -> bool:
    """Whether its result stays in integers of 8 bits, for the next layer."""
    return is_integer(layer) and layer.number(8, 0) > _WIDE


def _convolution(layer: Layer, given: Sequence[Shape]) -> Held:
    c_out = layer.number(0, 0)
    weight = (c_out, given[0][0] // groups(layer), *kernel(layer))
    return (("weight", weight), *_bias(c_out, layer.number(5, 0)))


def _deconvolution(layer: Layer, given: Sequence[Shape]) -> Held:
    c_out = layer.number(0, 0)
    weight = (given[0][0], c_out // groups(layer), *kernel(layer))
    return (("weight", weight), *_bias(c_out, layer.number(5, 0)))


def _inner_product(layer: Layer, given: Sequence[Shape]) -> Held:
    c_out = layer.number(0, 0)
    rows = layer.number(2, 0) // max(c_out, 1)
    return (("weight", (c_out, rows or prod(given[0]))), *_bias(c_out, layer.number(1, 0)))


def _gemm(layer: Layer, given: Sequence[Shape]) -> Held:  # noqa: ARG001  (one of a table)
    rows, columns, inner = (layer.number(key, 0) for key in (7, 8, 9))
    added = {_FULL: (rows, columns), _ROW: (columns,)}.get(layer.number(10, 0), (1,))
    parts: dict[str, tuple[int, Shape]] = {
        "left": (4, (rows, inner)),
        "weight": (5, (columns, inner)),
        "bias": (6, added),
    }
    return tuple((name, shape) for name, (key, shape) in parts.items() if layer.number(key, 0))


def _attention(layer: Layer, given: Sequence[Shape]) -> Held:  # noqa: ARG001  (one of a table)
    width = layer.number(0, 0)
    query = layer.number(2, 0) // max(width, 1) or width
    widths = {"query": query, "key": layer.number(3, width), "value": layer.number(4, width)}
    made = [(name, (width, c_in)) for name, c_in in widths.items()]
    matrices = [*made, ("output", (query, width))]
    return tuple(
        part
        for name, shape in matrices
        for part in ((f"{name}.weight", shape), (f"{name}.bias", shape[:1]))
    )


def _affine(size: int, switch: int) -> Callable[[Layer, Sequence[Shape]], Held]:
    """Weights of a normalisation: its size and whether it has any are in these settings."""

    def holds(layer: Layer, given: Sequence[Shape]) -> Held:  # noqa: ARG001  (one of a table)
        shape = (layer.number(size, 0),)
        return (("weight", shape), ("bias", shape)) if layer.number(switch, 1) else ()

    return holds


def _batch_norm(layer: Layer, given: Sequence[Shape]) -> Held:  # noqa: ARG001  (one of a table)
    shape = (layer.number(0, 0),)
    return (("weight", shape), ("bias", shape))


def _scale(layer: Layer, given: Sequence[Shape]) -> Held:  # noqa: ARG001  (one of a table)
    shape = (max(layer.number(0, 0), 0),)  # -233 where the scale comes as a second input
    return (("weight", shape), *_bias(shape[0], layer.number(1, 0))) if shape[0] else ()


def _slopes(layer: Layer, given: Sequence[Shape]) -> Held:  # noqa: ARG001  (one of a table)
    return (("weight", (layer.number(0, 0),)),)


def _memory(layer: Layer, given: Sequence[Shape]) -> Held:  # noqa: ARG001  (one of a table)
    sizes = tuple(size for key in (2, 11, 1, 0) if (size := layer.number(key, 0)))
    return (("", sizes or (1,)),)


def _bias(size: int, present: int) -> Held:
    return (("bias", (size,)),) if present else ()


_HOLDS: Final[Mapping[str, Callable[[Layer, Sequence[Shape]], Held]]] = {
    "Convolution": _convolution,
    "ConvolutionDepthWise": _convolution,
    "Deconvolution": _deconvolution,
    "DeconvolutionDepthWise": _deconvolution,
    "InnerProduct": _inner_product,
    "Gemm": _gemm,
    "MultiHeadAttention": _attention,
    "LayerNorm": _affine(0, 2),
    "RMSNorm": _affine(0, 2),
    "InstanceNorm": _affine(0, 2),
    "GroupNorm": _affine(1, 3),
    "BatchNorm": _batch_norm,
    "Scale": _scale,
    "Bias": _slopes,
    "PReLU": _slopes,
    "MemoryData": _memory,
}
_SIZES: Final[Mapping[str, int]] = {
    "Convolution": 6,
    "ConvolutionDepthWise": 6,
    "Deconvolution": 6,
    "DeconvolutionDepthWise": 6,
    "InnerProduct": 2,
}
