"""`audit latency`: where the time of a model goes, measured."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack, redirect_stdout
from typing import Any, TypeVar

import click

from shufflenet_audit.backend import DEFAULTS, Settings
from shufflenet_audit.cli.options import debug
from shufflenet_audit.cli.output import show
from shufflenet_audit.cli.terminal import working
from shufflenet_audit.cli.wanted import Wanted, model_options
from shufflenet_audit.errors import UnavailableError
from shufflenet_audit.graph import CostGraph
from shufflenet_audit.sources.loaded import Loaded, LoadedGraph
from shufflenet_audit.timings import Latency

Command = TypeVar("Command", bound=Callable[..., Any])


def settings(command: Command) -> Command:
    """Say how to measure."""
    for option in (
        click.option(
            "--seconds", default=DEFAULTS.seconds, show_default=True, help="How long to measure."
        ),
        click.option("--layout", default=DEFAULTS.layout, show_default=True, help="nchw or nhwc."),
        click.option("--dtype", default=DEFAULTS.dtype, show_default=True, help="As in bfloat16."),
        click.option("--batch", type=click.IntRange(1), help="Batch size; else that of the input."),
        click.option(
            "--threads", type=click.IntRange(1), default=DEFAULTS.threads, show_default=True,
            help="Threads of the runtime.",
        ),
        click.option("--device", default=DEFAULTS.device, show_default=True, help="cpu or cuda."),
    ):  # fmt: skip
        command = option(command)
    return command


@click.command()
@model_options
@click.option(
    "--backend",
    "backends",
    metavar="NAME",
    multiple=True,
    default=("eager",),
    show_default=True,
    help="eager, onnxruntime, …; repeat for a side-by-side.",
)
@click.option("--depth", default=1, show_default=True, help="How deep to name modules.")
@settings
@debug
def latency(wanted: Wanted, backends: tuple[str, ...], depth: int, **how: Any) -> int:
    """Measure where the time of a model goes: by kind of op, module, line, and the slowest ops."""
    from shufflenet_audit.latency.summary import side_by_side, summary  # noqa: PLC0415  (one verb)

    with working(f"loading {wanted.model}", quiet=False):
        loaded = wanted.load()
    found = []
    for name in backends:
        with working(f"timing {wanted.model} on {name}", quiet=False), redirect_stdout(sys.stderr):
            found.append(measured(loaded, name, Settings(**how)))
    graph, _ = found[0]
    show("\n".join(summary(graph, each, depth=depth) for _, each in found))
    if len(found) > 1:
        show("\n" + side_by_side(each for _, each in found))
    return 0


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
    loaded = [_runnable(each) for each in models]
    from shufflenet_audit.discovery import backend  # noqa: PLC0415  (few verbs need it)
    from shufflenet_audit.latency import measurement  # noqa: PLC0415
    from shufflenet_audit.latency.task import Subject  # noqa: PLC0415

    subjects = [Subject(each.model, each.args, each.kwargs, each.build) for each in loaded]
    with ExitStack() as contexts:
        for each in loaded:
            contexts.enter_context(each.context())
        return measurement.measured_in_turns(subjects, backend(name), how)


def _runnable(loaded: Loaded | LoadedGraph) -> Loaded:
    if isinstance(loaded, LoadedGraph):
        message = f"{loaded.read_as} cannot be run here: measure the module that it was made from"
        raise UnavailableError(message)
    return loaded
