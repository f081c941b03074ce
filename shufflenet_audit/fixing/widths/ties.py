"""Which of the widths that an aim wants equal can be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from shufflenet_audit.fixing.widths.aims.aim import Tie
from shufflenet_audit.fixing.widths.fit import Problem, errors, fit, is_within
from shufflenet_audit.fixing.widths.form import Form
from shufflenet_audit.fixing.widths.problem import Task, problem
from shufflenet_audit.fixing.widths.sizes import Sizes, UnequalError
from shufflenet_audit.fixing.widths.stages import Numbers

_MARGIN = 0.5
"""What share of the tolerances a plan may use up before its widths are rounded."""
_FARTHEST = 4.0
"""By what factor a width may change at most: beyond that it is another network."""
_FIXED = "both widths are fixed"
_MORE = 1.01
"""By what factor ties may let the maps that layers read and write grow: what rounding can cost."""


_Group = tuple[Tie, ...]
_Refused = tuple[tuple[Tie, str], ...]


@dataclass(frozen=True, slots=True)
class Tied:
    """Equations with more ties in them."""

    sizes: Sizes
    """What is known to be equal, the ties included."""
    accepted: tuple[Tie, ...]
    """The ties that could be had."""
    refused: _Refused
    """Those that could not, each with the reason."""


def tied(task: Task, sizes: Sizes, ties: Sequence[Tie], touched: Sequence[Form]) -> Tied:
    """As many of the ties as leave multiply–adds within reach, the first ones first."""
    asked = problem(task, sizes, touched)
    moved = float(asked.maps @ fit(asked)) if ties else 0.0
    known, accepted, refused = _tied(_Known(task, sizes, tuple(touched), moved), _groups(ties))
    return Tied(known.sizes, accepted, refused)


def _groups(ties: Sequence[Tie]) -> list[_Group]:
    """Ties of layers that are alike, the groups that save most first."""
    groups: dict[tuple[int, ...], list[Tie]] = {}
    for tie in ties:
        groups.setdefault(tie.alike, []).append(tie)
    alike = sorted(groups.values(), key=lambda group: -sum(tie.gain for tie in group))
    return [tuple(group) for group in alike]


@dataclass(frozen=True, slots=True)
class _Known:
    """What is decided so far."""

    task: Task
    sizes: Sizes
    touched: tuple[Form, ...]
    moved: float
    """Elements of maps that layers read and write."""


def _tied(known: _Known, groups: Sequence[_Group]) -> tuple[_Known, tuple[Tie, ...], _Refused]:
    """What is known after as many of the groups as can be, and the two kinds of ties."""
    ties = tuple(tie for group in groups for tie in group)
    if not ties:
        return known, (), ()
    reason, then = _tried(known, ties)
    if then:
        return then, ties, ()
    if len(groups) == 1 and reason == _FIXED and len(ties) > 1:
        groups = [(tie,) for tie in ties]
    if len(groups) == 1:
        return known, (), tuple((tie, reason) for tie in ties)
    half = len(groups) // 2
    after, accepted, refused = _tied(known, groups[:half])
    after, more, others = _tied(after, groups[half:])
    return after, accepted + more, refused + others


def _tried(known: _Known, ties: Sequence[Tie]) -> tuple[str, _Known | None]:
    """What is known with these ties, or why they cannot be."""
    sizes = known.sizes.copy()
    try:
        for tie in ties:
            sizes.equal(tie.a, tie.b, "it is to be as wide as another")
    except UnequalError:
        return _FIXED, None
    touched = (*known.touched, *(form for tie in ties for form in (tie.a, tie.b)))
    asked = problem(known.task, sizes, touched)
    if not asked.lattice.allows(asked.start):
        return "some width would not be positive", None
    widths = fit(asked)
    moved = float(asked.maps @ widths)
    reason = _unreachable(asked, widths)
    if not reason and moved > known.moved * _MORE:
        reason = f"layers would read and write {moved / known.moved - 1:.1%} more elements"
    return reason, None if reason else _Known(known.task, sizes, touched, moved)


def _unreachable(asked: Problem, widths: Numbers) -> str:
    """Why the multiply–adds cannot be had; empty if they can."""
    if not is_within(asked, widths, margin=_MARGIN):
        worst = int(np.argmax(np.abs(errors(asked, widths))))
        off = errors(asked, widths)[worst]
        places = asked.stages.places[worst]
        return f"the multiply–adds on maps of {places} places would be {off:+.0%} off"
    if np.abs(np.log(widths / asked.start)).max(initial=0) > np.log(_FARTHEST):
        return f"a width would change by more than {_FARTHEST:.0f}×"
    return ""
