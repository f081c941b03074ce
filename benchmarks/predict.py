"""
Measured against predicted latency of torchvision's classification models, which no fit has seen.

python benchmarks/predict.py [--max-gmacs 5] [NAME ...]

The device is measured first, with the probes of `audit devices measure`: none is of torchvision.
"""

from __future__ import annotations

import argparse
from statistics import median

import torch
import torchvision
from torchvision.models import get_model, list_models

from shufflenet_audit.backend import Settings
from shufflenet_audit.discovery import backend
from shufflenet_audit.latency.calibration import BRIEF, bandwidth, device, run
from shufflenet_audit.latency.measurement import measured_graph
from shufflenet_audit.latency.prediction import predicted
from shufflenet_audit.latency.probes import probes
from shufflenet_audit.latency.task import Subject
from shufflenet_audit.trace import trace

_SETTINGS = Settings(warmup=2, rounds=21, seconds=6)
_UNUSUAL_SIZE = {"inception_v3": 299}
_NO_INITIAL_WEIGHTS = ("googlenet", "inception_v3")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--max-gmacs", type=float, default=20.0)
    given = parser.parse_args()
    this = device({probe.name: run(probe) for probe in probes()}, BRIEF, bandwidth())
    names = given.names or list_models(module=torchvision.models)
    print(f"{this.source}; left-out error of the fit: {this.error:.1%}\n")
    print("| network | measured ms | (interval) | predicted ms | error |")
    print("|---|---:|---|---:|---:|")
    errors = []
    for name in names:
        model, x = _built(name)
        if trace(model, x).total.macs > given.max_gmacs * 1e9:
            continue
        graph, seen = measured_graph(Subject(model, (x,)), backend("eager"), _SETTINGS)
        said, whole = predicted(graph, this).total.median, seen.total
        errors.append(said / whole.median - 1)
        spread = f"{whole.low * 1e3:.1f}–{whole.high * 1e3:.1f}"
        row = (name, f"{whole.median * 1e3:.1f}", spread, f"{said * 1e3:.1f}", f"{errors[-1]:+.1%}")
        print(f"| {' | '.join(row)} |", flush=True)
    print(f"\n{_summary(errors)}")


def _built(name: str) -> tuple[torch.nn.Module, torch.Tensor]:
    more = {"init_weights": False} if name in _NO_INITIAL_WEIGHTS else {}
    size = _UNUSUAL_SIZE.get(name, 224)
    return get_model(name, weights=None, **more).eval(), torch.rand(1, 3, size, size)


def _summary(errors: list[float]) -> str:
    within = {limit: sum(abs(each) <= limit for each in errors) for limit in (0.1, 0.2)}
    off = median(map(abs, errors))
    return (
        f"{len(errors)} networks: {within[0.1] / len(errors):.0%} within ±10 %,"
        f" {within[0.2] / len(errors):.0%} within ±20 %, median error {off:.1%}"
    )


if __name__ == "__main__":
    main()
