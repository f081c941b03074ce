"""Rewrites, carried out until none finds a place any more."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from torch.fx import Node

from shufflenet_audit.fixing.amounts import amounts
from shufflenet_audit.fixing.fixed import Amounts
from shufflenet_audit.fixing.program import ORIGIN, Program
from shufflenet_audit.fixing.rewrite import Match, Misfit, Rewrite

_ROUNDS = 100
"""More passes over the graph than any chain of rewrites needs; one that never ends is a bug."""

Key = tuple[str, str]
"""A rewrite and the node that names its place."""


@dataclass(frozen=True, slots=True)
class Applied:
    """A rewrite that was carried out."""

    rewrite: Rewrite
    """The rewrite."""
    key: Key
    """Which rewrite it was, and where."""
    ops: tuple[str, ...]
    """The ops that it replaced, by name."""
    sentence: str
    """What was done, in words."""
    before: Amounts
    """What the ops cost."""
    after: Amounts
    """What stands in their place costs."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What is not to be done: rewrites at these places, and more changes than that many."""

    without: frozenset[Key] = frozenset()
    """Rewrites at these places are left out."""
    at_most: int | None = None
    """The most changes to make; None: all that can be made."""

    def allow(self, key: Key, count: int) -> bool:
        """Whether a rewrite may be carried out at a place after so many others."""
        whole = (key[0], "")
        return (
            key not in self.without
            and whole not in self.without
            and (self.at_most is None or count < self.at_most)
        )


@dataclass(slots=True)
class Result:
    """A rewritten program, and how it came about."""

    program: Program
    """The rewritten program."""
    applied: list[Applied] = field(default_factory=list)
    """The changes, in the order in which they were made."""


def rewritten(program: Program, rewrites: Sequence[Rewrite], limits: Limits = Limits()) -> Result:
    """A program with all rewrites carried out wherever they can be. It is itself not changed."""
    result = Result(program.copy())
    for _ in range(_ROUNDS):
        before = len(result.applied)
        for rewrite in rewrites:
            for match in _places(rewrite, result.program):
                key = (rewrite.name, match.nodes[0].name)
                if limits.allow(key, len(result.applied)):
                    result.applied.append(_applied(rewrite, match, result.program))
        if len(result.applied) == before:
            return result
    message = f"rewrites find places again and again after {_ROUNDS} rounds"
    raise RuntimeError(message)


def misfits(program: Program, rewrites: Sequence[Rewrite]) -> Iterator[tuple[Rewrite, Misfit]]:
    """Where rewrites would help and cannot be carried out."""
    for rewrite in rewrites:
        for found in rewrite.find(program):
            if isinstance(found, Misfit):
                yield rewrite, found


def origins(nodes: Sequence[Node]) -> tuple[str, ...]:
    """The ops of the audited graph that nodes stand for."""
    return tuple(dict.fromkeys(name for node in nodes for name in node.meta.get(ORIGIN, ())))


def _places(rewrite: Rewrite, program: Program) -> Iterator[Match]:
    return (found for found in rewrite.find(program) if isinstance(found, Match))


def _applied(rewrite: Rewrite, match: Match, program: Program) -> Applied:
    key = (rewrite.name, match.nodes[0].name)
    ops, before = origins(match.nodes), amounts(match.nodes)
    program.touched.clear()
    match.apply()
    left = [node for node in match.nodes if not node._erased]  # noqa: SLF001  (no public way)
    after = amounts([*left, *(node for node in program.touched if not node._erased)])  # noqa: SLF001  (as above)
    return Applied(rewrite, key, ops, match.sentence, before, after)
