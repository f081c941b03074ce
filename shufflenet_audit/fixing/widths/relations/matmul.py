"""How matrix products tie sizes: what is summed over is equal on both sides."""

from __future__ import annotations

from shufflenet_audit.fixing.widths.relations.elementwise import broadcast
from shufflenet_audit.fixing.widths.relations.step import Outcome, Shape, Step
from shufflenet_audit.fixing.widths.sizes import Sizes


def matmul(step: Step, sizes: Sizes) -> Outcome:
    """Rows by columns."""
    return _product(step.args[0], step.args[1], sizes)


def matmul_added(step: Step, sizes: Sizes) -> Outcome:
    """Rows by columns, and something added to it."""
    added, a, b = step.args[:3]
    return _added(added, step, _product(a, b, sizes), sizes)


def batched_matmul(step: Step, sizes: Sizes) -> Outcome:
    """As many products of rows by columns."""
    return _product(step.args[0], step.args[1], sizes)


def batched_matmul_added(step: Step, sizes: Sizes) -> Outcome:
    """As many products of rows by columns, and something added to them."""
    return matmul_added(step, sizes)


def linear(step: Step, sizes: Sizes) -> Outcome:
    """A linear layer as one op: its weight has a row per output."""
    x, weight = step.args[:2]
    bias = step.arg(2, "bias")
    sizes.equal(weight[1], x[-1])
    if bias is not None:
        sizes.equal(bias[0], weight[0])
    return Outcome(
        ((*x.forms[:-1], weight[0]),),
        macs=((*x.forms[:-1], weight[0], weight[1]),),
        widths=(weight[1], weight[0]),
    )


def attention(step: Step, sizes: Sizes) -> Outcome:
    """Scores of queries with keys, and a sum of values: two products."""
    query, key, value = step.args[:3]
    for dim in range(len(query) - 2):
        sizes.equal(query[dim], key[dim])
        sizes.equal(query[dim], value[dim])
    sizes.equal(query[-1], key[-1])
    sizes.equal(key[-2], value[-2])
    scores = (*query.forms[:-1], key[-2])
    result = (*query.forms[:-1], value[-1])
    others = (query.forms[:-1],) * (len(step.made) - 1)
    return Outcome((result, *others), macs=((*scores, query[-1]), (*scores, value[-1])))


def _product(a: Shape, b: Shape, sizes: Sizes) -> Outcome:
    sizes.equal(a[-1], b[-2])
    for dim in range(len(a) - 2):
        sizes.equal(a[dim], b[dim])
    result = (*a.forms[:-1], b[-1])
    return Outcome((result,), macs=((*result, a[-1]),), widths=(a[-1], b[-1]))


def _added(added: Shape, step: Step, outcome: Outcome, sizes: Sizes) -> Outcome:
    result = Shape(step.name, outcome.outputs[0], step.made[0])
    broadcast((added, result), sizes)
    return outcome
