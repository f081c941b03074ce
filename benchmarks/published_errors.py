"""How far off predictions are on devices, and on networks, that were left out of the prior."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.random import default_rng
from numpy.typing import NDArray
from published_table import Run, Table

from shufflenet_audit.latency.predicting.features import Numbers
from shufflenet_audit.latency.predicting.learning import learnt
from shufflenet_audit.latency.predicting.posterior import posterior, predicted
from shufflenet_audit.latency.predicting.prior import Prior

COUNTS: Final = (0, 1, 3, 5, 10)
USUAL: Final = "cpu"
"""The kind whose prior is tried on others."""
_PARTS: Final = 5
_DRAWS: Final = 3
"""How often other networks are drawn to be timed, for each device and count."""

Places = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Prediction:
    """A predicted and a measured time, in seconds, and what simpler models say."""

    run: Run
    network: str
    timed: int
    measured: float
    median: float
    low: float
    high: float
    by_macs: float
    """What multiply–adds alone say."""
    by_memory: float
    """What memory access alone says."""

    @property
    def error(self) -> float:
        """How far off the prediction is, relative to what was measured."""
        return abs(self.median / self.measured - 1)

    @property
    def covered(self) -> bool:
        """Whether the interval holds what was measured."""
        return self.low <= self.measured <= self.high


def devices_left_out(table: Table, kind: str) -> Iterator[Prediction]:
    """Predictions on each device, with a prior from devices with other chips."""
    runs = table.of_kind(kind)
    everything = np.arange(len(table.networks))
    for others, left in parted(runs):
        prior = learnt(kind, table.learnable(others))
        for run in left:
            yield from _of_device(table, run, prior, (everything, everything))


def both_left_out(table: Table, kind: str) -> Iterator[Prediction]:
    """The same, with a prior that has not seen the networks either, nor has the device."""
    runs = table.of_kind(kind)
    families = np.array(table.families)
    chosen = default_rng(0).permutation(sorted(set(table.families)))
    for others, left in parted(runs):
        learnable = table.learnable(others)
        for part in range(_PARTS):
            new = np.isin(families, chosen[part::_PARTS])
            known = np.flatnonzero(~new)
            prior = learnt(kind, replace(
                learnable,
                networks=learnable.networks[known],
                families=tuple(families[known].tolist()),
                seconds=learnable.seconds[:, known],
            ))  # fmt: skip
            for run in left:
                yield from _of_device(table, run, prior, (known, np.flatnonzero(new)))


def kind_left_out(table: Table, kind: str) -> Iterator[Prediction]:
    """The same as for devices left out, with the prior of CPUs with one thread for all kinds."""
    known = table.of_kind(USUAL)
    everything = np.arange(len(table.networks))
    for _, left in parted(table.of_kind(kind)):
        chips = {run.chip for run in left}
        others = tuple(run for run in known if run.chip not in chips)
        prior = learnt(USUAL, table.learnable(others))
        for run in left:
            yield from _of_device(table, run, prior, (everything, everything))


def parted(runs: tuple[Run, ...]) -> Iterator[tuple[tuple[Run, ...], tuple[Run, ...]]]:
    """The runs in parts, all of a chip in the same one: the others, and those left out."""
    chips = default_rng(0).permutation(sorted({run.chip for run in runs}))
    for part in range(_PARTS):
        left = set(chips[part::_PARTS])
        yield (
            tuple(run for run in runs if run.chip not in left),
            tuple(run for run in runs if run.chip in left),
        )


@dataclass(frozen=True, slots=True)
class _Subject:
    """A device that was left out: what it took for each network, and what there is to know."""

    table: Table
    run: Run
    prior: Prior
    seconds: Numbers
    amounts: tuple[Numbers, Numbers]


def _of_device(
    table: Table, run: Run, prior: Prior, networks: tuple[Places, Places]
) -> Iterator[Prediction]:
    """Predictions of some networks, with some of others timed."""
    (seconds,) = table.seconds((run,))
    subject = _Subject(table, run, prior, seconds, _amounts(table))
    timeable, asked = (at[np.isfinite(seconds[at])] for at in networks)
    random = default_rng(len(run.device) + run.threads)
    for count in COUNTS:
        for _ in range(_DRAWS if count else 1):
            timed = random.permutation(timeable)[:count]
            wanted = np.setdiff1d(asked, timed)
            if len(wanted):
                yield from _predictions(subject, timed, wanted)


def _predictions(subject: _Subject, timed: Places, wanted: Places) -> Iterator[Prediction]:
    seconds, features = subject.seconds, subject.table.features
    device = posterior(subject.prior, features[timed], seconds[timed])
    macs, memory = subject.amounts
    columns = predicted(device, features[wanted])
    for place, median, low, high in zip(wanted, *columns, strict=True):
        yield Prediction(
            run=subject.run,
            network=subject.table.networks[place],
            timed=len(timed),
            measured=seconds[place],
            median=median,
            low=low,
            high=high,
            by_macs=_in_proportion(macs, seconds, timed, place),
            by_memory=_in_proportion(memory, seconds, timed, place),
        )


def _amounts(table: Table) -> tuple[Numbers, Numbers]:
    totals = [graph.total for graph in table.graphs.values()]
    return (
        np.array([float(total.macs) for total in totals]),
        np.array([float(total.memory_access_fused) for total in totals]),
    )


def _in_proportion(amounts: Numbers, seconds: Numbers, timed: Places, place: int) -> float:
    """What one number alone says: as long for each unit as the timed networks take."""
    paces = seconds[timed] / amounts[timed]
    return float(np.median(paces) * amounts[place]) if len(timed) else np.nan
