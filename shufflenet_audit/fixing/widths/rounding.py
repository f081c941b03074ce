"""Whole widths from real ones, with the multiply–adds put right."""

from __future__ import annotations

import numpy as np

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
_TOTAL, _STAGE = 200.0, 20.0
"""What it costs to be off by a tolerance; a width that is off by all of itself costs 1."""


def rounded(problem: Problem, widths: Numbers, lattice: Lattice) -> Numbers:
    """Widths on the lattice, close to these, changed step by step while that helps."""
    now = lattice.nearest(widths)
    step = np.array(lattice.step, dtype=float)
    cost = float(_costs(problem, now[:, None], widths)[0])
    for _ in range(_ROUNDS):
        moves = np.concatenate([np.diag(step), np.diag(-step)], axis=1)
        candidates = now[:, None] + moves
        costs = _costs(problem, candidates, widths)
        best = int(np.argmin(costs)) if costs.size else 0
        if not costs.size or costs[best] >= cost - 1e-12:
            break
        now, cost = candidates[:, best], float(costs[best])
    return np.asarray(now)


def _costs(problem: Problem, candidates: Numbers, wanted: Numbers) -> Numbers:
    """What each column of widths costs: its errors beyond what is small, and its distance."""
    macs = problem.stages.macs(candidates)
    stages = np.abs(macs / problem.targets[:, None] - 1) / STAGE_TOLERANCE
    total = np.abs(macs.sum(axis=0) / problem.total - 1) / TOTAL_TOLERANCE
    with np.errstate(divide="ignore", invalid="ignore"):
        far = np.abs(np.log(candidates / wanted[:, None]))
    weight = np.where(problem.touched, 1.0, 4.0)[:, None]
    possible = allowed(problem, candidates) & (candidates > 0).all(axis=0)
    costs = (
        _TOTAL * np.maximum(total - _WELL_WITHIN, 0)
        + _STAGE * np.maximum(stages - _WELL_WITHIN, 0).sum(axis=0)
        + (weight * far**2).sum(axis=0)
    )
    return np.asarray(np.where(possible, costs, np.inf))
