"""The widths to find, as numbers, from what ties them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import exp, log

import numpy as np

from shufflenet_audit.fixing.widths.derivation import Derivation
from shufflenet_audit.fixing.widths.fit import Problem
from shufflenet_audit.fixing.widths.form import Form
from shufflenet_audit.fixing.widths.lattice import Lattice
from shufflenet_audit.fixing.widths.sizes import Sizes
from shufflenet_audit.fixing.widths.stages import Numbers, Stages, slopes_of


@dataclass(frozen=True, slots=True)
class Task:
    """All of a problem but the equations, of which several are tried."""

    derived: Derivation
    """The network after its changes of structure."""
    places: dict[str, int]
    """By op: the stage that it belongs to."""
    maps: tuple[tuple[Form, float], ...]
    """Widths of layers, each with the places of the maps that are that wide."""
    targets: dict[int, float]
    """By stage: the multiply–adds that it has now."""
    multiple_of: int
    """Of what widths are to be multiples."""


def problem(task: Task, sizes: Sizes, touched: Iterable[Form]) -> Problem:
    """The widths that these equations leave free, of which those in `touched` forms may change."""
    stages = Stages.of(task.derived, sizes, task.places)
    free = sizes.free()
    chosen = {number for form in touched for number, _ in sizes.resolved(form).terms}
    starts = _starts(sizes)
    return Problem(
        stages,
        Lattice.of(task.derived, sizes, task.multiple_of),
        targets=np.array([task.targets[each] for each in stages.places]),
        total=float(sum(task.targets.values())),
        start=np.array([starts[number] for number in free]),
        maps=_maps(task, sizes, free),
        touched=np.array([number in chosen for number in free], dtype=bool),
    )


def _maps(task: Task, sizes: Sizes, free: tuple[int, ...]) -> Numbers:
    slopes = slopes_of([sizes.resolved(form) for form, _ in task.maps], free)
    return np.asarray(np.array([places for _, places in task.maps]) @ slopes)


def _starts(sizes: Sizes) -> dict[int, float]:
    """For each free width the mean, of their logarithms, of all that are now equal to it."""
    logarithms: dict[int, list[float]] = {number: [] for number in sizes.free()}
    for number, origin in enumerate(sizes.origins):
        form = sizes.resolved(Form.width(number))
        if len(form.terms) == 1 and not form.constant:
            ((to, coefficient),) = form.terms
            logarithms[to].append(log(origin.start / float(coefficient)))
    return {number: exp(sum(each) / len(each)) for number, each in logarithms.items()}
