"""A change that spoils the outputs, or that makes the network dearer, is found and left out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from shufflenet_audit.errors import AuditError
from shufflenet_audit.fixing.application import Applied, Key, Limits, Result, rewritten
from shufflenet_audit.fixing.program import Program
from shufflenet_audit.fixing.rewrite import Rewrite

_PLACES: Final = 3
"""A rewrite that fails at that many places is wrong as such, and is left out everywhere."""


@dataclass(frozen=True, slots=True)
class TakenBack:
    """A change that was made and had to be taken back."""

    rewrite: str
    """The name of the rewrite."""
    ops: tuple[str, ...]
    """The ops that it had replaced, by name."""
    reason: str
    """Why it had to be taken back."""


class Objector(Protocol):
    """Says why a program cannot replace the original, or nothing."""

    def objection(self, program: Program) -> str:
        """The reason, or an empty text."""


def accepted(
    program: Program, rewrites: Sequence[Rewrite], judge: Objector
) -> tuple[Result, tuple[TakenBack, ...]]:
    """The program with all changes that the judge accepts, and those that were taken back."""
    without: frozenset[Key] = frozenset()
    taken_back: list[TakenBack] = []
    while True:
        result = rewritten(program, rewrites, Limits(without))
        reason = judge.objection(result.program)
        if not reason:
            return result, tuple(taken_back)
        if not result.applied:
            message = f"the model as it was captured cannot be checked: {reason}"
            raise AuditError(message)
        culprit, why = _culprit(program, rewrites, without, (judge, len(result.applied), reason))
        taken_back.append(TakenBack(culprit.rewrite.name, culprit.ops, f"taken back: {why}"))
        failed = Counter(each.rewrite for each in taken_back)[culprit.rewrite.name]
        without |= {culprit.key if failed < _PLACES else (culprit.rewrite.name, "")}


def _culprit(
    program: Program,
    rewrites: Sequence[Rewrite],
    without: frozenset[Key],
    failing: tuple[Objector, int, str],
) -> tuple[Applied, str]:
    """The first change after which the judge objects, found by halving, and the objection."""
    judge, most, reason = failing
    fine, wrong = 0, most
    while wrong - fine > 1:
        middle = (fine + wrong) // 2
        objection = judge.objection(rewritten(program, rewrites, Limits(without, middle)).program)
        if objection:
            wrong, reason = middle, objection
        else:
            fine = middle
    return rewritten(program, rewrites, Limits(without, wrong)).applied[-1], reason
