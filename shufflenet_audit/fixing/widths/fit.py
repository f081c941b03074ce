"""Real widths with the multiply–adds of each stage, near those that the network has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shufflenet_audit.fixing.widths.stages import Linear, Numbers, Stages

STAGE_TOLERANCE = 0.1
"""How far the multiply–adds of a stage may be off, as a share of them."""
TOTAL_TOLERANCE = 0.01
"""How far those of the whole network may be off."""

_UNTOUCHED = 1e3
"""How much dearer it is to change a width that the aim does not touch: it moves so much less."""
_STAGE, _TOTAL = 1e6, 1e7
"""What it costs to be off in a stage, and in all: far more than any change of widths."""
_ROUNDS = 60
_LONGEST = 0.5
"""The longest step in one round, as the logarithm of a width: the model is only locally linear."""
_SETTLED = 1e-5
_LEAST = 1 - 1e-9
"""The least size, but for what floating point takes off."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Widths to find."""

    stages: Stages
    """The multiply–adds."""
    positive: Linear
    """Sizes that must be at least 1."""
    targets: Numbers
    """The multiply–adds that each stage should have."""
    total: float
    """Those that the whole network should have."""
    start: Numbers
    """Where to begin, and what to stay close to."""
    maps: Numbers
    """How many elements of maps its layers read and write for each channel of a width."""
    touched: NDArray[np.bool_]
    """Which widths are to be chosen anew; the others change only if these do not suffice."""


def fit(problem: Problem) -> Numbers:
    """
    The widths nearest to the start, relatively, with the multiply–adds of each stage.

    Gauss–Newton on logarithms. Each width is held by as much as multiply–adds depend on it, so
    all that are touched in a stage change by one factor.
    """
    if not problem.start.size:
        return problem.start
    weights = _weights(problem)
    begin = np.log(problem.start)
    point = begin.copy()
    for _ in range(_ROUNDS):
        step = _step(problem, point, point - begin, weights)
        cost = _cost(problem, point, point - begin, weights)
        while not _is_better(problem, point + step, begin, (weights, cost)):
            step = step / 2
            if np.abs(step).max(initial=0) < _SETTLED:
                return np.asarray(np.exp(point))
        point = point + step
    return np.asarray(np.exp(point))


def errors(problem: Problem, widths: Numbers) -> Numbers:
    """How far each stage is off, as a share of what it should have."""
    return np.asarray(problem.stages.macs(widths) / problem.targets - 1)


def total_error(problem: Problem, widths: Numbers) -> float:
    """How far the whole network is off."""
    return float(problem.stages.macs(widths).sum() / problem.total - 1)


def moved(problem: Problem, widths: Numbers) -> float:
    """Elements that layers read and write: maps and weights."""
    return float(problem.maps @ widths) + problem.stages.weights(widths)


def is_within(problem: Problem, widths: Numbers, *, margin: float = 1.0) -> bool:
    """Whether stages and total are within their tolerances, or a part of them."""
    stages = np.abs(errors(problem, widths)).max(initial=0)
    total = abs(total_error(problem, widths))
    return bool(stages <= STAGE_TOLERANCE * margin and total <= TOTAL_TOLERANCE * margin)


def allowed(problem: Problem, widths: Numbers) -> Any:
    """Whether all sizes are positive; for a matrix with widths in its columns, of each column."""
    return (problem.positive.at(widths) >= _LEAST).all(axis=0)


def _weights(problem: Problem) -> Numbers:
    growth = np.abs(problem.stages.elasticities(problem.start)).sum(axis=0)
    share = growth / max(growth.sum(), 1.0)
    return np.asarray((share + 1e-6) * np.where(problem.touched, 1.0, _UNTOUCHED))


def _step(problem: Problem, point: Numbers, moved: Numbers, weights: Numbers) -> Numbers:
    """
    The step to the least of the linearised problem.

    Solved for what holds the stages, of which there are few, and not for the widths: the widths
    move by what each of these pulls at them.
    """
    widths = np.exp(point)
    macs = problem.stages.macs(widths)
    slopes = problem.stages.elasticities(widths)
    rows = np.vstack([slopes / macs[:, None], slopes.sum(axis=0)[None, :] / macs.sum()])
    off = np.append(np.log(macs / problem.targets), np.log(macs.sum() / problem.total))
    hold = np.sqrt(np.append(np.full(len(macs), _STAGE), _TOTAL))
    rows, off = rows * hold[:, None], off * hold
    matrix = np.eye(len(off)) + (rows / weights) @ rows.T
    pull = np.linalg.lstsq(matrix, rows @ moved - off, rcond=None)[0]
    step = (rows.T @ pull) / weights - moved
    return np.asarray(step * min(1.0, _LONGEST / max(float(np.abs(step).max()), 1e-12)))


def _cost(problem: Problem, point: Numbers, moved: Numbers, weights: Numbers) -> float:
    """What is minimised: the change of widths, and by how much stages and total are off."""
    macs = problem.stages.macs(np.exp(point))
    off = np.log(macs / problem.targets)
    all_off = np.log(macs.sum() / problem.total)
    return float(weights @ moved**2 + _STAGE * off @ off + _TOTAL * all_off**2)


def _is_better(
    problem: Problem, point: Numbers, begin: Numbers, before: tuple[Numbers, float]
) -> bool:
    """Whether all sizes are positive there, and the cost is less than before."""
    weights, cost = before
    if not allowed(problem, np.exp(point)):
        return False
    return _cost(problem, point, point - begin, weights) < cost
