"""The machine at hand as a device: how long some networks take on it, and what follows from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import torch

from shufflenet_audit.latency.backend import Backend, Clock, Settings
from shufflenet_audit.latency.measuring.machine import processor, set_up
from shufflenet_audit.latency.measuring.measurement import CLOCK, measured_graph
from shufflenet_audit.latency.measuring.rounds import interleaved
from shufflenet_audit.latency.measuring.spread import seconds
from shufflenet_audit.latency.measuring.task import Subject
from shufflenet_audit.latency.predicting.device import Device
from shufflenet_audit.latency.predicting.fit import (
    Sample,
    left_out,
    rates,
)
from shufflenet_audit.latency.predicting.probes import Probe
from shufflenet_audit.network.graph import CostGraph
from shufflenet_audit.network.timings import Latency

THIS: Final = "this"
BRIEF: Final = Settings(warmup=1, rounds=11, seconds=2.5)
_WORKING_SETS: Final = tuple(2**power for power in range(15, 28, 2))
_USUAL: Final = 0.8


@dataclass(frozen=True, slots=True)
class Run:
    """What a network told: its ops with their times, and the time of the whole."""

    samples: tuple[Sample, ...]
    total: float


def run(probe: Probe, backend: Backend, settings: Settings = BRIEF, clock: Clock = CLOCK) -> Run:
    """What a probe tells of this machine."""
    noise = torch.rand(probe.shape, generator=torch.Generator().manual_seed(0))
    subject = Subject(probe.build(), (noise,))
    return told(*measured_graph(subject, backend, settings, clock))


def told(graph: CostGraph, latency: Latency) -> Run:
    """
    The times of the ops of a measured network.

    What the whole took beyond its ops is spread over them: each op has its share of the Python
    between the ops.
    """
    parts = [(op, timing) for timing in latency.timings for op in timing.ops if graph[op].known]
    alone = sum(timing.seconds.median for timing in latency.timings if timing.ops)
    between = max(latency.total.median - alone, 0.0) / max(len(parts), 1)
    samples = (
        Sample(graph[op], timing.seconds.median / len(timing.ops) + between) for op, timing in parts
    )
    return Run(tuple(samples), latency.total.median)


def own(graph: CostGraph, latency: Latency) -> Device:
    """The machine at hand as one measured network shows it: good for that network alone."""
    samples = told(graph, latency).samples
    return Device(
        name=latency.device,
        source=f"the network's own ops, measured on {latency.device}",
        measured=True,
        threads=latency.threads,
        macs_per_second=max((sample.op.macs / sample.seconds for sample in samples), default=0.0),
        bandwidth=(),
        rates=rates(samples),
    )


def bandwidth(settings: Settings = BRIEF, clock: Clock = CLOCK) -> tuple[tuple[int, float], ...]:
    """Bytes per second that a copy moves, by the bytes that it touches."""
    found = []
    with set_up(settings.threads):
        for size in _WORKING_SETS:
            source = torch.rand(size // 8)
            copy = torch.empty_like(source)
            brief = Settings(warmup=2, rounds=settings.rounds, seconds=settings.seconds / 10)
            ((*spent,),) = interleaved([lambda: copy.copy_(source)], clock, brief)  # noqa: B023  (run at once)
            found.append((size, size / max(seconds(spent).median, 1e-9)))
    return tuple(found)


def device(
    runs: Mapping[str, Run], settings: Settings, moved: Sequence[tuple[int, float]]
) -> Device:
    """The machine at hand, as these networks show it."""
    samples = [sample for told in runs.values() for sample in told.samples]
    totals = {name: told.total for name, told in runs.items()}
    ratios = left_out({name: told.samples for name, told in runs.items()}, totals)
    errors = sorted(abs(ratio - 1) for ratio in ratios.values())
    return Device(
        name=THIS,
        source=f"{len(runs)} networks in eager PyTorch {torch.__version__} on {processor()}",
        measured=True,
        threads=settings.threads,
        macs_per_second=max(sample.op.macs / sample.seconds for sample in samples),
        bandwidth=tuple(moved),
        rates=rates(samples),
        error=errors[min(int(_USUAL * len(errors)), len(errors) - 1)],
    )
