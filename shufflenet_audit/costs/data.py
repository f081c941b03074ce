"""Ops that only move data: copies, concatenation, look-ups, creation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from shufflenet_audit.network.call import (
    Call,
    Spec,
    traffic,
)
from shufflenet_audit.network.cost import Cost
from shufflenet_audit.network.kind import Kind


def data(call: Call) -> Cost:
    """Reads all that it is given and writes it elsewhere."""
    return Cost(Kind.DATA, traffic(call))


def shuffle(call: Call) -> Cost:
    """A channel shuffle: all channels are read and written in another order."""
    return Cost(Kind.SHUFFLE, traffic(call))


def overwrite(call: Call) -> Cost:
    """Writes over its first argument without reading it."""
    _, *sources = call.tensors
    return Cost(Kind.DATA, traffic(call, reads=sources))


def fill(call: Call) -> Cost:
    """Writes one value over its first argument."""
    return Cost(Kind.DATA, traffic(call, reads=()))


def look_up(call: Call) -> Cost:
    """Reads of its first argument only as many elements as it gives, and the indices."""
    return Cost(Kind.DATA, traffic(call, reads=_looked_up(call)))


def embedding(call: Call) -> Cost:
    """Reads the rows that it is asked for, not the table."""
    return Cost(Kind.EMBEDDING, traffic(call, reads=_looked_up(call)))


def put(call: Call) -> Cost:
    """Writes values at indices in place: the rest of the tensor is not touched."""
    target, *others = call.tensors
    if not call.target.partition(".")[2].split(".")[0].endswith("_"):
        return data(call)
    values = others[-1:] if others else []
    return Cost(Kind.DATA, traffic(call, reads=others, writes=values or [target]))


def creation(call: Call) -> Cost:
    """Writes a new tensor from nothing."""
    return Cost(Kind.CREATION, traffic(call, reads=()))


def _looked_up(call: Call) -> Iterator[Spec]:
    table, *indices = call.tensors
    yield replace(table, stored=min(call.output.elements, table.stored))
    yield from indices
