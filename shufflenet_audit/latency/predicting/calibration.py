"""The machine at hand as a device: its rates, from the times of some networks on it."""

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
    leave_one_out,
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
class NetworkRun:
    """A network that was measured."""

    samples: tuple[Sample, ...]
    """Its ops with their times."""
    total: float
    """The time of the whole network, in seconds."""


def run(
    probe: Probe, backend: Backend, settings: Settings = BRIEF, clock: Clock = CLOCK
) -> NetworkRun:
    """A probe, measured on this machine."""
    noise = torch.rand(probe.shape, generator=torch.Generator().manual_seed(0))
    subject = Subject(probe.build(), (noise,))
    return samples_of(*measured_graph(subject, backend, settings, clock))


def samples_of(graph: CostGraph, latency: Latency) -> NetworkRun:
    """
    The times of the ops of a measured network.

    The time that the whole network took beyond its ops is shared equally among them: it is that of
    the Python between the ops.
    """
    parts = [(op, timing) for timing in latency.timings for op in timing.ops if graph[op].known]
    alone = sum(timing.seconds.median for timing in latency.timings if timing.ops)
    between = max(latency.total.median - alone, 0.0) / max(len(parts), 1)
    samples = (
        Sample(graph[op], timing.seconds.median / len(timing.ops) + between) for op, timing in parts
    )
    return NetworkRun(tuple(samples), latency.total.median)


def device_of_run(graph: CostGraph, latency: Latency) -> Device:
    """The machine at hand, with rates from one measured network: they hold for it alone."""
    samples = samples_of(graph, latency).samples
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
    """Bytes per second that a copy moves, by the bytes that it reads and writes."""
    rates_by_size = []
    with set_up(settings.threads):
        for size in _WORKING_SETS:
            source = torch.rand(size // 8)
            copy = torch.empty_like(source)
            brief = Settings(warmup=2, rounds=settings.rounds, seconds=settings.seconds / 10)
            ((*spent,),) = interleaved([lambda: copy.copy_(source)], clock, brief)  # noqa: B023  (run at once)
            rates_by_size.append((size, size / max(seconds(spent).median, 1e-9)))
    return tuple(rates_by_size)


def device(
    runs: Mapping[str, NetworkRun], settings: Settings, moved: Sequence[tuple[int, float]]
) -> Device:
    """The machine at hand, with rates from these networks; `moved` is its bandwidth by size."""
    samples = [sample for run in runs.values() for sample in run.samples]
    totals = {name: run.total for name, run in runs.items()}
    ratios = leave_one_out({name: run.samples for name, run in runs.items()}, totals)
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
