"""
Measured against predicted latency of torchvision's classification models, which no fit has seen.

python benchmarks/predict.py [--max-gmacs 20] [NAME ...]

The device is measured with the probes of `audit devices measure`: none is of torchvision. They take
turns with the networks, twice through, so that a machine that slows down does so for both. Servers
are shared, and their speed changes from minute to minute: one network runs between all others, and
the last lines say also what the errors are when its pace is taken out. Beside it stands what a fit
on multiply–adds alone says of each network, fitted to all the others.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import cycle, islice
from statistics import median
from typing import NamedTuple, TypeVar

import torch
import torchvision
from rich.console import Console
from rich.progress import track
from torchvision.models import get_model, list_models

from shufflenet_audit import trace
from shufflenet_audit.discovery import backend
from shufflenet_audit.latency.backend import Settings
from shufflenet_audit.latency.measuring.machine import set_up
from shufflenet_audit.latency.measuring.measurement import CLOCK, measured_graph
from shufflenet_audit.latency.measuring.rounds import interleaved
from shufflenet_audit.latency.measuring.task import Subject
from shufflenet_audit.latency.predicting.calibration import (
    BRIEF,
    Run,
    bandwidth,
    device,
    run,
)
from shufflenet_audit.latency.predicting.device import Device
from shufflenet_audit.latency.predicting.prediction import predicted
from shufflenet_audit.latency.predicting.probes import probes
from shufflenet_audit.network.graph import CostGraph
from shufflenet_audit.network.timings import Latency

_SETTINGS = Settings(warmup=2, rounds=21, seconds=4)
_UNUSUAL_SIZE = {"inception_v3": 299}
_NO_INITIAL_WEIGHTS = ("googlenet", "inception_v3")
_PASSES = 2

_BRIEFLY = Settings(warmup=2, rounds=15, seconds=0.4)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Seen:
    """A measured network, and how slow the machine was then: 1 as at the start."""

    graph: CostGraph
    latency: Latency
    pace: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--max-gmacs", type=float, default=20.0)
    given = parser.parse_args()
    names = given.names or list_models(module=torchvision.models)
    networks, runs = measured([name for name in names if _gmacs(name) <= given.max_gmacs])
    this, steady = (_device(runs, paced=paced) for paced in (False, True))
    print(f"{this.source}; left-out error of the fit: {this.error:.1%}\n")
    errors = {name: _predicted(each, this) / _median(each) - 1 for name, each in networks.items()}
    print("\n".join(_table(networks, errors)))
    print(f"\nfrom costs: {_summary(errors.values())}")
    print(f"from multiply–adds alone: {_summary(_from_macs(networks.values(), paced=False))}")
    own = [_predicted(each, steady) * each.pace / _median(each) - 1 for each in networks.values()]
    paces = [each.pace for each in networks.values()]
    print(f"\nthe machine's pace, taken out: {min(paces):.2f} to {max(paces):.2f}")
    print(f"from costs: {_summary(own)}")
    print(f"from multiply–adds alone: {_summary(_from_macs(networks.values(), paced=True))}")


def measured(names: Sequence[str]) -> tuple[dict[str, Seen], list[Turn]]:
    """What these networks and all probes took, the probes spread between the networks."""
    networks: dict[str, Seen] = {}
    turns: list[Turn] = []
    waiting, count, pace = cycle(probes()), _PASSES * len(probes()), Pace()
    for at, name in enumerate(track(names, "measuring", console=Console(stderr=True))):
        due = (at + 1) * count // len(names) - at * count // len(names)
        turns.extend(
            Turn(probe.name, *pace.around(partial(run, probe))) for probe in islice(waiting, due)
        )
        model, x = _built(name)
        subject = Subject(model, (x,))
        found, slow = pace.around(partial(measured_graph, subject, backend("eager"), _SETTINGS))
        networks[name] = Seen(*found, slow)
    return networks, turns


class Turn(NamedTuple):
    """A probe that ran, and how slow the machine was then."""

    name: str
    run: Run
    pace: float


class Pace:
    """How slow the machine is, by what one small network takes, compared to the start."""

    def __init__(self) -> None:
        self._model, self._x = _built("mobilenet_v2")
        self._start = self._seconds()

    def around(self, action: Callable[[], T]) -> tuple[T, float]:
        """What an action gives, and the pace before and after it in the mean."""
        before = self._seconds()
        result = action()
        return result, (before + self._seconds()) / 2 / self._start

    def _seconds(self) -> float:
        with set_up(1):
            runs = interleaved([partial(self._model, self._x)], CLOCK, _BRIEFLY)
        return median(runs[0])


def _device(turns: Sequence[Turn], *, paced: bool) -> Device:
    runs: dict[str, Run] = {}
    for turn in turns:
        now = _scaled(turn.run, turn.pace) if paced else turn.run
        before = runs.get(turn.name, Run((), 0.0))
        runs[turn.name] = Run((*before.samples, *now.samples), before.total + now.total)
    return device(runs, BRIEF, bandwidth())


def _scaled(told: Run, pace: float) -> Run:
    samples = tuple(replace(each, seconds=each.seconds / pace) for each in told.samples)
    return Run(samples, told.total / pace)


def _predicted(seen: Seen, on: Device) -> float:
    return predicted(seen.graph, on).total.median


def _median(seen: Seen) -> float:
    return seen.latency.total.median


def _gmacs(name: str) -> float:
    return trace(*_built(name)).total.macs / 1e9


def _built(name: str) -> tuple[torch.nn.Module, torch.Tensor]:
    more = {"init_weights": False} if name in _NO_INITIAL_WEIGHTS else {}
    size = _UNUSUAL_SIZE.get(name, 224)
    return get_model(name, weights=None, **more).eval(), torch.rand(1, 3, size, size)


def _table(networks: Mapping[str, Seen], errors: Mapping[str, float]) -> Iterator[str]:
    yield "| network | measured ms | (interval) | predicted ms | error |"
    yield "|---|---:|---|---:|---:|"
    for name, seen in networks.items():
        whole, error = seen.latency.total, errors[name]
        spread = f"{whole.low * 1e3:.1f}–{whole.high * 1e3:.1f}"
        said = whole.median * (1 + error) * 1e3
        yield f"| {name} | {whole.median * 1e3:.1f} | {spread} | {said:.1f} | {error:+.1%} |"


def _from_macs(networks: Iterable[Seen], *, paced: bool) -> list[float]:
    """For each network the error of a line through all the others: fixed cost, cost per MAC."""
    points = [
        (each.graph.total.macs, _median(each) / (each.pace if paced else 1)) for each in networks
    ]
    return [_line(points[:at] + points[at + 1 :], x) / y - 1 for at, (x, y) in enumerate(points)]


def _line(points: Sequence[tuple[float, float]], at: float) -> float:
    """The line of least relative error, read at one place."""
    factors = torch.tensor([[1 / y, x / y] for x, y in points], dtype=torch.float64)
    ones = torch.ones(len(points), 1, dtype=torch.float64)
    fixed, per_mac = torch.linalg.lstsq(factors, ones, driver="gelsd").solution.flatten().tolist()
    return float(fixed + per_mac * at)


def _summary(errors: Iterable[float]) -> str:
    off = [abs(each) for each in errors]
    near, far = (sum(each <= limit for each in off) / len(off) for limit in (0.1, 0.2))
    return (
        f"{len(off)} networks: {near:.0%} within ±10 %, {far:.0%} within ±20 %,"
        f" median error {median(off):.1%}"
    )


if __name__ == "__main__":
    main()
