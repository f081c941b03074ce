"""The times that an audit may have: measured here, or predicted for a device."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from shufflenet_audit.latency.backend import DEFAULTS, Settings
from shufflenet_audit.loading.loaded import Loaded, LoadedGraph
from shufflenet_audit.network.graph import CostGraph
from shufflenet_audit.network.timings import Latency
from shufflenet_audit.pipeline.measured import measured
from shufflenet_audit.results.audit import Audit

if TYPE_CHECKING:  # importing torch takes seconds, and `audit --help` must not wait for it
    import torch


def measure(
    model: torch.nn.Module,
    *inputs: Any,
    backend: str = "eager",
    settings: Settings = DEFAULTS,
    **named_inputs: Any,
) -> Latency:
    """
    Where the time of a model goes when it runs on these inputs, as in `measure(model, x)`.

    The model is run in evaluation mode and stays as it was. Raises AuditError.
    """
    from shufflenet_audit.discovery import backend as installed  # noqa: PLC0415  (see the top)
    from shufflenet_audit.latency.measuring.measurement import measured  # noqa: PLC0415
    from shufflenet_audit.latency.measuring.task import Subject  # noqa: PLC0415

    return measured(Subject(model, inputs, named_inputs), installed(backend), settings)


def sized(loaded: Loaded | LoadedGraph, batch: int | None) -> Loaded | LoadedGraph:
    """The model with inputs of that batch size, or as it is."""
    if batch is None or isinstance(loaded, LoadedGraph):
        return loaded
    from shufflenet_audit.latency.measuring.task import of_batch  # noqa: PLC0415  (it imports torch)

    args, kwargs = of_batch((loaded.args, dict(loaded.kwargs)), batch)
    return replace(loaded, args=args, kwargs=kwargs)


def with_measured(audit: Audit, loaded: Loaded | LoadedGraph) -> Audit:
    """The audit with measured times, and with what mending each finding would save. AuditError."""
    return with_latency(audit, *measured(loaded, "eager"))


def with_latency(audit: Audit, graph: CostGraph, latency: Latency) -> Audit:
    """The audit with these times of a graph as it was run, and with what they say of findings."""
    from shufflenet_audit.latency.predicting.calibration import own  # noqa: PLC0415  (who measured has torch)
    from shufflenet_audit.latency.predicting.prediction import with_evidence  # noqa: PLC0415

    timed = replace(audit, latencies=(*audit.latencies, latency))
    return with_evidence(timed, own(graph, latency), latency.total)


def with_predicted(audit: Audit, name: str) -> Audit:
    """The audit with times predicted for the device of that name. Raises NotFoundError."""
    from shufflenet_audit.latency.predicting.devices import device, folder  # noqa: PLC0415  (few audits need it)
    from shufflenet_audit.latency.predicting.prediction import predicted, with_evidence  # noqa: PLC0415

    chosen = device(name, folder())
    latency = predicted(audit.graph, chosen)
    timed = replace(audit, latencies=(*audit.latencies, latency))
    return with_evidence(timed, chosen, latency.total)
