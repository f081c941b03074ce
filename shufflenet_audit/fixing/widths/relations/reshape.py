"""How views and moves of dimensions tie sizes."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from math import prod

from shufflenet_audit.fixing.widths.form import ONE, Form
from shufflenet_audit.fixing.widths.relations.step import Forms, Outcome, Shape, Step, constants
from shufflenet_audit.fixing.widths.sizes import NotUnderstoodError, Sizes

_FEW = 8
"""A last dimension of fewer than this is taken for a block of places, as in a pixel shuffle."""


def reshape(step: Step, sizes: Sizes) -> Outcome:
    """
    Dimensions merged and split; in each product of sizes that stays, one width may vary.

    Where a width is split, the number of parts stays and their size varies: groups, heads and
    projections stand before what is in them.
    """
    x: Shape = step.args[0]
    forms = _reshaped(x, step, sizes)
    return Outcome((forms,), numbers={1: forms})


def transpose(step: Step, sizes: Sizes) -> Outcome:
    """Two dimensions swapped."""
    del sizes
    x: Shape = step.args[0]
    a, b = step.args[1:3] if len(step.args) > 1 else (0, len(x) - 1)
    forms = list(x.forms)
    forms[a], forms[b] = forms[b], forms[a]
    return Outcome((tuple(forms),))


def permute(step: Step, sizes: Sizes) -> Outcome:
    """Dimensions in another order."""
    del sizes
    x, dims = step.args[:2]
    return Outcome((tuple(x[dim] for dim in dims),))


def unsqueeze(step: Step, sizes: Sizes) -> Outcome:
    """A new dimension of 1."""
    del sizes
    x, dim = step.args[:2]
    dim %= len(x) + 1
    return Outcome(((*x.forms[:dim], ONE, *x.forms[dim:]),))


def squeeze(step: Step, sizes: Sizes) -> Outcome:
    """Dimensions of 1 taken away."""
    del sizes
    x, *rest = step.args
    dims = rest[0] if rest else range(len(x))
    listed = {dim % len(x) for dim in ((dims,) if isinstance(dims, int) else dims)}
    gone = {dim for dim in listed if x.sizes[dim] == 1}
    if len(x) - len(gone) != len(step.made[0]):
        message = "which dimensions it takes away depends on the batch"
        raise NotUnderstoodError(message)
    return Outcome((tuple(form for dim, form in enumerate(x.forms) if dim not in gone),))


def expand(step: Step, sizes: Sizes) -> Outcome:
    """Sizes of 1 spread over as many places as those who read them have."""
    x: Shape = step.args[0]
    made = step.made[0]
    before = len(made) - len(x)
    forms = tuple(
        sizes.new(size, step.name)
        if dim < before or (x.sizes[dim - before] == 1 and size != 1)
        else x[dim - before]
        for dim, size in enumerate(made)
    )
    return Outcome((forms,), numbers={1: forms})


def padding(step: Step, sizes: Sizes) -> Outcome:
    """So many more on either side."""
    del sizes
    x: Shape = step.args[0]
    made = step.made[0]
    return Outcome((tuple(x[dim] + Form.of(size - x.sizes[dim]) for dim, size in enumerate(made)),))


def as_strided(step: Step, sizes: Sizes) -> Outcome:
    """Another layout of the same tensor; any other look at its memory is not understood."""
    x: Shape = step.args[0]
    if step.made[0] != x.sizes or step.arg(3, "storage_offset"):
        message = "it looks at memory by strides"
        raise NotUnderstoodError(message)
    del sizes
    return Outcome((x.forms,))


def shuffle(step: Step, sizes: Sizes) -> Outcome:
    """Channels dealt out in groups, which stay whole."""
    x, groups = step.args[:2]
    sizes.whole(x[1] / groups)
    return Outcome((x.forms,))


def pixel_shuffle(step: Step, sizes: Sizes) -> Outcome:
    """Channels become places."""
    return _pixels(step, sizes, divided=True)


def pixel_unshuffle(step: Step, sizes: Sizes) -> Outcome:
    """Places become channels."""
    return _pixels(step, sizes, divided=False)


def _pixels(step: Step, sizes: Sizes, *, divided: bool) -> Outcome:
    del sizes
    x, factor = step.args[:2]
    channels = x[-3] / factor**2 if divided else x[-3] * factor**2
    return Outcome(((*x.forms[:-3], channels, *constants(step.made[0][-2:])),))


def _reshaped(x: Shape, step: Step, sizes: Sizes) -> Forms:
    made = step.made[0]
    if 0 in made:
        return constants(made)
    forms: list[Form] = [ONE] * len(made)
    for before, after in _products(x.sizes, made):
        given = [x[dim] for dim in before]
        targets = [made[dim] for dim in after]
        for dim, form in zip(after, _regrouped(given, targets, step, sizes), strict=True):
            forms[dim] = form
    return tuple(forms)


def _regrouped(given: list[Form], made: list[int], step: Step, sizes: Sizes) -> Forms:
    """The sizes of one product after a reshape."""
    if len(made) == 1 and len(given) == 1:
        return (given[0],)
    varying = [form for form in given if not sizes.is_fixed(form)]
    if not varying:
        return constants(tuple(made))
    if len(varying) > 1:
        message = "it merges two widths into one dimension"
        raise NotUnderstoodError(message)
    factor = prod((sizes.start(form) for form in given if sizes.is_fixed(form)), start=Fraction(1))
    at = _carrier(made, step.groups)
    others = prod(size for position, size in enumerate(made) if position != at)
    form = varying[0] * (factor / others)
    return tuple(form if position == at else Form.of(size) for position, size in enumerate(made))


def _carrier(made: list[int], groups: frozenset[int]) -> int:
    """Which of the dimensions that a width is split into varies with it."""
    inner = [at for at, size in enumerate(made) if size not in groups] or list(range(len(made)))
    if made[inner[-1]] >= _FEW:
        return inner[-1]
    return max(inner, key=lambda at: (made[at], at))


def _products(
    before: tuple[int, ...], after: tuple[int, ...]
) -> Iterator[tuple[list[int], list[int]]]:
    """The smallest runs of dimensions, on both sides, that hold equally many elements."""
    left = [at for at, size in enumerate(before) if size != 1]
    right = [at for at, size in enumerate(after) if size != 1]
    while left or right:
        a, b = left[:1], right[:1]
        held, wanted = prod(before[at] for at in a), prod(after[at] for at in b)
        while held != wanted:
            if held < wanted:
                held *= before[left[len(a)]]
                a.append(left[len(a)])
            else:
                wanted *= after[right[len(b)]]
                b.append(right[len(b)])
        yield a, b
        left, right = left[len(a) :], right[len(b) :]
