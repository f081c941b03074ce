"""Multiply–adds by stage, as a function of the widths."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import prod
from typing import Self

import numpy as np
from numpy.typing import NDArray

from shufflenet_audit.fixing.widths.derivation import Derivation
from shufflenet_audit.fixing.widths.form import ONE, Form
from shufflenet_audit.network.graph import CostGraph
from shufflenet_audit.network.kind import CONVOLUTIONS
from shufflenet_audit.network.op import Op

Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Linear:
    """Sizes as linear functions of widths: `slopes` · widths + `offsets`."""

    slopes: Numbers
    """A row for each size, a column for each width."""
    offsets: Numbers
    """A constant for each size."""

    @classmethod
    def of(cls, forms: Sequence[Form], free: Sequence[int]) -> Self:
        """These sizes, of the widths of these numbers."""
        columns = {number: at for at, number in enumerate(free)}
        slopes = np.zeros((len(forms), len(free)))
        for row, form in enumerate(forms):
            for number, coefficient in form.terms:
                slopes[row, columns[number]] = float(coefficient)
        return cls(slopes, np.array([float(form.constant) for form in forms]))

    def at(self, widths: Numbers) -> Numbers:
        """The sizes; for a matrix with widths in its columns, a column of them."""
        offsets = self.offsets if widths.ndim == 1 else self.offsets[:, None]
        return np.asarray(self.slopes @ widths + offsets)

    def after(self, inner: Linear) -> Linear:
        """The same sizes, of the widths that these widths are linear functions of."""
        return Linear(self.slopes @ inner.slopes, self.slopes @ inner.offsets + self.offsets)


@dataclass(frozen=True, slots=True)
class Stages:
    """Multiply–adds of a network, for one unit of batch, by how many places ops run over."""

    places: tuple[int, ...]
    """For each stage, how many places its maps have."""
    sizes: Linear
    """All sizes that multiply–adds depend on, of the free widths."""
    factors: NDArray[np.intp]
    """A row for each product: which sizes it is a product of; as many in each row."""
    stage: NDArray[np.intp]
    """For each product, which stage it belongs to."""
    per_place: Numbers
    """For each product: one by its places, if it is of weights, which are so many; else 0."""

    @classmethod
    def of(cls, derived: Derivation, costs: CostGraph, units: int) -> Self:
        """The multiply–adds of what was derived, of its free widths; `costs` are of some units."""
        places = places_of(costs)
        forms: dict[Form, int] = {ONE: 0}
        stages = tuple(sorted(set(places.values()), reverse=True))
        rows, stage, per_place = [], [], []
        for name, macs in derived.macs.items():
            for product in macs:
                resolved = [derived.sizes.resolved(form) for form in product]
                rows.append([forms.setdefault(form, len(forms)) for form in resolved])
                stage.append(stages.index(places[name]))
                shape = costs[name].convolution
                per_place.append(units / shape.positions if shape else 0.0)
        longest = max(map(len, rows), default=0)
        factors = np.array([row + [0] * (longest - len(row)) for row in rows], dtype=np.intp)
        sizes = Linear.of(tuple(forms), derived.sizes.free())
        stage_of = np.array(stage, dtype=np.intp)
        return cls(stages, sizes, factors, stage_of, np.array(per_place))

    def after(self, inner: Linear) -> Stages:
        """The same, of the widths that these widths are linear functions of."""
        return replace(self, sizes=self.sizes.after(inner))

    def weights(self, widths: Numbers) -> float:
        """How many weights its layers read."""
        return float(self.per_place @ np.prod(self.sizes.at(widths)[self.factors], axis=1))

    def macs(self, widths: Numbers) -> Numbers:
        """Multiply–adds of each stage; for widths in columns of a matrix, a column of them."""
        products = np.prod(self.sizes.at(widths)[self.factors], axis=1)
        result = np.zeros((len(self.places), *widths.shape[1:]))
        np.add.at(result, self.stage, products)
        return result

    def elasticities(self, widths: Numbers) -> Numbers:
        """A row for each stage: its growth per relative growth of each width."""
        sizes = self.sizes.at(widths)
        products = np.prod(sizes[self.factors], axis=1)
        shares = np.zeros((len(self.places), len(sizes)))
        for column in self.factors.T:
            np.add.at(shares, (self.stage, column), products / sizes[column])
        return np.asarray(shares @ self.sizes.slopes * widths)


def places_of(graph: CostGraph) -> dict[str, int]:
    """
    By op with multiply–adds: over how many places of a map it runs, which tells its stage.

    They are height times width for a convolution, tokens for a linear layer. What runs over one
    place (a classifier, a gate) belongs to the stage whose map was pooled for it.
    """
    batch = max((given.tensor.shape[0] for given in graph.inputs if given.tensor.shape), default=1)
    stages: dict[str, int] = {}
    for op in graph.ops:
        own = _places(op, batch) if op.known and op.macs else 1
        above = max((stages.get(parent, 1) for parent in op.parents), default=1)
        stages[op.name] = own if own > 1 else above
    return {op.name: stages[op.name] for op in graph.known if op.macs}


def stage_macs(graph: CostGraph) -> dict[int, int]:
    """Multiply–adds by stage, those with most places first."""
    macs: Counter[int] = Counter()
    for name, places in places_of(graph).items():
        macs[places] += graph[name].macs
    return dict(sorted(macs.items(), reverse=True))


def _places(op: Op, batch: int) -> int:
    if op.kind in CONVOLUTIONS:
        return prod(op.outputs[0].shape[2:])
    if op.convolution:
        return max(op.convolution.positions // max(batch, 1), 1)
    return op.outputs[0].shape[-2] if len(op.outputs[0].shape) > 1 else 1
