"""Which parts of two networks correspond, by their order and by what they are."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from difflib import SequenceMatcher
from itertools import takewhile
from typing import TypeVar

T = TypeVar("T")
Key = Callable[[T], tuple[str, ...]]
Aligned = tuple[T | None, T | None]


def aligned(
    first: Sequence[T], second: Sequence[T], keys: Sequence[Key[T]]
) -> Iterator[Aligned[T]]:
    """
    The parts of both networks in the order in which they run, paired where they correspond.

    Parts that are equal by the first key are paired; what lies between them is paired by the next
    key, which is less strict, and so on. A part without a partner is paired with None.
    """
    if not (keys and first and second):
        yield from ((part, None) for part in first)
        yield from ((None, part) for part in second)
        return
    key, *looser = keys
    first_keys, second_keys = [key(part) for part in first], [key(part) for part in second]
    if second_keys < first_keys:  # the same parts are paired whichever network comes first
        yield from ((a, b) for b, a in aligned(second, first, keys))
        return
    for equal, one, other in _runs(first_keys, second_keys):
        if equal:
            yield from zip(first[one], second[other], strict=True)
        else:
            yield from aligned(first[one], second[other], looser)


def _runs(first: Sequence[object], second: Sequence[object]) -> Iterator[tuple[bool, slice, slice]]:
    """Where both are equal and where not, in order. Equal ends are matched first: it is fast."""
    head = _equal(zip(first, second, strict=False))
    tail = _equal(zip(reversed(first[head:]), reversed(second[head:]), strict=False))
    end, end_2 = len(first) - tail, len(second) - tail
    yield True, slice(head), slice(head)
    matcher = SequenceMatcher(None, first[head:end], second[head:end_2], autojunk=False)
    for tag, start, stop, start_2, stop_2 in matcher.get_opcodes():
        yield tag == "equal", slice(head + start, head + stop), slice(head + start_2, head + stop_2)
    yield True, slice(end, None), slice(end_2, None)


def _equal(pairs: Iterable[tuple[object, object]]) -> int:
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
