"""`audit reproduce`: the experiments of the ShuffleNet V2 paper, on this machine."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from shufflenet_audit.cli.shared import completions
from shufflenet_audit.cli.shared.flags import debug, quiet
from shufflenet_audit.cli.shared.options import Output, output_file, packed, seconds, threads
from shufflenet_audit.cli.shared.output import (
    check_writable,
    save,
    show,
)
from shufflenet_audit.cli.shared.terminal import working
from shufflenet_audit.latency.backend import Backend, Settings
from shufflenet_audit.latency.measuring.machine import processor
from shufflenet_audit.network.timings import Latency
from shufflenet_audit.pipeline.times import measured

if TYPE_CHECKING:  # it imports torch, and `audit --help` must not wait for it
    from shufflenet_audit.latency.paper.reproduced import Table

_TABLES = ("table1", "table2", "table3", "table4")
_FIGURE = "figure2"
_FORMS = {".md": "markdown", ".json": "json"}


@dataclass(frozen=True, slots=True)
class ReproduceOptions:
    """How the experiments are run."""

    backend: str | None
    """The name of the backend; None: the default one."""
    threads: int
    """Threads of the runtime."""
    seconds: float
    """How long to measure a column of a table."""


@click.command()
@click.argument("what", type=click.Choice([*_TABLES, _FIGURE, "all"]))
@packed(
    "output",
    Output,
    click.option(
        "--format",
        "form",
        type=click.Choice(["text", *_FORMS.values()]),
        help="Else as the suffix of the file says.",
    ),
    output_file("Where the result goes: .md, .json, or else text."),
)
@packed(
    "options",
    ReproduceOptions,
    click.option(
        "--backend", "backend", metavar="NAME", shell_complete=completions.backends,
        help="What runs them; else the default one (audit list backends).",
    ),
    threads,
    seconds(8.0, "How long to measure a column."),
)  # fmt: skip
@quiet
@debug
def reproduce(what: str, options: ReproduceOptions, output: Output) -> int:
    """Repeat an experiment of the paper, and show relative speeds beside those that it printed."""
    form, file = output.form or "", output.file
    if file:
        check_writable(file)
        form = form or _FORMS.get(file.suffix.lower(), "")
    wanted = (*_TABLES, _FIGURE) if what == "all" else (what,)
    written = _written(wanted, options, form or "text")
    if file:
        save(written, file)
    else:
        show(written)
    return 0


def _written(wanted: Iterable[str], options: ReproduceOptions, form: str) -> str:
    from shufflenet_audit.discovery import backend, default_backend  # noqa: PLC0415  (few verbs need it)
    from shufflenet_audit.latency.paper.reproduced import FORMS, Reproduction  # noqa: PLC0415  (torch)

    settings = Settings(warmup=1, rounds=101, threads=options.threads, seconds=options.seconds)
    runtime = backend(options.backend) if options.backend else default_backend()
    tables = tuple(_table(each, runtime, settings) for each in wanted if each != _FIGURE)
    figure = _figure(runtime.name, settings) if _FIGURE in wanted else None
    return FORMS[form](Reproduction(processor(), runtime.name, settings.threads, tables, figure))


def _table(table: str, backend: Backend, settings: Settings) -> Table:
    from shufflenet_audit.latency.paper import experiments, reproduction  # noqa: PLC0415  (torch)
    from shufflenet_audit.latency.paper.reproduced import Table  # noqa: PLC0415  (likewise)

    made = experiments.experiment(table)
    found = []
    for column in reproduction.columns(made):
        with working(f"{table}, {column}"):
            cases = [case for case in made.cases if case.column == column]
            found.append(reproduction.column(cases, backend, settings))
    return Table(made, tuple(found))


def _figure(backend: str, settings: Settings) -> dict[str, Latency]:
    from shufflenet_audit.latency.paper import figure2  # noqa: PLC0415  (few verbs need it)
    from shufflenet_audit.loading import Request, load  # noqa: PLC0415  (likewise)

    found = {}
    for printed, network in figure2.NETWORKS.items():
        with working(f"figure 2, {network}"):
            found[printed] = measured(load(Request(network)), backend, settings)[1]
    return found
