"""A latency, measured: a backend's session in rounds, and what was seen beside it."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from importlib.util import find_spec

import torch

from shufflenet_audit.errors import UnavailableError
from shufflenet_audit.latency.backend import (
    DEFAULTS,
    Backend,
    Clock,
    Exported,
    Kernel,
    Session,
    Settings,
    Task,
)
from shufflenet_audit.latency.measuring.machine import (
    cores,
    disturbances,
    load,
    processor,
    set_up,
)
from shufflenet_audit.latency.measuring.rounds import interleaved
from shufflenet_audit.latency.measuring.spread import seconds
from shufflenet_audit.latency.measuring.task import (
    Subject,
    described,
    evaluated,
    task,
)
from shufflenet_audit.network.graph import CostGraph
from shufflenet_audit.network.timings import Latency, Timing

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
    (found,) = measured_in_turns((subject,), runtime, settings, clock)
    return found


def measured_in_turns(
    subjects: Sequence[Subject],
    runtime: Backend,
    settings: Settings = DEFAULTS,
    clock: Clock = CLOCK,
) -> tuple[tuple[CostGraph, Latency], ...]:
    """The same of several models that take turns: what disturbs one disturbs the others too."""
    _check(runtime, settings)
    with set_up(settings.threads), ExitStack() as modes:
        for subject in subjects:
            modes.enter_context(evaluated(subject.model))
        tasks = [task(subject, settings, clock) for subject in subjects]
        latencies = timed_in_turns(tasks, runtime)
    return tuple((each.graph, found) for each, found in zip(tasks, latencies, strict=True))


def exported(
    subject: Subject, runtime: Backend, settings: Settings = DEFAULTS
) -> tuple[CostGraph, Exported]:
    """The graph of a model, and the file of it that a backend runs. Raises AuditError."""
    _check(runtime, settings)
    if runtime.export is None:
        message = f"the {runtime.name} backend runs no file"
        raise UnavailableError(message)
    with set_up(settings.threads), evaluated(subject.model):
        prepared = task(subject, settings, CLOCK)
        return prepared.graph, runtime.export(prepared)


def timed(prepared: Task, runtime: Backend) -> Latency:
    """Where the time of a task goes on a backend."""
    (latency,) = timed_in_turns((prepared,), runtime)
    return latency


def timed_in_turns(tasks: Sequence[Task], runtime: Backend) -> tuple[Latency, ...]:
    """Where the time of each of these tasks goes; they take as long as each alone would."""
    busy, first = load(), tasks[0]
    settings = replace(first.settings, seconds=first.settings.seconds * len(tasks))
    with ExitStack() as modes:
        for each in tasks:
            modes.enter_context(evaluated(each.model))
        sessions = [runtime.prepare(each) for each in tasks]
        runs = [run for session in sessions for run in (session.whole, session.instrumented)]
        samples = interleaved(runs, first.clock, settings)
    found = []
    for prepared, session, whole in zip(tasks, sessions, samples[::2], strict=True):
        latency = _latency(runtime, prepared, session, whole)
        seen = disturbances(busy, cores(), whole, latency.total)
        found.append(replace(latency, notes=(*seen, *latency.notes)))
    return tuple(found)


def _latency(runtime: Backend, prepared: Task, session: Session, whole: Sequence[float]) -> Latency:
    """What the runs of the whole and of the kernels say."""
    settings, total = prepared.settings, seconds(whole)
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
    return replace(latency, notes=(*_apart(latency), *session.notes))


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
