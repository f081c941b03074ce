"""Whole widths from real ones, with the multiply–adds put right."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from shufflenet_audit.fixing.widths.fit import (
    STAGE_TOLERANCE,
    TOTAL_TOLERANCE,
    Problem,
    allowed,
)
from shufflenet_audit.fixing.widths.lattice import Lattice
from shufflenet_audit.fixing.widths.stages import Numbers

_ROUNDS = 400
_WELL_WITHIN = 0.3
"""What share of a tolerance the search is content with."""
_TRIED = 48
"""How many of the steps that look best are tried."""
_LESS = 1e-12
"""By how much a step must be better, for rounding not to go on for ever."""
_UNTOUCHED = 4.0
"""How much dearer it is to change a width that the aim does not touch."""
_TOTAL, _STAGE = 200.0, 20.0
"""What it costs to be off by a tolerance; a width that is off by all of itself costs 1."""


def rounded(problem: Problem, widths: Numbers, lattice: Lattice) -> Numbers:
    """Widths on the lattice, close to these, changed step by step while that helps."""
    now = lattice.nearest(widths)
    if not now.size:
        return now
    step = np.array(lattice.step, dtype=float)
    cost = float(_costs(problem, now[:, None], problem.stages.macs(now[:, None]), widths)[0])
    for _ in range(_ROUNDS):
        found = _better(problem, _promising(problem, now, step, widths), widths, cost)
        if found is None:
            found = _better(problem, _pairs(problem, now, step), widths, cost)
        if found is None:
            break
        now, cost = found
    return np.asarray(now)


def _better(
    problem: Problem, candidates: Numbers, wanted: Numbers, cost: float
) -> tuple[Numbers, float] | None:
    """The best of these columns of widths and what it costs, if that is less."""
    if not candidates.size:
        return None
    costs = _costs(problem, candidates, problem.stages.macs(candidates), wanted)
    best = int(np.argmin(costs))
    return (candidates[:, best], float(costs[best])) if costs[best] < cost - _LESS else None


def _pairs(problem: Problem, now: Numbers, step: Numbers) -> Numbers:
    """Two widths a step up or down, in each column: those with least errors, were all linear."""
    slopes = problem.stages.elasticities(now) / now * step
    macs = problem.stages.macs(now)
    changes = np.concatenate([slopes, -slopes], axis=1)
    alone = _errors(problem, macs[:, None] + changes)
    first = np.argsort(alone, kind="stable")[:_TRIED]
    a, b = (each.ravel() for each in np.meshgrid(first, first))
    a, b = a[a < b], b[a < b]
    best = np.argsort(_errors(problem, macs[:, None] + changes[:, a] + changes[:, b]))[:_TRIED]
    moves = np.concatenate([np.diag(step), -np.diag(step)], axis=1)
    return np.asarray(now[:, None] + moves[:, a[best]] + moves[:, b[best]])


def _promising(problem: Problem, now: Numbers, step: Numbers, wanted: Numbers) -> Numbers:
    """One width a step up or down, in each column: those that would be best, were all linear."""
    slopes = problem.stages.elasticities(now) / now * step
    macs = problem.stages.macs(now)[:, None] + np.concatenate([slopes, -slopes], axis=1)
    changes = np.concatenate([step, -step])
    which = np.concatenate([np.arange(len(step))] * 2)
    stepped = now[which] + changes
    far = _distance(problem, now, wanted)
    apart = _distances(problem, stepped, which, wanted) - far[which] + far.sum()
    costs = np.where(stepped > 0, _errors(problem, macs) + apart, np.inf)
    best = np.argsort(costs, kind="stable")[:_TRIED]
    candidates = np.repeat(now[:, None], len(best), axis=1)
    candidates[which[best], np.arange(len(best))] = stepped[best]
    return np.asarray(candidates)


def _costs(problem: Problem, candidates: Numbers, macs: Numbers, wanted: Numbers) -> Numbers:
    """What each column of widths costs: its errors beyond what is small, and its distance."""
    possible = allowed(problem, candidates) & (candidates > 0).all(axis=0)
    apart = np.array([_distance(problem, column, wanted).sum() for column in candidates.T])
    return np.asarray(np.where(possible, _errors(problem, macs) + apart, np.inf))


def _errors(problem: Problem, macs: Numbers) -> Numbers:
    """What it costs to be off, for each column of multiply–adds by stage."""
    stages = np.abs(macs / problem.targets[:, None] - 1) / STAGE_TOLERANCE
    total = np.abs(macs.sum(axis=0) / problem.total - 1) / TOTAL_TOLERANCE
    beyond = np.maximum(stages - _WELL_WITHIN, 0).sum(axis=0)
    return np.asarray(_TOTAL * np.maximum(total - _WELL_WITHIN, 0) + _STAGE * beyond)


def _distance(problem: Problem, widths: Numbers, wanted: Numbers) -> Numbers:
    """What it costs each width to be apart from what is wanted."""
    return _distances(problem, widths, np.arange(len(widths)), wanted)


def _distances(
    problem: Problem, values: Numbers, which: NDArray[np.intp], wanted: Numbers
) -> Numbers:
    """The same for these values, each of the width of that number."""
    weight = np.where(problem.touched, 1.0, _UNTOUCHED)[which]
    return np.asarray(weight * np.log(np.maximum(values, 1e-9) / wanted[which]) ** 2)
