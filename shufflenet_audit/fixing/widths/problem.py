"""The widths to find, as numbers, from what ties them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import exp, log
from typing import Self

import numpy as np

from shufflenet_audit.fixing.widths.derivation import Derivation
from shufflenet_audit.fixing.widths.fit import Problem
from shufflenet_audit.fixing.widths.form import Form
from shufflenet_audit.fixing.widths.lattice import sizes_of
from shufflenet_audit.fixing.widths.sizes import Sizes
from shufflenet_audit.fixing.widths.stages import Linear, Numbers, Stages


@dataclass(frozen=True, slots=True)
class Layer:
    """A width of a layer, in or out."""

    width: Form
    """The width."""
    channels: int
    """What it is now."""
    places: float
    """Places of the map that is so wide, for one unit of batch."""


Layers = Sequence[Layer]


@dataclass(frozen=True, slots=True)
class Task:
    """All of a problem but the equations that are tried, of the widths derived as free."""

    free: tuple[int, ...]
    """The numbers of these widths."""
    stages: Stages
    """The multiply–adds."""
    positive: Linear
    """Sizes that must be at least 1."""
    maps: Numbers
    """How many elements of maps layers read and write for each channel of a width."""
    starts: tuple[tuple[float, int], ...]
    """For each width, the sum of the logarithms of all that it stands for, and their number."""
    targets: Numbers
    """The multiply–adds that each stage has now."""
    total: float
    """The multiply–adds of the network."""

    @classmethod
    def of(
        cls, derived: Derivation, stages: Stages, targets: Mapping[int, float], layers: Layers
    ) -> Self:
        """The task for a network after its changes of structure."""
        sizes, free = derived.sizes, derived.sizes.free()
        wide = Linear.of([sizes.resolved(layer.width) for layer in layers], free)
        return cls(
            free=free,
            stages=stages,
            positive=Linear.of(sizes_of(derived, sizes), free),
            maps=np.asarray(np.array([layer.places for layer in layers]) @ wide.slopes),
            starts=_starts(sizes, free, layers),
            targets=np.array([targets[each] for each in stages.places]),
            total=sum(targets.values()),
        )


def problem(task: Task, sizes: Sizes, touched: Iterable[Form]) -> Problem:
    """The widths that these equations leave free, of which those in `touched` forms may change."""
    free = sizes.free()
    forms = [sizes.resolved(Form.width(number)) for number in task.free]
    inner = Linear.of(forms, free)
    chosen = {number for form in touched for number, _ in sizes.resolved(form).terms}
    return Problem(
        task.stages.after(inner),
        positive=task.positive.after(inner),
        targets=task.targets,
        total=task.total,
        start=_merged(task, forms, free),
        maps=task.maps @ inner.slopes,
        touched=np.array([number in chosen for number in free], dtype=bool),
    )


def _starts(sizes: Sizes, free: tuple[int, ...], layers: Layers) -> tuple[tuple[float, int], ...]:
    """The logarithms of what layers have that are a multiple of a free width, as that width."""
    logarithms: dict[int, list[float]] = {number: [] for number in free}
    for layer in layers:
        form = sizes.resolved(layer.width)
        if len(form.terms) == 1 and not form.constant:
            ((to, coefficient),) = form.terms
            logarithms[to].append(log(layer.channels / float(coefficient)))
    alone = {number: [log(sizes.origins[number].start)] for number in free}
    found = (logarithms[number] or alone[number] for number in free)
    return tuple((sum(each), len(each)) for each in found)


def _merged(task: Task, forms: list[Form], free: tuple[int, ...]) -> Numbers:
    """For each free width the mean, of their logarithms, of all that are now equal to it."""
    sums, counts = dict.fromkeys(free, 0.0), dict.fromkeys(free, 0)
    for form, (logarithms, count) in zip(forms, task.starts, strict=True):
        if len(form.terms) == 1 and not form.constant:
            ((to, coefficient),) = form.terms
            sums[to] += logarithms - count * log(coefficient)
            counts[to] += count
    return np.array([exp(sums[number] / counts[number]) for number in free])
