"""How look-ups tie sizes: what is looked up in stays as it is."""

from __future__ import annotations

from shufflenet_audit.fixing.widths.relations.elementwise import broadcast
from shufflenet_audit.fixing.widths.relations.step import Outcome, Shape, Step
from shufflenet_audit.fixing.widths.sizes import NotUnderstoodError, Sizes


def index(step: Step, sizes: Sizes) -> Outcome:
    """Look-up by numbers in dimensions that lie side by side."""
    x, indices = step.args[:2]
    dims = [at for at, each in enumerate(indices) if isinstance(each, Shape)]
    if dims != list(range(dims[0], dims[-1] + 1)):
        message = "it looks up in dimensions that are apart"
        raise NotUnderstoodError(message)
    for dim in dims:
        sizes.fix(x[dim], f"{step.name} looks up in it")
    places = broadcast(tuple(indices[dim] for dim in dims), sizes)
    return Outcome(((*x.forms[: dims[0]], *places, *x.forms[dims[-1] + 1 :]),))


def index_select(step: Step, sizes: Sizes) -> Outcome:
    """Look-up by numbers in one dimension."""
    x, dim, places = step.args[:3]
    dim %= len(x)
    sizes.fix(x[dim], f"{step.name} looks up in it")
    return Outcome(((*x.forms[:dim], *places.forms, *x.forms[dim + 1 :]),))


def embedding(step: Step, sizes: Sizes) -> Outcome:
    """A row of the table for each number."""
    table, places = step.args[:2]
    sizes.fix(table[0], f"{step.name} has a row for each word")
    return Outcome(((*places.forms, table[1]),))
