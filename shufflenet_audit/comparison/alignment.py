"""Which parts of two networks correspond, told from their order and from what they are."""

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
    The parts of both in the order in which they run, in pairs where they correspond.

    Runs of equal parts by the first key are paired; what is between them is paired by the next key,
    which is less strict, and so on. What is left over stands alone.
    """
    if not (keys and first and second):
        yield from ((each, None) for each in first)
        yield from ((None, each) for each in second)
        return
    key, *looser = keys
    marks, others = [key(each) for each in first], [key(each) for each in second]
    if others < marks:  # so that the same parts are paired whichever network comes first
        yield from ((a, b) for b, a in aligned(second, first, keys))
        return
    for equal, one, other in _runs(marks, others):
        if equal:
            yield from zip(first[one], second[other], strict=True)
        else:
            yield from aligned(first[one], second[other], looser)


def _runs(first: Sequence[object], second: Sequence[object]) -> Iterator[tuple[bool, slice, slice]]:
    """Where both are equal and where not, in order. Equal ends are found in no time."""
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
