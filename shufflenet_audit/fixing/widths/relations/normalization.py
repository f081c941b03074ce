"""How normalisation ties sizes: scale and shift are as long as what they are applied to."""

from __future__ import annotations

from shufflenet_audit.fixing.widths.form import ONE, Form
from shufflenet_audit.fixing.widths.relations.step import Forms, Outcome, Shape, Step, constants
from shufflenet_audit.fixing.widths.sizes import Sizes


def batch_norm(step: Step, sizes: Sizes) -> Outcome:
    """One scale, shift, mean and variance per channel."""
    x, *held = step.args[:5]
    for each in held:
        if isinstance(each, Shape):
            sizes.equal(each[0], x[1])
    return Outcome((x.forms, *(_per_channel(x, made) for made in step.made[1:])))


def layer_norm(step: Step, sizes: Sizes) -> Outcome:
    """Scale and shift for the last dimensions, whose sizes are its second argument."""
    _, lengths, *held = step.args[:4]
    return _over_the_last(step, len(lengths), held, sizes)


def rms_norm(step: Step, sizes: Sizes) -> Outcome:
    """As layer norm, with no shift."""
    _, lengths, *held = step.args[:3]
    return _over_the_last(step, len(lengths), held, sizes)


def group_norm(step: Step, sizes: Sizes) -> Outcome:
    """Scale and shift per channel; channels make whole groups, or each is a group."""
    x, weight, bias, _, _, places, groups = step.args[:7]
    for held in (weight, bias):
        if held is not None:
            sizes.equal(held[0], x[1])
    per_channel = groups == x.sizes[1]
    if not per_channel:
        sizes.whole(x[1] / groups)
    numbers = {3: x[0], 4: x[1], 5: Form.of(places), 6: x[1] if per_channel else Form.of(groups)}
    statistics = (x[0], numbers[6])
    return Outcome((x.forms, statistics, statistics), numbers=numbers)


def _over_the_last(step: Step, count: int, held: list[Shape | None], sizes: Sizes) -> Outcome:
    x: Shape = step.args[0]
    last = x.forms[len(x) - count :]
    for each in held:
        if each is not None:
            for a, b in zip(each.forms, last, strict=True):
                sizes.equal(a, b)
    statistics = (*x.forms[: len(x) - count], *(ONE,) * count)
    others = (statistics,) * (len(step.made) - 1)
    return Outcome((x.forms, *others), numbers={1: last})


def _per_channel(x: Shape, made: tuple[int, ...]) -> Forms:
    """The statistics of a batch norm: none where it only uses what it has."""
    return (x[1],) if made == (x.sizes[1],) else constants(made)
