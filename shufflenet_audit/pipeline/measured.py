"""Loaded models, measured: what every command that measures does."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack

from shufflenet_audit.errors import UnavailableError
from shufflenet_audit.latency.backend import DEFAULTS, Settings
from shufflenet_audit.loading.loaded import Loaded, LoadedGraph
from shufflenet_audit.network.graph import CostGraph
from shufflenet_audit.network.timings import Latency


def measured(
    loaded: Loaded | LoadedGraph, name: str, how: Settings = DEFAULTS
) -> tuple[CostGraph, Latency]:
    """The graph of a loaded model as it was run, and its latency. Raises AuditError."""
    (found,) = measured_in_turns([loaded], name, how)
    return found


def measured_in_turns(
    models: Sequence[Loaded | LoadedGraph], name: str, how: Settings = DEFAULTS
) -> tuple[tuple[CostGraph, Latency], ...]:
    """The same of several models that take turns. Raises AuditError."""
    loaded = [runnable(each) for each in models]
    from shufflenet_audit.discovery import backend  # noqa: PLC0415  (few verbs need it)
    from shufflenet_audit.latency.measuring import measurement  # noqa: PLC0415
    from shufflenet_audit.latency.measuring.task import Subject  # noqa: PLC0415
    from shufflenet_audit.latency.predicting.devices import folder, with_roof  # noqa: PLC0415

    subjects = [Subject(each.model, each.args, each.kwargs, each.build) for each in loaded]
    with ExitStack() as contexts:
        for each in loaded:
            contexts.enter_context(each.context())
        found = measurement.measured_in_turns(subjects, backend(name), how)
    return tuple((graph, with_roof(latency, folder())) for graph, latency in found)


def runnable(loaded: Loaded | LoadedGraph) -> Loaded:
    """The model, if it is one that can be run. Raises UnavailableError."""
    if isinstance(loaded, LoadedGraph):
        message = (
            f"a model from {loaded.read_as} cannot be run here: measure the module that it was made"
            " from, or give a profile of it with audit latency --import"
        )
        raise UnavailableError(message)
    return loaded
