"""
What the commonest ops make, known from the layouts that they are given.

PyTorch's own meta kernels for these are Python, slow, and the first call imports SymPy and the
compiler, which takes longer than importing PyTorch.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import torch

from shufflenet_audit.trace.layout import Layout

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
    _checked(x, weight, transposed=transposed)
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


def _checked(x: Layout, weight: Layout, *, transposed: bool) -> None:
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


_ACTIVATIONS = "relu hardtanh hardswish hardsigmoid silu gelu sigmoid leaky_relu elu mish tanh"
_RULES: Final[Mapping[Any, Callable[..., Outcome | None]]] = {
    aten.convolution.default: _convolution,
    aten.native_batch_norm.default: _batch_norm,
    **{getattr(aten, name).default: _activation for name in _ACTIVATIONS.split()},
}
_IN_PLACE = frozenset(getattr(aten, f"{name}_").default for name in _ACTIVATIONS.split())
