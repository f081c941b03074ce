"""`audit latency`: where the time of a model goes, measured."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from shufflenet_audit.cli.shared import completions
from shufflenet_audit.cli.shared.flags import debug, quiet
from shufflenet_audit.cli.shared.model_argument import ModelArgument, model_argument
from shufflenet_audit.cli.shared.options import Output, output, packed, seconds, threads
from shufflenet_audit.cli.shared.output import check_writable, save, show
from shufflenet_audit.cli.shared.rendering import chosen, deliver, is_asked_for, shows_notes
from shufflenet_audit.cli.shared.steps import step, tell_notes
from shufflenet_audit.cli.shared.terminal import working
from shufflenet_audit.latency.backend import DEFAULTS, Settings
from shufflenet_audit.loading.loaded import Loaded, LoadedGraph
from shufflenet_audit.pipeline import profiles
from shufflenet_audit.pipeline.audit import Job, audit_models
from shufflenet_audit.pipeline.times import Timed, measured, recorded, sized
from shufflenet_audit.project.rule_selection import selected

settings = packed(
    "how",
    Settings,
    seconds(DEFAULTS.seconds, "How long to measure."),
    click.option("--layout", default=DEFAULTS.layout, show_default=True, help="nchw or nhwc."),
    click.option("--dtype", default=DEFAULTS.dtype, show_default=True, help="As in bfloat16."),
    click.option("--batch", type=click.IntRange(1), help="Batch size; else that of the input."),
    threads,
    click.option("--device", default=DEFAULTS.device, show_default=True, help="cpu or cuda."),
)


@dataclass(frozen=True, slots=True)
class LatencyOptions:
    """What runs the model, or where its times come from."""

    backends: tuple[str, ...]
    """Names of backends; empty: the default one, unless there are profiles."""
    profiles: tuple[Path, ...]
    """Profiles that were recorded elsewhere."""
    export: Path | None
    """Where to write the file to record a profile of, instead of measuring."""
    depth: int
    """How many names deep modules are told apart."""


@click.command()
@model_argument
@packed(
    "options",
    LatencyOptions,
    click.option(
        "--backend", "backends", metavar="NAME", multiple=True,
        shell_complete=completions.backends,
        help="Else the default one (audit list backends); repeat for a side-by-side.",
    ),
    click.option(
        "--import", "profiles", metavar="PROFILE", multiple=True, type=click.Path(path_type=Path),
        help="A profile that ONNX Runtime recorded elsewhere, instead of measuring; repeatable.",
    ),
    click.option(
        "--export", metavar="FILE", type=click.Path(path_type=Path),
        help="Write the ONNX file to record a profile of, and measure nothing.",
    ),
    click.option(
        "--depth", type=click.IntRange(1), default=1, show_default=True,
        help="How many names deep to tell modules apart.",
    ),
)  # fmt: skip
@settings
@output
@quiet
@debug
def latency(model: ModelArgument, options: LatencyOptions, how: Settings, output: Output) -> int:
    """
    Measure where the time of a model goes: by kind of op, module, line, and the slowest ops.

    With --format or -o the whole audit comes out, in any form that `audit` writes, and with these
    times in it.
    """
    report = chosen(output) if is_asked_for(output) else None
    checks = selected(model.config)
    if options.export:
        check_writable(options.export)
    with working(f"loading {model.model}"):
        loaded = sized(model.load(), how.batch)
    if options.export:
        return _export(options.export, loaded, how)
    timed = list(_timed(options, loaded, how))
    if report is None:
        _show(timed, options.depth)
        return 0
    job = Job(loaded, checks, project=model.config, name=model.model)
    (audit,) = audit_models((job,), recorded(timed), step=step)
    tell_notes((audit,), shown=shows_notes(report))
    deliver(audit, report, output.file)
    return 0


def _export(file: Path, loaded: Loaded | LoadedGraph, how: Settings) -> int:
    with working(f"exporting {loaded.name}"):
        _, exported = profiles.exported(loaded, how)
    save(exported.model, file)
    show(f"written to {file}; how to record a profile of it: docs/latency.md\n")
    return 0


def _timed(options: LatencyOptions, loaded: Loaded | LoadedGraph, how: Settings) -> Iterator[Timed]:
    """The graph as it was run and its latency, for each profile and each backend."""
    if options.profiles:
        yield from profiles.imported(loaded, options.profiles, how)
    for name in options.backends or (() if options.profiles else (None,)):
        with working(f"timing {loaded.name}" + (f" on {name}" if name else "")):
            yield measured(loaded, name, how)


def _show(timed: Sequence[Timed], depth: int) -> None:
    from shufflenet_audit.latency.summary import side_by_side, summary  # noqa: PLC0415  (one verb)

    show("\n".join(summary(graph, each, depth=depth) for graph, each in timed))
    if len(timed) > 1:
        show("\n" + side_by_side(each for _, each in timed))
