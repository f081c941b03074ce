"""The times that an audit may have: measured here, or predicted for a device."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from shufflenet_audit.errors import UnavailableError
from shufflenet_audit.latency.backend import DEFAULTS, Settings
from shufflenet_audit.loading.loaded import Loaded, LoadedGraph
from shufflenet_audit.network.graph import CostGraph
from shufflenet_audit.network.timings import Latency
from shufflenet_audit.pipeline.audit import Job, Timer, of_module
from shufflenet_audit.project import Config
from shufflenet_audit.results.audit import Audit
from shufflenet_audit.results.budget import LATENCY

if TYPE_CHECKING:  # importing torch takes seconds, and `audit --help` must not wait for it
    import torch

Timed = tuple[CostGraph, Latency]
"""The graph of a model as a backend ran it, and the times of that run."""


def measure(
    model: torch.nn.Module,
    *inputs: Any,
    backend: str | None = None,
    settings: Settings = DEFAULTS,
    **named_inputs: Any,
) -> Latency:
    """
    Where the time of a model goes when it runs on these inputs, as in `measure(model, x)`.

    `backend` names an installed one; else it is the one that runs PyTorch op by op. The model is
    run in evaluation mode and stays as it was. Raises AuditError.
    """
    ((_, latency),) = _in_turns([of_module(model, inputs, named_inputs)], backend, settings)
    return latency


def measured(loaded: Loaded | LoadedGraph, backend: str | None, how: Settings = DEFAULTS) -> Timed:
    """A loaded model measured on a backend. Raises AuditError."""
    (timed,) = measured_in_turns([loaded], backend, how)
    return timed


def measured_in_turns(
    models: Sequence[Loaded | LoadedGraph], backend: str | None, how: Settings = DEFAULTS
) -> tuple[Timed, ...]:
    """Several loaded models measured on a backend; they take turns. Raises AuditError."""
    from shufflenet_audit.discovery import default_backend  # noqa: PLC0415  (few verbs need it)
    from shufflenet_audit.latency.predicting.device_names import folder  # noqa: PLC0415
    from shufflenet_audit.latency.predicting.devices import with_roof  # noqa: PLC0415

    timed = _in_turns([runnable(loaded) for loaded in models], backend, how)
    usual = default_backend().name
    return tuple((graph, with_roof(latency, folder(), usual)) for graph, latency in timed)


def timers(config: Config, device: str | None, *, measure: bool) -> tuple[Timer, ...]:
    """What adds the times that a user or a project asks for. A budget of time needs one."""
    device = device or config.device
    needed = any(limit.name == LATENCY for limit in config.limits) and not device
    predicting = (predicting_for(device),) if device else ()
    return (*predicting, measuring()) if measure or config.latency or needed else predicting


def measuring(how: Settings = DEFAULTS) -> Timer:
    """Measures the models that can be run, in turns, on the default backend."""

    def add(audits: Sequence[Audit], jobs: Sequence[Job]) -> list[Audit]:
        timed = measured_in_turns([job.loaded for job in jobs], None, how)
        return [with_latency(audit, *each) for audit, each in zip(audits, timed, strict=True)]

    return add


def recorded(timed: Iterable[Timed]) -> Timer:
    """Adds times that were taken before, of one model."""
    latencies = tuple(timed)

    def add(audits: Sequence[Audit], _jobs: Sequence[Job]) -> list[Audit]:
        (audit,) = audits
        for graph, latency in latencies:
            audit = with_latency(audit, graph, latency)
        return [audit]

    return add


def predicting_for(device: str) -> Timer:
    """Predicts times for the device of that name. Raises NotFoundError."""
    return lambda audits, _jobs: [with_predicted(audit, device) for audit in audits]


def trying_alternatives(seconds: float) -> Timer:
    """Measures a model, and each finding against its alternative for at most that many seconds."""

    def add(audits: Sequence[Audit], jobs: Sequence[Job]) -> list[Audit]:
        from shufflenet_audit.latency.whatif.whatif import BRIEF, with_measured_savings  # noqa: PLC0415

        brief = replace(BRIEF, seconds=seconds)
        timed = measured_in_turns([job.loaded for job in jobs], None)
        return [
            with_measured_savings(
                replace(audit, latencies=(*audit.latencies, latency)), latency.total, brief
            )
            for audit, (_, latency) in zip(audits, timed, strict=True)
        ]

    return add


def with_latency(audit: Audit, graph: CostGraph, latency: Latency) -> Audit:
    """
    The audit with these times of a graph as it was run.

    Where each op was timed alone, they also say what the findings cost.
    """
    timed = replace(audit, latencies=(*audit.latencies, latency))
    if not latency.op_by_op:
        return timed
    from shufflenet_audit.latency.predicting.calibration import device_of_run  # noqa: PLC0415  (who measured has torch)
    from shufflenet_audit.latency.predicting.prediction import with_evidence  # noqa: PLC0415

    return with_evidence(timed, device_of_run(graph, latency), latency.total)


def with_predicted(audit: Audit, name: str) -> Audit:
    """The audit with times predicted for the device of that name. Raises NotFoundError."""
    from shufflenet_audit.latency.predicting.device_names import folder  # noqa: PLC0415  (few audits need it)
    from shufflenet_audit.latency.predicting.devices import device  # noqa: PLC0415  (few audits need it)
    from shufflenet_audit.latency.predicting.prediction import predicted, with_evidence  # noqa: PLC0415

    chosen = device(name, folder())
    latency = predicted(audit.graph, chosen)
    timed = replace(audit, latencies=(*audit.latencies, latency))
    return with_evidence(timed, chosen, latency.total)


def sized(loaded: Loaded | LoadedGraph, batch: int | None) -> Loaded | LoadedGraph:
    """The model with inputs of that batch size, or as it is."""
    if batch is None or isinstance(loaded, LoadedGraph):
        return loaded
    from shufflenet_audit.latency.measuring.task import of_batch  # noqa: PLC0415  (it imports torch)

    args, kwargs = of_batch((loaded.args, dict(loaded.kwargs)), batch)
    return replace(loaded, args=args, kwargs=kwargs)


def runnable(loaded: Loaded | LoadedGraph) -> Loaded:
    """The model, if it is one that can be run. Raises UnavailableError."""
    if isinstance(loaded, LoadedGraph):
        message = (
            f"a model from {loaded.read_as} cannot be run here: measure the module that it was made"
            " from, or give a profile of it with audit latency --import"
        )
        raise UnavailableError(message)
    return loaded


def _in_turns(models: Sequence[Loaded], backend: str | None, how: Settings) -> tuple[Timed, ...]:
    from shufflenet_audit.discovery import backend as installed  # noqa: PLC0415  (few verbs need it)
    from shufflenet_audit.discovery import default_backend  # noqa: PLC0415
    from shufflenet_audit.latency.measuring import measurement  # noqa: PLC0415
    from shufflenet_audit.latency.measuring.task import Subject  # noqa: PLC0415

    runtime = installed(backend) if backend else default_backend()
    subjects = [Subject(each.model, each.args, each.kwargs, each.build) for each in models]
    with ExitStack() as contexts:
        for each in models:
            contexts.enter_context(each.context())
        return measurement.measured_in_turns(subjects, runtime, how)
