"""Output sizes of layers that move a window over an image: convolution and pooling."""

from __future__ import annotations

from typing import Final, NamedTuple

from shufflenet_audit.loading.ncnn.param import FROM_INPUT, Layer, Shape

_SAME: Final = frozenset({FROM_INPUT, -234})  # padding above or below, as TensorFlow has it
_FULL, _VALID = 0, 1


class _Axis(NamedTuple):
    """Keys of the settings for one direction."""

    kernel: int
    dilation: int
    stride: int
    before: int
    after: int


_ROWS: Final = _Axis(11, 12, 13, 14, 16)
_COLUMNS: Final = _Axis(1, 2, 3, 4, 15)


def kernel(layer: Layer) -> tuple[int, int]:
    """Height and width of a window."""
    width = layer.number(_COLUMNS.kernel, 0)
    return layer.number(_ROWS.kernel, width), width


def stride(layer: Layer) -> tuple[int, int]:
    """Steps of a convolution down and right."""
    right = layer.number(_COLUMNS.stride, 1)
    return layer.number(_ROWS.stride, right), right


def convolved(layer: Layer, given: Shape) -> Shape:
    """The shape that a convolution makes of an image."""
    _, height, width = given
    return layer.number(0, 0), _convolved(layer, height, _ROWS), _convolved(layer, width, _COLUMNS)


def deconvolved(layer: Layer, given: Shape) -> Shape:
    """The shape that a transposed convolution makes of an image."""
    _, height, width = given
    rows = layer.number(21, 0) or _deconvolved(layer, height, _ROWS) + layer.number(19, 0)
    columns = layer.number(20, 0) or _deconvolved(layer, width, _COLUMNS) + layer.number(18, 0)
    return layer.number(0, 0), rows, columns


def pooled(layer: Layer, given: Shape) -> Shape:
    """The shape that a pooling makes of an image."""
    channels, height, width = given
    if layer.number(4, 0):
        return (channels,)
    if layer.number(7, 0):
        columns = layer.number(8, 0)
        return channels, layer.number(18, columns), columns
    left, right = layer.number(3, 0), layer.number(14, layer.number(3, 0))
    top = layer.number(13, left)
    down, across = layer.number(12, layer.number(2, 1)), layer.number(2, 1)
    rows, columns = kernel(layer)
    mode = layer.number(5, _FULL)
    return (
        channels,
        _pooled(mode, height + top + layer.number(15, top), (rows, down)),
        _pooled(mode, width + left + right, (columns, across)),
    )


def _along(layer: Layer, axis: _Axis) -> tuple[int, int, int, int]:
    """Extent, stride and paddings in one direction: the vertical ones follow the horizontal."""
    size, dilation, step, before = (
        layer.number(own, layer.number(usual, default))
        for own, usual, default in zip(axis, _COLUMNS, (0, 1, 1, 0), strict=False)
    )
    return dilation * (size - 1) + 1, step, before, layer.number(axis.after, before)


def _convolved(layer: Layer, size: int, axis: _Axis) -> int:
    extent, step, before, after = _along(layer, axis)
    if before in _SAME:
        return -(-size // step)
    return (size + before + after - extent) // step + 1


def _deconvolved(layer: Layer, size: int, axis: _Axis) -> int:
    extent, step, before, after = _along(layer, axis)
    return size * step if before in _SAME else (size - 1) * step + extent - before - after


def _pooled(mode: int, size: int, window: tuple[int, int]) -> int:
    extent, step = window
    if mode == _FULL:
        return -(-(size - extent) // step) + 1
    return (size - extent) // step + 1 if mode == _VALID else -(-size // step)
