"""What an op moves, from the tensors that it touches: each tensor once, as in the paper."""

from __future__ import annotations

from collections.abc import Iterable

from shufflenet_audit.costs.call import Call, Spec
from shufflenet_audit.op import Traffic


def traffic(
    call: Call, *, reads: Iterable[Spec] | None = None, writes: Iterable[Spec] | None = None
) -> Traffic:
    """What is read and written: all tensors of the arguments and results, unless told otherwise."""
    read = {id(spec): spec for spec in (call.tensors if reads is None else reads)}.values()
    written = call.outputs if writes is None else tuple(writes)
    return Traffic(
        reads=sum(spec.stored for spec in read),
        writes=sum(spec.stored for spec in written),
        bytes=sum(spec.bytes for spec in read) + sum(spec.bytes for spec in written),
    )


NONE = Traffic(0, 0, 0)
