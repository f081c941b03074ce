"""Recognises a channel shuffle that is written as reshape, transpose, reshape."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import prod

from shufflenet_audit.call import Call

_RESHAPES = frozenset({"aten.view", "aten._unsafe_view", "aten._reshape_alias", "aten.unflatten"})
_COPIES = frozenset({"aten.clone", "aten.contiguous", "aten._to_copy"})


def shuffles(calls: Sequence[Call]) -> frozenset[str]:
    """
    Names of the copies that shuffle channels.

    A shuffle splits one dimension in two, swaps the two, and copies (the reshape that joins them
    again is a view of the copy). Swapping anything else is no shuffle.
    """
    by_name = {call.name: call for call in calls}
    return frozenset(
        call.name for call in calls if call.op in _COPIES and _swaps_halves(call, by_name)
    )


def _swaps_halves(copy: Call, by_name: Mapping[str, Call]) -> bool:
    swap = _maker(copy, by_name)
    split = _maker(swap, by_name) if swap else None
    if swap is None or split is None or split.op not in _RESHAPES:
        return False
    order = _order(swap, len(split.output.shape))
    at = _split_at(split.args[0].shape, split.output.shape)
    if order is None or at is None:
        return False
    swapped = list(range(len(order)))
    swapped[at], swapped[at + 1] = at + 1, at
    return order == swapped


def _maker(call: Call, by_name: Mapping[str, Call]) -> Call | None:
    return next((by_name.get(spec.origin) for spec in call.tensors), None)


def _order(call: Call, rank: int) -> list[int] | None:
    """The order into which a transpose or permute brings the dimensions."""
    match call.op.removeprefix("aten."), call.args[1:]:
        case "permute", (tuple() as dims, *_):
            return [dim % rank for dim in dims]
        case "transpose", (int() as first, int() as second, *_):
            order = list(range(rank))
            first, second = first % rank, second % rank
            order[first], order[second] = order[second], order[first]
            return order
    return None


def _split_at(before: tuple[int, ...], after: tuple[int, ...]) -> int | None:
    """The dimension that a reshape splits in two, if that is all it does."""
    if len(after) != len(before) + 1:
        return None
    for at, size in enumerate(before):
        halves = after[at : at + 2]
        whole = (*before[:at], *halves, *before[at + 1 :]) == after
        if whole and prod(halves) == size and 1 not in halves:
            return at
    return None
