"""Calls become ops: each with its cost, and with the tensors that other ops made for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain

from shufflenet_audit.costs import HANDLERS, Handler, cost
from shufflenet_audit.costs.call import Call
from shufflenet_audit.costs.shuffles import shuffles
from shufflenet_audit.op import Cost, Kind, Op


def ops(calls: Sequence[Call], handlers: Mapping[str, Handler] = HANDLERS) -> Iterator[Op]:
    """The ops of these calls, in the same order."""
    shuffling = shuffles(calls)
    for call in calls:
        known = cost(call, handlers)
        if known and call.name in shuffling:
            known = replace(known, kind=Kind.SHUFFLE)
        yield _op(call, known)


def _op(call: Call, known: Cost | None) -> Op:
    activations = call.activations
    held = {id(spec): spec for spec in call.tensors if spec.parameters}.values()
    return Op(
        name=call.name,
        target=call.target,
        module=call.place.module,
        module_class=call.place.module_class,
        source=call.place.source,
        inputs=tuple(spec.tensor for spec in activations),
        outputs=tuple(spec.tensor for spec in call.outputs),
        parents=tuple(spec.origin for spec in activations),
        parameters=tuple(dict.fromkeys(chain.from_iterable(spec.parameters for spec in held))),
        params=sum(spec.stored for spec in held),
        cost=known,
    )
