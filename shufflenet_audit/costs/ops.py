"""Calls become ops: each with its cost, and with the tensors that other ops made for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain

from shufflenet_audit.costs.aten import (
    HANDLERS,
    Handler,
    cost,
)
from shufflenet_audit.costs.shuffles import shuffles
from shufflenet_audit.network.call import Call
from shufflenet_audit.network.cost import Cost
from shufflenet_audit.network.kind import Kind
from shufflenet_audit.network.op import Op


def ops(calls: Sequence[Call], handlers: Mapping[str, Handler] = HANDLERS) -> Iterator[Op]:
    """The ops of these calls, in the same order."""
    shuffling = shuffles(calls)
    for call in calls:
        known, error = _known(call, handlers)
        if known and call.name in shuffling:
            known = replace(known, kind=Kind.SHUFFLE)
        yield _op(call, known, error)


def _known(call: Call, handlers: Mapping[str, Handler]) -> tuple[Cost | None, str]:
    """The cost of a call, or why it is not known where its handler crashed."""
    try:
        known: object = cost(call, handlers)
    except Exception as error:  # noqa: BLE001  (it may be a pack's: whatever it raises is reported)
        return None, f"its cost handler raised {type(error).__name__}: {error}"
    if known is None or isinstance(known, Cost):
        return known, ""
    return None, f"its cost handler gave a {type(known).__name__}, not a Cost"


def _op(call: Call, known: Cost | None, error: str) -> Op:
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
        params=0 if known and known.kind is Kind.VIEW else sum(spec.stored for spec in held),
        cost=known,
        error=error,
        defined=call.place.defined,
    )
