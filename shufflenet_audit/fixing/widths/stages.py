"""Multiply–adds by stage, as a function of the widths."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from typing import Self

import numpy as np
from numpy.typing import NDArray

from shufflenet_audit.fixing.widths.derivation import Derivation
from shufflenet_audit.fixing.widths.form import ONE, Form
from shufflenet_audit.fixing.widths.sizes import Sizes
from shufflenet_audit.network.graph import CostGraph
from shufflenet_audit.network.kind import CONVOLUTIONS
from shufflenet_audit.network.op import Op

Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Stages:
    """
    The multiply–adds of a network, for one unit of batch, by how many places its ops run over.

    A vector of widths has one entry for each of `free`.
    """

    places: tuple[int, ...]
    """For each stage, how many places its maps have."""
    free: tuple[int, ...]
    """The numbers of the widths that it is a function of."""
    slopes: Numbers
    """A row for each size: how it grows with each width."""
    offsets: Numbers
    """A constant for each size."""
    factors: NDArray[np.intp]
    """A row for each product: which sizes it is a product of; as many in each row."""
    stage: NDArray[np.intp]
    """For each product, which stage it belongs to."""

    @classmethod
    def of(cls, derived: Derivation, sizes: Sizes, places: dict[str, int]) -> Self:
        """The multiply–adds of what was derived, as far as these equations leave them free."""
        forms: dict[Form, int] = {ONE: 0}
        stages = tuple(sorted(set(places.values()), reverse=True))
        rows, stage = [], []
        for name, macs in derived.macs.items():
            for product in macs:
                resolved = [sizes.resolved(form) for form in product]
                rows.append([forms.setdefault(form, len(forms)) for form in resolved])
                stage.append(stages.index(places[name]))
        longest = max(map(len, rows), default=0)
        factors = np.array([row + [0] * (longest - len(row)) for row in rows], dtype=np.intp)
        free = sizes.free()
        matrix = slopes_of(tuple(forms), free)
        offsets = np.array([float(form.constant) for form in forms])
        return cls(stages, free, matrix, offsets, factors, np.array(stage, dtype=np.intp))

    def sizes(self, widths: Numbers) -> Numbers:
        """All sizes that multiply–adds depend on."""
        return np.asarray(self.slopes @ widths + self.offsets)

    def macs(self, widths: Numbers) -> Numbers:
        """Multiply–adds of each stage; for a matrix with widths in its columns, a column of them."""
        sizes = self.slopes @ widths
        sizes += self.offsets if widths.ndim == 1 else self.offsets[:, None]
        products = np.prod(sizes[self.factors], axis=1)
        result = np.zeros((len(self.places), *widths.shape[1:]))
        np.add.at(result, self.stage, products)
        return result

    def elasticities(self, widths: Numbers) -> Numbers:
        """A row for each stage: its growth per relative growth of each width."""
        sizes = self.sizes(widths)
        products = np.prod(sizes[self.factors], axis=1)
        result = np.zeros((len(self.places), len(self.free)))
        for column in self.factors.T:
            share = products / np.where(sizes[column] == 0, 1, sizes[column])
            np.add.at(result, self.stage, share[:, None] * self.slopes[column] * widths)
        return result


def slopes_of(forms: Sequence[Form], free: Sequence[int]) -> Numbers:
    """A row for each form: how it grows with each width."""
    columns = {number: at for at, number in enumerate(free)}
    matrix = np.zeros((len(forms), len(free)))
    for row, form in enumerate(forms):
        for number, coefficient in form.terms:
            matrix[row, columns[number]] = float(coefficient)
    return matrix


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
