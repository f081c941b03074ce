"""
Measured against predicted latency of torchvision's classification models, which no fit has seen.

python benchmarks/predict.py [--max-gmacs 20] [NAME ...]

The device is measured with the probes of `audit devices measure`: none is of torchvision. They take
turns with the networks, twice through, so that a machine that slows down does so for both. Beside
it stands what a fit on multiply–adds alone says of each network, fitted to all the others.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import cycle, islice
from statistics import median

import torch
import torchvision
from rich.console import Console
from rich.progress import track
from torchvision.models import get_model, list_models

from shufflenet_audit.backend import Settings
from shufflenet_audit.discovery import backend
from shufflenet_audit.graph import CostGraph
from shufflenet_audit.latency.calibration import BRIEF, Run, bandwidth, device, run
from shufflenet_audit.latency.measurement import measured_graph
from shufflenet_audit.latency.prediction import predicted
from shufflenet_audit.latency.probes import probes
from shufflenet_audit.latency.task import Subject
from shufflenet_audit.timings import Latency
from shufflenet_audit.trace import trace

_SETTINGS = Settings(warmup=2, rounds=21, seconds=4)
_UNUSUAL_SIZE = {"inception_v3": 299}
_NO_INITIAL_WEIGHTS = ("googlenet", "inception_v3")
_PASSES = 2

Seen = tuple[CostGraph, Latency]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--max-gmacs", type=float, default=20.0)
    given = parser.parse_args()
    names = given.names or list_models(module=torchvision.models)
    networks, runs = measured([name for name in names if _gmacs(name) <= given.max_gmacs])
    this = device(runs, BRIEF, bandwidth())
    print(f"{this.source}; left-out error of the fit: {this.error:.1%}\n")
    errors = {
        name: predicted(graph, this).total.median / seen.total.median - 1
        for name, (graph, seen) in networks.items()
    }
    print("\n".join(_table(networks, errors)))
    print(f"\nfrom costs: {_summary(errors.values())}")
    print(f"from multiply–adds alone: {_summary(_from_macs(networks))}")


def measured(names: Sequence[str]) -> tuple[dict[str, Seen], dict[str, Run]]:
    """What these networks and all probes took, the probes spread between the networks."""
    networks: dict[str, Seen] = {}
    runs: dict[str, Run] = {}
    waiting = cycle(probes())
    turns = _PASSES * len(probes())
    for at, name in enumerate(track(names, "measuring", console=Console(stderr=True))):
        due = (at + 1) * turns // len(names) - at * turns // len(names)
        for probe in islice(waiting, due):
            runs[probe.name] = _both(runs.get(probe.name), run(probe))
        model, x = _built(name)
        networks[name] = measured_graph(Subject(model, (x,)), backend("eager"), _SETTINGS)
    return networks, runs


def _both(before: Run | None, now: Run) -> Run:
    """What a probe told in all its turns."""
    if before is None:
        return now
    return Run((*before.samples, *now.samples), before.total + now.total)


def _gmacs(name: str) -> float:
    return trace(*_built(name)).total.macs / 1e9


def _built(name: str) -> tuple[torch.nn.Module, torch.Tensor]:
    more = {"init_weights": False} if name in _NO_INITIAL_WEIGHTS else {}
    size = _UNUSUAL_SIZE.get(name, 224)
    return get_model(name, weights=None, **more).eval(), torch.rand(1, 3, size, size)


def _table(networks: Mapping[str, Seen], errors: Mapping[str, float]) -> Iterator[str]:
    yield "| network | measured ms | (interval) | predicted ms | error |"
    yield "|---|---:|---|---:|---:|"
    for name, (_, seen) in networks.items():
        whole, error = seen.total, errors[name]
        spread = f"{whole.low * 1e3:.1f}–{whole.high * 1e3:.1f}"
        said = whole.median * (1 + error) * 1e3
        yield f"| {name} | {whole.median * 1e3:.1f} | {spread} | {said:.1f} | {error:+.1%} |"


def _from_macs(networks: Mapping[str, Seen]) -> list[float]:
    """For each network the error of a line through all the others: fixed cost, cost per MAC."""
    points = [(graph.total.macs, seen.total.median) for graph, seen in networks.values()]
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
