"""A latency, measured: a backend's session in rounds, and what was seen beside it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from importlib.util import find_spec

import torch

from shufflenet_audit.backend import DEFAULTS, Backend, Clock, Kernel, Settings, Task
from shufflenet_audit.errors import UnavailableError
from shufflenet_audit.graph import CostGraph
from shufflenet_audit.latency.machine import cores, disturbances, load, processor, set_up
from shufflenet_audit.latency.rounds import interleaved
from shufflenet_audit.latency.spread import seconds
from shufflenet_audit.latency.task import Subject, described, evaluated, task
from shufflenet_audit.timings import Latency, Timing

CLOCK: Clock = time.perf_counter_ns
_CLOSE = 0.05
_MILLI = 1e3


def measured(
    subject: Subject, runtime: Backend, settings: Settings = DEFAULTS, clock: Clock = CLOCK
) -> Latency:
    """Where the time of a model goes on a backend. Raises AuditError."""
    return measured_graph(subject, runtime, settings, clock)[1]


def measured_graph(
    subject: Subject, runtime: Backend, settings: Settings = DEFAULTS, clock: Clock = CLOCK
) -> tuple[CostGraph, Latency]:
    """The graph of a model as it was run, and where its time goes. Raises AuditError."""
    _check(runtime, settings)
    with set_up(settings.threads), evaluated(subject.model):
        prepared = task(subject, settings, clock)
        return prepared.graph, timed(prepared, runtime)


def timed(prepared: Task, runtime: Backend) -> Latency:
    """Where the time of a task goes on a backend."""
    settings, busy = prepared.settings, load()
    with evaluated(prepared.model):
        session = runtime.prepare(prepared)
        runs = (session.whole, session.instrumented)
        whole, _ = interleaved(runs, prepared.clock, settings)
    total = seconds(whole)
    how = (*described(settings, prepared.leaves), ("runs", str(len(whole))))
    latency = Latency(
        backend=runtime.name,
        device=_device(settings),
        predicted=False,
        threads=settings.threads,
        total=total,
        timings=tuple(_timing(kernel, len(whole)) for kernel in session.kernels()),
        settings=(*how, ("torch", torch.__version__), *session.versions),
    )
    seen = disturbances(busy, cores(), whole, total)
    return replace(latency, notes=(*seen, *_apart(latency), *session.notes))


def _check(runtime: Backend, settings: Settings) -> None:
    missing = [each for each in runtime.requires if find_spec(each) is None]
    if missing:
        extra = f'pip install "shufflenet-audit[{runtime.name}]"'
        message = f"the {runtime.name} backend needs {', '.join(missing)}: {extra}"
        raise UnavailableError(message)
    for name, value, known in (
        ("device", settings.device.partition(":")[0], runtime.devices),
        ("dtype", settings.dtype, runtime.dtypes),
    ):
        if value not in known:
            message = (
                f"the {runtime.name} backend has no {name} {value!r}: it has {', '.join(known)}"
            )
            raise UnavailableError(message)


def _timing(kernel: Kernel, runs: int) -> Timing:
    """The time of a kernel in its last runs: those before them were made to warm up."""
    return Timing(kernel.ops, kernel.label, kernel.kind, seconds(kernel.seconds[-runs:]))


def _device(settings: Settings) -> str:
    return torch.cuda.get_device_name() if settings.device.startswith("cuda") else processor()


def _apart(latency: Latency) -> Iterator[str]:
    """A sentence where the parts do not add up to the whole."""
    parts, whole = latency.sum_of_parts, latency.total.median
    if whole and abs(parts / whole - 1) > _CLOSE:
        side = "more" if parts > whole else "less"
        yield (
            f"the parts add up to {parts * _MILLI:.2f} ms, {abs(parts / whole - 1):.0%} {side}"
            " than the uninstrumented run: trust their shares, not their sum"
        )
