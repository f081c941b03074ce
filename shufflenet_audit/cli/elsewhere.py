"""Models that are run elsewhere: the file to run there, and the profile that comes back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from shufflenet_audit.backend import Exported, Settings
from shufflenet_audit.cli.measured import runnable
from shufflenet_audit.document import contents
from shufflenet_audit.graph import CostGraph
from shufflenet_audit.sources.loaded import Loaded, LoadedGraph
from shufflenet_audit.timings import Latency

_BACKEND = "onnxruntime"


def exported(loaded: Loaded | LoadedGraph, how: Settings) -> tuple[CostGraph, Exported]:
    """The graph of a model, and the ONNX file of it. Raises AuditError."""
    model = runnable(loaded)
    from shufflenet_audit.discovery import backend  # noqa: PLC0415  (few verbs need it)
    from shufflenet_audit.latency.measurement import exported  # noqa: PLC0415  (load has torch)
    from shufflenet_audit.latency.task import Subject  # noqa: PLC0415

    subject = Subject(model.model, model.args, model.kwargs, model.build)
    with model.context():
        return exported(subject, backend(_BACKEND), how)


def imported(
    loaded: Loaded | LoadedGraph, files: Sequence[Path], how: Settings
) -> Iterator[tuple[CostGraph, Latency]]:
    """The graph of a model, and its latency in each of these profiles. Raises AuditError."""
    from shufflenet_audit import profile  # noqa: PLC0415  (few verbs need these)
    from shufflenet_audit.latency.imported import Recording, imported  # noqa: PLC0415

    profiles = [profile.read(contents(file, "a profile of ONNX Runtime")) for file in files]
    if isinstance(loaded, LoadedGraph):
        graph = loaded.graph(())
        origins = dict(loaded.origins) | {op.name: op.name for op in graph}
    else:
        graph, made = exported(loaded, how)
        origins = dict(made.origins)
    for file, each in zip(files, profiles, strict=True):
        yield graph, imported(graph, Recording(file.name, each, origins))
