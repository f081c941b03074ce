"""Ways in which tools count an op: each from an op at its place to operations."""

from __future__ import annotations

from .place import Place


def nothing(_: Place) -> int:
    """None of it."""
    return 0


def ours(at: Place) -> int:
    """Its multiply–adds, as here."""
    return at.op.macs


def with_bias(at: Place) -> int:
    """Its multiply–adds and what is added to them."""
    return at.op.macs + at.op.elementwise


def written(at: Place) -> int:
    """One for each element of its result."""
    return at.written


def per_output(at: Place) -> int:
    """As if each element of a transposed convolution's result met the whole filter."""
    shape = at.op.convolution
    return at.op.macs * shape.positions // shape.positions_in if shape else 0


def per_image(at: Place) -> int:
    """Its parameters once for each image of the batch, whatever other dimensions there are."""
    return at.batch * at.op.params


def parameters(at: Place) -> int:
    """The parameters at each place of a convolution's result."""
    return at.op.params * at.op.convolution.positions if at.op.convolution else 0


def affine(at: Place) -> bool:
    """A norm with a scale: that of an instance norm is repeated before it is read."""
    return bool(at.op.params or at.op.inputs[1:])
