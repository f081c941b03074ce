"""`audit latency`: where the time of a model goes, measured."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

import click

from shufflenet_audit.cli.shared import completions
from shufflenet_audit.cli.shared.model_argument import Wanted, model_options
from shufflenet_audit.cli.shared.options import (
    debug,
    output,
    quiet,
)
from shufflenet_audit.cli.shared.output import (
    check_writable,
    complain,
    save,
    show,
)
from shufflenet_audit.cli.shared.rendering import chosen, deliver
from shufflenet_audit.cli.shared.terminal import working
from shufflenet_audit.latency.backend import DEFAULTS, Settings
from shufflenet_audit.loading.loaded import Loaded, LoadedGraph
from shufflenet_audit.network.graph import CostGraph
from shufflenet_audit.network.timings import Latency
from shufflenet_audit.pipeline import profiles
from shufflenet_audit.pipeline.measured import measured
from shufflenet_audit.pipeline.times import sized, with_latency
from shufflenet_audit.results.audit import Audit

Command = TypeVar("Command", bound=Callable[..., Any])
Found = tuple[CostGraph, Latency]


def settings(command: Command) -> Command:
    """Say how to measure."""
    for option in (
        click.option(
            "--seconds", type=click.FloatRange(0), default=DEFAULTS.seconds, show_default=True,
            help="How long to measure.",
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


@dataclass(frozen=True, slots=True)
class Wish:
    """What the user typed, but for how to measure."""

    wanted: Wanted
    backends: tuple[str, ...]
    profiles: tuple[Path, ...]
    export: Path | None
    form: str | None
    file: Path | None
    depth: int


@click.command()
@model_options
@click.option(
    "--backend",
    "backends",
    metavar="NAME",
    multiple=True,
    shell_complete=completions.backends,
    help="eager unless said otherwise (audit list backends); repeat for a side-by-side.",
)
@click.option(
    "--import",
    "profiles",
    metavar="PROFILE",
    multiple=True,
    type=click.Path(path_type=Path),
    help="A profile that ONNX Runtime recorded elsewhere, instead of measuring; repeatable.",
)
@click.option(
    "--export",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Write the ONNX file to record a profile of, and measure nothing.",
)
@click.option(
    "--depth",
    type=click.IntRange(1),
    default=1,
    show_default=True,
    help="How many names deep to tell modules apart.",
)
@settings
@output
@quiet
@debug
def latency(**said: Any) -> int:
    """
    Measure where the time of a model goes: by kind of op, module, line, and the slowest ops.

    With --format or -o the whole audit comes out, in any form that `audit` writes, and with these
    times in it.
    """
    names = Wish.__dataclass_fields__
    wish = Wish(**{name: value for name, value in said.items() if name in names})
    how = Settings(**{name: value for name, value in said.items() if name not in names})
    form = chosen(wish.form, wish.file) if wish.form or wish.file else None
    for file in filter(None, (wish.file, wish.export)):
        check_writable(file)
    with working(f"loading {wish.wanted.model}", quiet=False):
        loaded = sized(wish.wanted.load(), how.batch)
    if wish.export:
        return _exported(wish, wish.export, loaded, how)
    found = list(_found(wish, loaded, how))
    if form is None:
        _summary(found, wish.depth)
    else:
        audit = _audit(loaded, found)
        for assumption in audit.model.assumptions if form.name != "terminal" else ():
            complain(f"note: {assumption}")
        deliver(audit, form, wish.file)
    return 0


def _exported(wish: Wish, file: Path, loaded: Loaded | LoadedGraph, how: Settings) -> int:
    with working(f"exporting {wish.wanted.model}", quiet=False), redirect_stdout(sys.stderr):
        _, exported = profiles.exported(loaded, how)
    save(exported.model, file)
    show(f"written to {file}; how to record a profile of it: docs/latency.md\n")
    return 0


def _found(wish: Wish, loaded: Loaded | LoadedGraph, how: Settings) -> Iterator[Found]:
    """The graph as it was run and its latency, for each profile and each backend."""
    if wish.profiles:
        yield from profiles.imported(loaded, wish.profiles, how)
    for name in wish.backends or (() if wish.profiles else ("eager",)):
        with (
            working(f"timing {wish.wanted.model} on {name}", quiet=False),
            redirect_stdout(sys.stderr),
        ):
            yield measured(loaded, name, how)


def _summary(found: list[Found], depth: int) -> None:
    from shufflenet_audit.latency.summary import side_by_side, summary  # noqa: PLC0415  (one verb)

    show("\n".join(summary(graph, each, depth=depth) for graph, each in found))
    if len(found) > 1:
        show("\n" + side_by_side(each for _, each in found))


def _audit(loaded: Loaded | LoadedGraph, found: list[Found]) -> Audit:
    """The whole audit with these times. What eager PyTorch took says what findings cost."""
    from shufflenet_audit.pipeline.audit import audit_loaded  # noqa: PLC0415  (load said what is wrong)

    with redirect_stdout(sys.stderr):
        audit = audit_loaded(loaded)
    for graph, each in found:
        if each.backend == "eager":
            audit = with_latency(audit, graph, each)
        else:
            audit = replace(audit, latencies=(*audit.latencies, each))
    return audit
