"""How taking parts of a tensor ties sizes: they add up to the whole."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate, pairwise

from shufflenet_audit.fixing.widths.form import Form, total
from shufflenet_audit.fixing.widths.relations.step import Forms, Outcome, Shape, Step
from shufflenet_audit.fixing.widths.sizes import NotUnderstoodError, Sizes


def split(step: Step, sizes: Sizes) -> Outcome:
    """Parts of one size; the last may be smaller only where the whole cannot change."""
    x, size = step.args[:2]
    dim = step.arg(2, "dim", 0) % len(x)
    lengths = [made[dim] for made in step.made]
    if len(set(lengths)) == 1:
        part = _equal_part(x[dim], len(lengths), step.name, sizes)
        return Outcome(_each_with(x, dim, [part] * len(lengths)), numbers={1: part})
    if not sizes.is_fixed(x[dim]):
        message = f"it splits {x.sizes[dim]} channels into parts of {size} and a rest"
        raise NotUnderstoodError(message)
    return Outcome(_each_with(x, dim, [Form.of(each) for each in lengths]))


def pieces(step: Step, sizes: Sizes) -> Outcome:
    """Parts of any sizes: those that were joined, or equal ones, or free ones that add up."""
    x, lengths = step.args[:2]
    dim = step.arg(2, "dim", 0) % len(x)
    if len(set(lengths)) == 1:
        parts = [_equal_part(x[dim], len(lengths), step.name, sizes)] * len(lengths)
    else:
        ends = [0, *accumulate(lengths)]
        cuts = [_cut(x, dim, end, sizes) for end in ends]
        parts = [after - before for before, after in pairwise(cuts)]
    return Outcome(_each_with(x, dim, parts), numbers={1: tuple(parts)})


def slice_(step: Step, sizes: Sizes) -> Outcome:
    """What lies between two cuts; in steps, only of a dimension that cannot change."""
    x: Shape = step.args[0]
    dim = step.arg(1, "dim", 0) % len(x)
    size, made = x.sizes[dim], step.made[0][dim]
    if made == size:
        return Outcome((x.forms,))
    if step.arg(4, "step", 1) != 1 or sizes.is_fixed(x[dim]):
        sizes.fix(x[dim], f"{step.name} takes every so many of it")
        return Outcome(_each_with(x, dim, [Form.of(made)]))
    start, end = step.arg(2, "start") or 0, step.arg(3, "end")
    begin = max(start + size, 0) if start < 0 else start
    first = _cut(x, dim, begin, sizes) if start >= 0 else _from_end(x, dim, begin)
    counted_back = end is not None and end < 0
    last = _from_end(x, dim, begin + made) if counted_back else _cut(x, dim, begin + made, sizes)
    numbers = {2: first, 3: last}
    return Outcome(_each_with(x, dim, [last - first]), numbers=numbers)


def select(step: Step, sizes: Sizes) -> Outcome:
    """One place of a dimension that stays as it is."""
    x, dim, *_ = step.args
    dim %= len(x)
    sizes.fix(x[dim], f"{step.name} reads one place of it")
    return Outcome(((*x.forms[:dim], *x.forms[dim + 1 :]),))


def unbind(step: Step, sizes: Sizes) -> Outcome:
    """All places of a dimension, which therefore stay as many."""
    x = step.args[0]
    dim = step.arg(1, "dim", 0) % len(x)
    sizes.fix(x[dim], f"{step.name} takes it apart")
    return Outcome(((*x.forms[:dim], *x.forms[dim + 1 :]),) * len(step.made))


def _equal_part(whole: Form, count: int, name: str, sizes: Sizes) -> Form:
    """One of so many equal parts: a width of its own, so that all sizes stay whole numbers."""
    if sizes.is_fixed(whole):
        return whole / count
    part = sizes.new(int(sizes.start(whole)) // count, name)
    sizes.equal(whole, part * count)
    return part


def _from_end(x: Shape, dim: int, position: int) -> Form:
    """A place that is counted from the end, and stays as far from it."""
    return x[dim] - Form.of(x.sizes[dim] - position)


def _cut(x: Shape, dim: int, position: int, sizes: Sizes) -> Form:
    """Where a dimension is cut: between parts that were joined, or at a place of its own."""
    if position == x.sizes[dim]:
        return Form(x[dim].constant, x[dim].terms)
    if position == 0:
        return Form()
    ends = list(accumulate(int(sizes.start(part)) for part in x[dim].parts))
    if position in ends:
        return total(x[dim].parts[: ends.index(position) + 1])
    if sizes.is_fixed(x[dim]):
        return Form.of(position)
    return sizes.cut(x.name, dim, position)


def _each_with(x: Shape, dim: int, parts: Sequence[Form]) -> tuple[Forms, ...]:
    return tuple((*x.forms[:dim], part, *x.forms[dim + 1 :]) for part in parts)
