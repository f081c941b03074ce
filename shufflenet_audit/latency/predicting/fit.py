"""Rates of a device, fitted to the times of ops that ran on it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Final

import numpy as np
from numpy.typing import NDArray

from shufflenet_audit.latency.predicting.device import (
    ANY,
    Rate,
    Work,
    closest,
)
from shufflenet_audit.network.kind import CONVOLUTIONS, Kind
from shufflenet_audit.network.op import Op

CACHES: Final = (1_000_000, 8_000_000)
"""Working sets in bytes from which a byte may cost more."""

_BY_KIND = CONVOLUTIONS | {Kind.LINEAR, Kind.MATMUL, Kind.VIEW}

Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Sample:
    """An op that ran, and its seconds."""

    op: Op
    seconds: float


def rates(samples: Iterable[Sample]) -> dict[str, Rate]:
    """
    The rates that explain these samples: by op, and by kind for what is short of samples.

    All are fitted to small relative errors, and none is negative.
    """
    groups: dict[str, list[Sample]] = {ANY: []}
    for sample in samples:
        for name in {ANY, str(sample.op.kind), _name(sample.op)}:
            groups.setdefault(name, []).append(sample)
    return {name: _rate(group) for name, group in groups.items() if group}


def _name(op: Op) -> str:
    """Convolutions differ by kind, all other ops by what they are."""
    return str(op.kind) if op.kind in _BY_KIND else op.target


def _rate(samples: Sequence[Sample]) -> Rate:
    work = np.array([_columns(Work.of(sample.op, fused=False)) for sample in samples])
    seconds = np.array([sample.seconds for sample in samples])
    # Long ops decide the total, short ones are many: weigh each in between.
    weights = 1 / np.sqrt(np.maximum(seconds, 1e-9) * max(median(seconds), 1e-9))
    costs = non_negative(work * weights[:, None], seconds * weights)
    per_op, per_mac, per_byte, per_weight, per_elementwise, *beyond = map(float, costs)
    steps = tuple(zip(CACHES, beyond, strict=True))
    return Rate(per_op, per_mac, per_byte, per_weight, per_elementwise, steps)


def _columns(work: Work) -> list[float]:
    above = [max(work.activations - size, 0) for size in CACHES]
    return [1.0, work.macs, work.activations, work.weights, work.elementwise, *above]


def non_negative(factors: Numbers, results: Numbers) -> Numbers:
    """The least-squares solution without what would be negative."""
    scale = np.abs(factors).max(axis=0)
    used = scale > 0
    solution = np.zeros(factors.shape[1])
    while used.any():
        found, *_ = np.linalg.lstsq(factors[:, used] / scale[used], results, rcond=None)
        if (found >= 0).all():
            solution[used] = found / scale[used]
            break
        used[used] = found > 0
    return solution


def left_out(
    networks: Mapping[str, Sequence[Sample]], totals: Mapping[str, float]
) -> dict[str, float]:
    """For each network its predicted over its measured time, with rates fitted to the others."""
    found = {}
    for name, own in networks.items():
        others = (each for other, part in networks.items() if other != name for each in part)
        fitted = rates(others)
        found[name] = sum(_seconds(fitted, sample.op) for sample in own) / totals[name]
    return found


def _seconds(fitted: Mapping[str, Rate], op: Op) -> float:
    return closest(fitted, op).seconds(Work.of(op, fused=False))
