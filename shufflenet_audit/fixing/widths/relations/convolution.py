"""How a convolution ties the channels of its input, its filters and its output."""

from __future__ import annotations

from shufflenet_audit.fixing.widths.form import ONE, Form
from shufflenet_audit.fixing.widths.relations.pooling import window
from shufflenet_audit.fixing.widths.relations.step import Forms, Outcome, Shape, Step, constants
from shufflenet_audit.fixing.widths.sizes import NotUnderstoodError, Sizes

GROUPS = 8
"""The position of `groups` among the arguments of a convolution."""


def convolution(step: Step, sizes: Sizes) -> Outcome:
    """
    Filters are as deep as the input has channels, divided by the groups.

    A depthwise convolution has as many groups as channels, and whole filters per channel.
    """
    x, weight, bias, stride = step.args[:4]
    transposed, groups = step.args[6], step.args[GROUPS]
    for extent in weight.forms[2:]:
        sizes.fix(extent, "the extent of a filter")
    if transposed:
        outputs = _transposed(x, weight, groups, sizes)
    else:
        outputs = _filters(x, weight, groups, sizes)
    if bias is not None:
        sizes.equal(bias[0], outputs)
    places = _places(x, step, stride, sizes) if not transposed else constants(step.made[0][2:])
    run_over = x.forms if transposed else (x[0], outputs, *places)
    depthwise = is_depthwise(x, groups)
    return Outcome(
        ((x[0], outputs, *places),),
        numbers={GROUPS: x[1]} if depthwise else {},
        macs=((*run_over, *weight.forms[1:]),),
        widths=(x[1], outputs),
    )


def is_depthwise(x: Shape, groups: int) -> bool:
    """Whether every channel is a group of its own."""
    return groups > 1 and groups == x.sizes[1]


def _filters(x: Shape, weight: Shape, groups: int, sizes: Sizes) -> Form:
    if is_depthwise(x, groups):
        sizes.equal(weight[1], ONE)
        sizes.equal(weight[0], x[1] * (weight.sizes[0] // groups))
    else:
        sizes.equal(weight[1], x[1] / groups)
        sizes.whole(weight[0] / groups)
    return weight[0]


def _transposed(x: Shape, weight: Shape, groups: int, sizes: Sizes) -> Form:
    if is_depthwise(x, groups):
        message = "a transposed depthwise convolution"
        raise NotUnderstoodError(message)
    sizes.equal(weight[0], x[1])
    sizes.whole(weight[0] / groups)
    return weight[1] * groups


def _places(x: Shape, step: Step, stride: list[int], sizes: Sizes) -> Forms:
    return tuple(
        window(form, (size, made), sizes, moves=stride[at % len(stride)])
        for at, (form, size, made) in enumerate(
            zip(x.forms[2:], x.sizes[2:], step.made[0][2:], strict=True)
        )
    )
