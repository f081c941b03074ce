"""What shapes a layer makes of those that it is given, without the batch: ncnn has none."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import zip_longest
from math import prod
from typing import Final

from shufflenet_audit.loading.ncnn.param import FROM_INPUT, Layer, Shape
from shufflenet_audit.loading.ncnn.windows import convolved, deconvolved, pooled

_IMAGE = 3
_BOX = 6  # class, score and four corners
_END: Final = 2**31 - 1  # "up to the end", as exporters write it

Rule = Callable[[Layer, Sequence[Shape]], Sequence[Shape]]


def shapes(layer: Layer, given: Sequence[Shape]) -> tuple[Shape, ...] | None:
    """The shapes of all outputs, or None where no rule tells, or the rule does not fit."""
    rule = RULES.get(layer.type)
    if rule is None:
        return None
    try:
        made = tuple(rule(layer, given))
    except (ValueError, IndexError, ZeroDivisionError):
        return None
    fits = len(made) == len(layer.outputs) and all(min(shape, default=0) >= 0 for shape in made)
    return made if fits else None


def _same(layer: Layer, given: Sequence[Shape]) -> Sequence[Shape]:
    return [given[0]] * len(layer.outputs)


def _convolution(layer: Layer, given: Sequence[Shape]) -> Sequence[Shape]:
    return [convolved(layer, given[0])]


def _deconvolution(layer: Layer, given: Sequence[Shape]) -> Sequence[Shape]:
    return [deconvolved(layer, given[0])]


def _pooling(layer: Layer, given: Sequence[Shape]) -> Sequence[Shape]:
    return [pooled(layer, given[0])]


def _inner_product(layer: Layer, given: Sequence[Shape]) -> Sequence[Shape]:
    width, c_out = layer.number(2, 0) // layer.number(0, 1), layer.number(0, 0)
    rows = prod(given[0]) // width
    return [(rows, c_out) if rows > 1 else (c_out,)]


def _gemm(layer: Layer, given: Sequence[Shape]) -> Sequence[Shape]:
    """A product of two matrices; one that the layer holds has its sizes among the settings."""
    held = layer.number(4, 0), layer.number(5, 0)
    left = (layer.number(7, 0), layer.number(9, 0)) if held[0] else given[0]
    right = (layer.number(9, 0), layer.number(8, 0)) if held[1] else given[0 if held[0] else 1]
    rows = left[-1] if layer.number(2, 0) and not held[0] else left[-2]
    columns = right[-2] if layer.number(3, 0) and not held[1] else right[-1]
    return [(rows, columns)]


def _matmul(layer: Layer, given: Sequence[Shape]) -> Sequence[Shape]:
    left, right = given[:2]
    return [(*left[:-1], right[-2] if layer.number(0, 0) else right[-1])]


def _broadcast(layer: Layer, given: Sequence[Shape]) -> Sequence[Shape]:  # noqa: ARG001  (a rule)
    """The larger of each size; a single row of numbers has one for each channel of an image."""
    rank = max(map(len, given))
    wide = [(*shape, 1, 1) if len(shape) == 1 < rank == _IMAGE else shape for shape in given]
    sizes = zip_longest(*(reversed(shape) for shape in wide), fillvalue=1)
    return [tuple(max(each) for each in sizes)[::-1]]


def _concat(layer: Layer, given: Sequence[Shape]) -> Sequence[Shape]:
    rank = len(given[0])
    axis = layer.number(0, 0) % rank
    total = sum(shape[axis] for shape in given)
    return [(*given[0][:axis], total, *given[0][axis + 1 :])]


def _slice(layer: Layer, given: Sequence[Shape]) -> Sequence[Shape]:
    axis = layer.number(1, 0) % len(given[0])
    left, sizes = given[0][axis], [int(each) for each in layer.numbers(0)]
    made = []
    for at, size in enumerate(sizes):
        own = left // (len(sizes) - at) if size == FROM_INPUT else size
        made.append((*given[0][:axis], own, *given[0][axis + 1 :]))
        left -= own
    return made


def _crop(layer: Layer, given: Sequence[Shape]) -> Sequence[Shape]:
    """A part of an image, by starts and ends along axes, or by the shape of a second input."""
    if len(given) > 1:
        return [given[1]]
    sizes = list(given[0])
    axes = [int(each) for each in layer.numbers(11)] or range(len(sizes))
    for axis, start, end in zip(axes, layer.numbers(9), layer.numbers(10), strict=False):
        whole = sizes[axis]
        stop = whole if end in (FROM_INPUT, _END) else min(int(end), whole)
        first = int(start) % whole if start < 0 else int(start)
        sizes[axis] = (stop % whole if stop < 0 else stop) - first
    return [tuple(sizes)] if layer.numbers(9) else [_cut(layer, given[0])]


def _cut(layer: Layer, given: Shape) -> Shape:
    """A part of an image by its offsets and sizes, width first."""
    sizes = reversed(given)
    cut = (layer.number(3 + at, FROM_INPUT) for at in range(len(given)))
    pairs = zip(sizes, cut, enumerate(given), strict=True)
    kept = [size - layer.number(at, 0) if new == FROM_INPUT else new
            for size, new, (at, _) in pairs]  # fmt: skip
    return tuple(reversed(kept))


def _padding(layer: Layer, given: Sequence[Shape]) -> Sequence[Shape]:
    *channels, height, width = given[0] if len(given[0]) > 1 else (1, *given[0])
    top, bottom, left, right = (layer.number(key, 0) for key in range(4))
    front, behind = layer.number(7, 0), layer.number(8, 0)
    deep = [size + front + behind for size in channels]
    return [(*deep, height + top + bottom, width + left + right)[-len(given[0]) :]]


def _permute(layer: Layer, given: Sequence[Shape]) -> Sequence[Shape]:
    order = _ORDERS[len(given[0])][layer.number(0, 0)]
    return [tuple(given[0][axis] for axis in order)]


_ORDERS: Final[Mapping[int, Sequence[tuple[int, ...]]]] = {
    1: [(0,)],
    2: [(0, 1), (1, 0)],
    3: [(0, 1, 2), (0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0)],
}


def _reshape(layer: Layer, given: Sequence[Shape]) -> Sequence[Shape]:
    keys = [key for key in (2, 11, 1, 0) if layer.number(key, FROM_INPUT) != FROM_INPUT]
    before = dict(zip((0, 1, 2), reversed(given[0]), strict=False))
    sizes = [layer.number(key, 0) or before[key] for key in keys]
    known = prod(size for size in sizes if size > 0)
    return [tuple(size if size > 0 else prod(given[0]) // known for size in sizes)]


def _flatten(layer: Layer, given: Sequence[Shape]) -> Sequence[Shape]:  # noqa: ARG001  (a rule)
    return [(prod(given[0]),)]


def _reduction(layer: Layer, given: Sequence[Shape]) -> Sequence[Shape]:
    rank, keeps = len(given[0]), layer.number(4, 0)
    axes = {int(axis) % rank for axis in layer.numbers(3)}
    axes = set(range(rank)) if layer.number(1, 1) or not axes else axes
    kept = [1 if axis in axes else size for axis, size in enumerate(given[0])
            if keeps or axis not in axes]  # fmt: skip
    return [tuple(kept) or (1,)]


def _interp(layer: Layer, given: Sequence[Shape]) -> Sequence[Shape]:
    if len(given) > 1:
        return [(given[0][0], *given[1][-2:])]
    channels, height, width = given[0] if len(given[0]) == _IMAGE else (*given[0], 1, 1)
    rows = layer.number(3, 0) or int(height * _factor(layer, 1))
    columns = layer.number(4, 0) or int(width * _factor(layer, 2))
    return [(channels, rows, columns)]


def _factor(layer: Layer, key: int) -> float:
    value = layer.settings.get(key, 1.0)
    return float(value) if isinstance(value, int | float) else 1.0


def _pixel_shuffle(layer: Layer, given: Sequence[Shape]) -> Sequence[Shape]:
    (channels, height, width), factor = given[0], layer.number(0, 1)
    return [(channels // factor**2, height * factor, width * factor)]


def _reorg(layer: Layer, given: Sequence[Shape]) -> Sequence[Shape]:
    (channels, height, width), step = given[0], layer.number(0, 1)
    return [(channels * step**2, height // step, width // step)]


def _memory(layer: Layer, given: Sequence[Shape]) -> Sequence[Shape]:  # noqa: ARG001  (a rule)
    sizes = [layer.number(key, 0) for key in (2, 11, 1, 0)]
    return [tuple(size for size in sizes if size) or (1,)]


def _prior_box(layer: Layer, given: Sequence[Shape]) -> Sequence[Shape]:
    """Boxes of each place: for each smallest size one, one for each shape, and the largest."""
    smallest, largest, ratios = (len(layer.numbers(key)) for key in range(3))
    shapes_of_one = 1 + ratios * (2 if layer.number(7, 1) else 1)
    return [(2, 4 * prod(given[0][1:]) * (smallest * shapes_of_one + largest))]


def _detection(layer: Layer, given: Sequence[Shape]) -> Sequence[Shape]:  # noqa: ARG001  (a rule)
    """How many boxes are found depends on the image: none is the least."""
    return [(0, _BOX)]


def _attention(layer: Layer, given: Sequence[Shape]) -> Sequence[Shape]:
    return [(given[0][0], layer.number(0, given[0][-1]))]


def _each(rule: Rule, types: str) -> dict[str, Rule]:
    return dict.fromkeys(types.split(), rule)


RULES: Final[Mapping[str, Rule]] = {
    **_each(_convolution, "Convolution ConvolutionDepthWise"),
    **_each(_deconvolution, "Deconvolution DeconvolutionDepthWise"),
    **_each(_pooling, "Pooling"),
    **_each(_inner_product, "InnerProduct"),
    **_each(_gemm, "Gemm"),
    **_each(_matmul, "MatMul"),
    **_each(_attention, "MultiHeadAttention"),
    **_each(_broadcast, "BinaryOp Eltwise"),
    **_each(_concat, "Concat"),
    **_each(_slice, "Slice"),
    **_each(_crop, "Crop"),
    **_each(_padding, "Padding"),
    **_each(_permute, "Permute"),
    **_each(_reshape, "Reshape"),
    **_each(_flatten, "Flatten"),
    **_each(_reduction, "Reduction"),
    **_each(_interp, "Interp"),
    **_each(_pixel_shuffle, "PixelShuffle"),
    **_each(_reorg, "Reorg"),
    **_each(_memory, "MemoryData"),
    **_each(_prior_box, "PriorBox"),
    **_each(_detection, "DetectionOutput YoloDetectionOutput Yolov3DetectionOutput"),
    **_each(
        _same,
        "Split Noop Cast Packing Quantize Dequantize Requantize Dropout ShuffleChannel"
        " AbsVal BatchNorm Bias BNLL CELU Clip CumulativeSum ELU Erf Exp GELU GroupNorm HardSigmoid"
        " HardSwish InstanceNorm LRN LayerNorm Log Mish MVN Normalize Power PReLU ReLU RMSNorm"
        " Scale SELU Shrink Sigmoid Softmax Softplus Swish TanH Threshold UnaryOp",
    ),
}
"""The list of layers whose shapes are worked out where the file does not give them."""
