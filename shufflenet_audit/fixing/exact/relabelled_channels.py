"""
Shuffles dissolved: the channels are made in the order in which they are wanted.

A convolution that is not grouped can make its channels in any order, and read them in any. So
between such convolutions it does not matter which channel lies where, as long as each split finds
its part in one piece. ShuffleNet V2 does without a shuffle that way.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from torch.fx import Node

from shufflenet_audit.fixing.exact.channel_region import Region, region
from shufflenet_audit.fixing.exact.channel_writing import Unfit, write
from shufflenet_audit.fixing.exact.permutations import permutation
from shufflenet_audit.fixing.program import Program
from shufflenet_audit.fixing.rewrite import Match, Misfit, Rewrite


def find(program: Program) -> Iterator[Match | Misfit]:
    """Regions with a shuffle in them, between layers that can have their channels in any order."""
    seen: set[Node] = set()
    for node in program.nodes():
        if node in seen or node._erased or not permutation(program, node):  # noqa: SLF001  (no public way)
            continue
        found = region(program, node)
        shuffles = [each for each in found.nodes if each in found.permutations]
        seen.update(shuffles)
        reason = _reason(program, found)
        if reason:
            yield Misfit(tuple(shuffles), reason)
        else:
            yield _match(program, found, shuffles)


def _match(program: Program, found: Region, shuffles: Sequence[Node]) -> Match:
    what = f"{len(shuffles)} channel shuffles" if len(shuffles) > 1 else "a channel shuffle"
    involved = (*shuffles, *(node for node in found.nodes if node not in shuffles))
    sentence = f"{what} dissolved: the filters around make and read the channels in another order"
    return Match(involved, sentence, lambda: write(program, found, dry=False))


def _reason(program: Program, found: Region) -> str:
    """Why the order of the channels cannot be chosen, or nothing."""
    try:
        write(program, found, dry=True)
    except Unfit as error:
        return str(error)
    return ""


REWRITE = Rewrite(
    "relabelled-channels",
    "Permuting the filters of a layer permutes its channels: W P x with filters W P of permuted x.",
    find,
)
