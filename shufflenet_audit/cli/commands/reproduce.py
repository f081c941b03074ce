"""`audit reproduce`: the experiments of the ShuffleNet V2 paper, on this machine."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from shufflenet_audit.cli.shared.options import debug, quiet
from shufflenet_audit.cli.shared.output import (
    check_writable,
    save,
    show,
)
from shufflenet_audit.cli.shared.terminal import working
from shufflenet_audit.latency.backend import Settings
from shufflenet_audit.latency.measuring.machine import processor
from shufflenet_audit.network.timings import Latency
from shufflenet_audit.pipeline.measured import measured

if TYPE_CHECKING:  # it imports torch, and `audit --help` must not wait for it
    from shufflenet_audit.latency.paper.reproduced import Table

_TABLES = ("table1", "table2", "table3", "table4")
_FIGURE = "figure2"
_FORMS = {".md": "markdown", ".json": "json"}


@click.command()
@click.argument("what", type=click.Choice([*_TABLES, _FIGURE, "all"]))
@click.option("--backend", "name", default="eager", show_default=True, help="What runs them.")
@click.option("--threads", type=click.IntRange(1), default=1, show_default=True)
@click.option(
    "--seconds",
    type=click.FloatRange(0),
    default=8.0,
    show_default=True,
    help="How long to measure a column.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", *_FORMS.values()]),
    help="Else as the suffix of the file says.",
)
@click.option(
    "-o",
    "--output",
    "file",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Where the result goes: .md, .json, or else text.",
)
@quiet
@debug
def reproduce(what: str, name: str, form: str | None, file: Path | None, **how: Any) -> int:
    """Repeat an experiment of the paper, and show relative speeds beside those that it printed."""
    if file:
        check_writable(file)
        form = form or _FORMS.get(file.suffix.lower())
    settings = Settings(warmup=1, rounds=101, **how)
    wanted = (*_TABLES, _FIGURE) if what == "all" else (what,)
    written = _written(wanted, name, settings, form or "text")
    if file:
        save(written, file)
    else:
        show(written)
    return 0


def _written(wanted: Iterable[str], name: str, settings: Settings, form: str) -> str:
    from shufflenet_audit.latency.paper.reproduced import FORMS, Reproduction  # noqa: PLC0415  (torch)

    tables = tuple(_table(each, name, settings) for each in wanted if each != _FIGURE)
    figure = _figure(name, settings) if _FIGURE in wanted else None
    return FORMS[form](Reproduction(processor(), name, settings.threads, tables, figure))


def _table(table: str, name: str, settings: Settings) -> Table:
    from shufflenet_audit.discovery import backend  # noqa: PLC0415  (few verbs need it)
    from shufflenet_audit.latency.paper import experiments, reproduction  # noqa: PLC0415  (torch)
    from shufflenet_audit.latency.paper.reproduced import Table  # noqa: PLC0415  (likewise)

    made = experiments.experiment(table)
    found = []
    for column in reproduction.columns(made):
        with working(f"{table}, {column}", quiet=False):
            cases = [case for case in made.cases if case.column == column]
            found.append(reproduction.column(cases, backend(name), settings))
    return Table(made, tuple(found))


def _figure(name: str, settings: Settings) -> dict[str, Latency]:
    from shufflenet_audit.latency.paper import figure2  # noqa: PLC0415  (few verbs need it)
    from shufflenet_audit.loading import Request, load  # noqa: PLC0415  (likewise)

    found = {}
    for printed, network in figure2.NETWORKS.items():
        with working(f"figure 2, {network}", quiet=False):
            found[printed] = measured(load(Request(network)), name, settings)[1]
    return found
