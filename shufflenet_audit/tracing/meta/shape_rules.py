"""
What the commonest ops make, known from the layouts that they are given.

PyTorch's own meta kernels for these are Python, slow, and the first call imports SymPy and the
compiler, which takes longer than importing PyTorch.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import torch

from shufflenet_audit.tracing.meta.layout import Layout
from shufflenet_audit.tracing.meta.recurrent_shapes import recurrent

aten = torch.ops.aten

Outcome = tuple[type | None, tuple[Layout, ...]]
"""The container of the results (None: it is one tensor), and how each is laid out."""


def foretold(func: Any, args: Sequence[Any]) -> Outcome | None:
    """What an op makes of these arguments, tensors being layouts; None if PyTorch must say."""
    rule = _RULES.get(func)
    return rule(*args) if rule else None


def in_place(func: Any) -> bool:
    """Whether the op only changes the values of its one tensor, and gives that back."""
    return func in _IN_PLACE


def _convolution(  # noqa: PLR0913, PLR0917  (as PyTorch has it)
    x: Layout,
    weight: Layout,
    bias: Layout | None,  # noqa: ARG001  (see above)
    stride: Sequence[int],
    padding: Sequence[int],
    dilation: Sequence[int],
    transposed: bool,  # noqa: FBT001  (see above)
    output_padding: Sequence[int],  # noqa: ARG001  (see above)
    groups: int,
) -> Outcome | None:
    """A convolution that is not transposed, on what fits it: anything else is PyTorch's to say."""
    checked(x, weight, transposed=transposed)
    rank = len(weight.shape) - 2
    lengths = {len(each) for each in (x.shape[2:], stride, padding, dilation)}
    if transposed or lengths != {rank} or x.shape[1] != weight.shape[1] * groups:
        return None
    places = zip(x.shape[2:], weight.shape[2:], stride, padding, dilation, strict=True)
    sizes = tuple((n + 2 * p - d * (k - 1) - 1) // s + 1 for n, k, s, p, d in places)
    if min((*sizes, x.shape[0])) <= 0:
        return None
    shape = (x.shape[0], weight.shape[0], *sizes)
    last = any(each.channels_last for each in (x, weight))
    return None, (Layout.dense(shape, x.dtype, channels_last=last),)


def checked(x: Layout, weight: Layout, *, transposed: bool) -> None:
    """Refuse what real kernels refuse, and PyTorch's own on meta tensors let pass."""
    if x.dtype != weight.dtype:
        message = f"the input of a convolution is {x.dtype}, its weight {weight.dtype}"
        raise RuntimeError(message)
    if transposed and x.shape[1] != weight.shape[0]:
        message = f"a transposed convolution of {weight.shape[0]} channels got {x.shape[1]}"
        raise RuntimeError(message)


def _batch_norm(x: Layout, *rest: Any) -> Outcome | None:
    """At inference: its input's like, and two empty statistics."""
    training = rest[4]
    if training or not x.is_dense:
        return None
    empty = Layout((0,), (1,), x.dtype)
    return tuple, (x, empty, empty)


def _activation(x: Layout, *_: Any) -> Outcome | None:
    return (None, (x,)) if x.is_dense and x.dtype.is_floating_point else None


def _concatenation(tensors: Sequence[Layout], dim: int = 0) -> Outcome | None:
    """Of tensors whose dimensions lie in order, and differ only along the one that grows."""
    first = tensors[0]
    if not first.shape or not all(x.in_order and x.dtype == first.dtype for x in tensors):
        return None
    dim %= len(first.shape)
    if len({(*x.shape[:dim], *x.shape[dim + 1 :]) for x in tensors}) > 1:
        return None
    grown = sum(x.shape[dim] for x in tensors)
    return None, (Layout.dense((*first.shape[:dim], grown, *first.shape[dim + 1 :]), first.dtype),)


def _max_pooling(  # noqa: PLR0913, PLR0917  (as PyTorch has it)
    x: Layout,
    kernel: Sequence[int],
    stride: Sequence[int] = (),
    padding: Sequence[int] = (0,),
    dilation: Sequence[int] = (1,),
    ceil: bool = False,  # noqa: FBT001, FBT002  (see above)
) -> Outcome | None:
    """The maxima of a batch of images, and where they were."""
    maxima = _pooled(x, (kernel, stride or kernel, padding, dilation), ceil=ceil)
    return maxima and (tuple, (maxima, maxima._replace(dtype=torch.int64)))


def _average_pooling(  # noqa: PLR0913, PLR0917  (as PyTorch has it)
    x: Layout,
    kernel: Sequence[int],
    stride: Sequence[int] = (),
    padding: Sequence[int] = (0,),
    ceil: bool = False,  # noqa: FBT001, FBT002  (see above)
    *_: Any,
) -> Outcome | None:
    """The means of a batch of images."""
    means = _pooled(x, (kernel, stride or kernel, padding, (1,)), ceil=ceil)
    return means and (None, (means,))


def _pooled(x: Layout, windows: Sequence[Sequence[int]], *, ceil: bool) -> Layout | None:
    """A batch of images after windows of that kernel, stride, padding and dilation."""
    if len(x.shape) != _IMAGES or not x.is_dense:
        return None
    sides = zip(x.shape[2:], *((each[0], each[-1]) for each in windows), strict=True)
    sizes = [_windows(*side, ceil=ceil) for side in sides]
    if min((*sizes, *x.shape)) <= 0:
        return None
    return Layout.dense((*x.shape[:2], *sizes), x.dtype, channels_last=x.channels_last)


def _windows(n: int, *window: int, ceil: bool) -> int:
    """How many windows there are along one side; none where the padding is too wide."""
    kernel, stride, padding, dilation = window
    if 2 * padding > kernel:
        return 0
    over = n + 2 * padding - dilation * (kernel - 1) - 1
    count = (-(-over // stride) if ceil else over // stride) + 1
    # The last window must begin within the image or the padding before it.
    return count - 1 if ceil and (count - 1) * stride >= n + padding else count


def _product(left: Layout, right: Layout) -> Outcome | None:
    """A product of two matrices."""
    if left.shape[1:] != right.shape[:1] or left.dtype != right.dtype:
        return None
    return None, (Layout.dense((left.shape[0], right.shape[1]), left.dtype),)


def _product_added(bias: Layout, left: Layout, right: Layout) -> Outcome | None:
    """A product of two matrices, with a bias for each column."""
    fits = bias.shape == right.shape[1:] and bias.dtype == left.dtype
    return _product(left, right) if fits else None


def _mean(x: Layout, dims: Sequence[int] | None, keep: bool = False) -> Outcome | None:  # noqa: FBT001, FBT002
    """The mean over some dimensions of a tensor that lies in order."""
    if not dims or not x.in_order or not x.dtype.is_floating_point:
        return None
    over = {dim % len(x.shape) for dim in dims}
    sizes = ((1 if keep else None) if at in over else size for at, size in enumerate(x.shape))
    return None, (Layout.dense(tuple(size for size in sizes if size is not None), x.dtype),)


def _alike(x: Layout, y: Any) -> Outcome | None:
    """An element-wise op on two tensors that are laid out alike."""
    return (None, (x,)) if isinstance(y, Layout) and x == y and x.is_dense else None


_IMAGES = 4
_ACTIVATIONS = "relu hardtanh hardswish hardsigmoid silu gelu sigmoid leaky_relu elu mish tanh"
_RULES: Final[Mapping[Any, Callable[..., Outcome | None]]] = {
    aten.convolution.default: _convolution,
    aten.native_batch_norm.default: _batch_norm,
    aten.cat.default: _concatenation,
    aten.max_pool2d_with_indices.default: _max_pooling,
    aten.avg_pool2d.default: _average_pooling,
    aten.mean.dim: _mean,
    aten.mm.default: _product,
    aten.addmm.default: _product_added,
    aten.add.Tensor: _alike,
    aten.mul.Tensor: _alike,
    **{getattr(aten, name).input: recurrent for name in ("lstm", "gru", "rnn_tanh", "rnn_relu")},
    **{getattr(aten, name).default: _activation for name in _ACTIVATIONS.split()},
}
_IN_PLACE = frozenset(getattr(aten, f"{name}_").default for name in _ACTIVATIONS.split())
