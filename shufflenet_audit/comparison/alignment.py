"""Which parts of two networks correspond, told from their order and from what they are."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from difflib import SequenceMatcher
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
    matcher = SequenceMatcher(None, marks, others, autojunk=False)
    for tag, start, stop, start_2, stop_2 in matcher.get_opcodes():
        if tag == "equal":
            yield from zip(first[start:stop], second[start_2:stop_2], strict=True)
        else:
            yield from aligned(first[start:stop], second[start_2:stop_2], looser)
