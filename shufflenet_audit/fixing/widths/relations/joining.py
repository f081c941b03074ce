"""How joining tensors ties sizes: along one dimension they add up."""

from __future__ import annotations

from shufflenet_audit.fixing.widths.form import Form, total
from shufflenet_audit.fixing.widths.relations.step import Forms, Outcome, Shape, Step
from shufflenet_audit.fixing.widths.sizes import Sizes


def concatenation(step: Step, sizes: Sizes) -> Outcome:
    """The sizes along the dimension add up; the others are equal."""
    tensors = tuple(each for each in step.args[0] if each.sizes != (0,))
    dim = step.arg(1, "dim", 0) % len(tensors[0])
    joined = total([each[dim] for each in tensors])
    parts = tuple(part for each in tensors for part in (each[dim].parts or (each[dim],)))
    whole = Form(joined.constant, joined.terms, parts)
    others = _equal_but(dim, tensors, sizes)
    return Outcome(((*others[:dim], whole, *others[dim:]),))


def stack(step: Step, sizes: Sizes) -> Outcome:
    """A new dimension, as long as there are tensors; all others are equal."""
    tensors: tuple[Shape, ...] = step.args[0]
    dim = step.arg(1, "dim", 0) % (len(tensors[0]) + 1)
    others = _equal_but(None, tensors, sizes)
    return Outcome(((*others[:dim], Form.of(len(tensors)), *others[dim:]),))


def _equal_but(dim: int | None, tensors: tuple[Shape, ...], sizes: Sizes) -> Forms:
    first, *rest = tensors
    dims = [each for each in range(len(first)) if each != dim]
    for tensor in rest:
        for each in dims:
            sizes.equal(first[each], tensor[each])
    return tuple(first[each] for each in dims)
