"""Which of the widths that an aim wants equal can be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from shufflenet_audit.fixing.widths.aims.aim import Tie
from shufflenet_audit.fixing.widths.fit import Problem, allowed, errors, fit, is_within, moved
from shufflenet_audit.fixing.widths.form import Form
from shufflenet_audit.fixing.widths.problem import Task, problem
from shufflenet_audit.fixing.widths.sizes import Sizes, UnequalError
from shufflenet_audit.fixing.widths.stages import Numbers

_MARGIN = 0.5
"""What share of the tolerances a plan may use up before its widths are rounded."""
_FARTHEST = 4.0
"""By what factor a width may change at most: beyond that it is another network."""
_FIXED = "both widths are fixed"
_SLACKS = (1.0, 1.01)
"""
By what factor layers may move more with a group of ties; the one is taken that ends with less.

A little more is often the way to much less: what a group costs, the next ones save.
"""
_KEPT = 1.01
"""By what factor they may grow for widths that are equal to stay so."""


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
    if not ties:
        return Tied(sizes, (), ())
    asked = problem(task, sizes, touched)
    start = moved(asked, fit(asked))
    found = [
        _tied(_Known(task, sizes, tuple(touched), start, slack), _groups(ties)) for slack in _SLACKS
    ]
    known, accepted, refused = min(found, key=lambda each: each[0].moved)
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
    """Elements that layers read and write."""
    slack: float
    """By what factor they may grow with the next ties."""


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
    if not allowed(asked, asked.start):
        return "some width would not be positive", None
    widths = fit(asked)
    after = moved(asked, widths)
    reason = _unreachable(asked, widths)
    most = known.slack if any(tie.gain for tie in ties) else _KEPT
    if not reason and after > known.moved * most:
        reason = f"layers would read and write {after / known.moved - 1:.1%} more elements"
    then = replace(known, sizes=sizes, touched=touched, moved=after)
    return reason, None if reason else then


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
