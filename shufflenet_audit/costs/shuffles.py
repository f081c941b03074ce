"""Recognises a channel shuffle that is written as reshape, transpose, reshape."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import prod

from shufflenet_audit.network.call import Call

_RESHAPES = frozenset({
    "aten.view", "aten._unsafe_view", "aten._reshape_alias", "aten.unflatten", "onnx.Reshape"
})  # fmt: skip
_COPIES = frozenset({"aten.clone", "aten.contiguous", "aten._to_copy"})
_COPYING_SWAPS = frozenset({"onnx.Transpose"})


def shuffles(calls: Sequence[Call]) -> frozenset[str]:
    """
    Names of the copies that shuffle channels.

    A shuffle splits one dimension in two, swaps the two, and copies (the reshape that joins them
    again is a view of the copy). Swapping anything else is no shuffle. In ONNX the swap copies.
    """
    by_name = {call.name: call for call in calls}
    copies = _COPIES | _COPYING_SWAPS
    return frozenset(
        call.name for call in calls if call.op in copies and _swaps_halves(call, by_name)
    )


def _swaps_halves(copy: Call, by_name: Mapping[str, Call]) -> bool:
    swap = copy if copy.op in _COPYING_SWAPS else _maker(copy, by_name)
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
    if call.op == "onnx.Transpose":
        return list(call.kwargs.get("perm", range(rank - 1, -1, -1)))
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
    """
    The dimension that a reshape splits in two, if that is all it does.

    It may itself have been in two parts until then, as between two shuffles in a row.
    """
    for at in range(len(after) - 1):
        halves, behind = after[at : at + 2], after[at + 2 :]
        whole = before[at : len(before) - len(behind)]
        same = before[:at] == after[:at] and before[at + len(whole) :] == behind
        if same and prod(halves) == prod(whole) and whole != halves and _are_split(whole, halves):
            return at
    return None


def _are_split(whole: tuple[int, ...], halves: tuple[int, ...]) -> bool:
    return 0 < len(whole) <= len(halves) and 1 not in halves
