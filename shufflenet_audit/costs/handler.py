"""A cost handler: what it is, and which one is asked for a call."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from shufflenet_audit.costs.elementwise import elementwise, free
from shufflenet_audit.network.call import Call
from shufflenet_audit.network.cost import Cost

Handler = Callable[[Call], Cost]
"""Takes a call of an op and returns what it costs: a pure function of shapes."""


def cost(call: Call, handlers: Mapping[str, Handler]) -> Cost | None:
    """What a call costs; None if it is unknown. Views and pointwise ops need no handler."""
    handler = handlers.get(call.op)
    if handler is None and call.is_view:
        handler = free
    if handler is None and call.pointwise and call.outputs:
        handler = elementwise
    return handler(call) if handler else None
