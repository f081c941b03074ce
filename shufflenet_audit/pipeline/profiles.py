"""Models that are run elsewhere: the file to run there, and the profile that comes back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from shufflenet_audit.costs.ops import cost_graph
from shufflenet_audit.errors import UnavailableError
from shufflenet_audit.latency.backend import Exported, Settings
from shufflenet_audit.loading.loaded import Loaded, LoadedGraph
from shufflenet_audit.network.graph import CostGraph
from shufflenet_audit.network.timings import Latency
from shufflenet_audit.pipeline.times import runnable
from shufflenet_audit.text import contents


def exported(loaded: Loaded | LoadedGraph, how: Settings) -> tuple[CostGraph, Exported]:
    """The graph of a model, and the file of it to run elsewhere. Raises AuditError."""
    model = runnable(loaded)
    from shufflenet_audit.discovery import default_exporter  # noqa: PLC0415  (few verbs need it)
    from shufflenet_audit.latency.measuring.measurement import exported  # noqa: PLC0415  (load has torch)
    from shufflenet_audit.latency.measuring.task import Subject  # noqa: PLC0415

    subject = Subject(model.model, model.args, model.kwargs, model.build)
    with model.context():
        return exported(subject, default_exporter(), how)


def imported(
    loaded: Loaded | LoadedGraph, files: Sequence[Path], how: Settings
) -> Iterator[tuple[CostGraph, Latency]]:
    """The graph of a model, and its latency in each of these profiles. Raises AuditError."""
    from shufflenet_audit.discovery import default_exporter  # noqa: PLC0415  (few verbs need these)
    from shufflenet_audit.latency.measuring.imported import Recording, imported  # noqa: PLC0415

    runtime = default_exporter()
    read = runtime.read_profile
    if read is None:
        message = f"the {runtime.name} backend does not read profiles"
        raise UnavailableError(message)
    profiles = [read(contents(file, f"a profile of {runtime.name}")) for file in files]
    if isinstance(loaded, LoadedGraph):
        graph = cost_graph(loaded.calls)
        origins = dict(loaded.origins) | {op.name: op.name for op in graph}
    else:
        graph, made = exported(loaded, how)
        origins = dict(made.origins)
    for file, each in zip(files, profiles, strict=True):
        yield graph, imported(graph, Recording(file.name, runtime.name, each, origins))
