"""`audit reproduce`: the experiments of the ShuffleNet V2 paper, on this machine."""

from __future__ import annotations

import click

from shufflenet_audit.backend import Settings
from shufflenet_audit.cli.options import debug
from shufflenet_audit.cli.output import show
from shufflenet_audit.cli.terminal import working

_ALL = ("table1", "table2", "table3", "table4", "figure2")


@click.command()
@click.argument("what", type=click.Choice([*_ALL, "all"]))
@click.option("--backend", "name", default="eager", show_default=True, help="What runs them.")
@click.option("--threads", type=click.IntRange(1), default=1, show_default=True)
@click.option("--seconds", default=8.0, show_default=True, help="How long to measure a column.")
@debug
def reproduce(what: str, name: str, threads: int, seconds: float) -> int:
    """Repeat an experiment of the paper, and show relative speeds beside those that it printed."""
    settings = Settings(threads=threads, warmup=1, rounds=101, seconds=seconds)
    for each in _ALL if what == "all" else (what,):
        show(_figure(name, settings) if each == "figure2" else _table(each, name, settings))
        show("\n")
    return 0


def _table(table: str, name: str, settings: Settings) -> str:
    from shufflenet_audit.discovery import backend  # noqa: PLC0415  (few verbs need it)
    from shufflenet_audit.latency import experiments, reproduction  # noqa: PLC0415  (torch)

    made = experiments.experiment(table)
    measured = []
    for column in reproduction.columns(made):
        with working(f"{table}, {column}", quiet=False):
            cases = [case for case in made.cases if case.column == column]
            measured.append(reproduction.column(cases, backend(name), settings))
    return reproduction.text(made, measured)


def _figure(name: str, settings: Settings) -> str:
    from shufflenet_audit.cli.measured import measured  # noqa: PLC0415  (few verbs need it)
    from shufflenet_audit.latency import figure2  # noqa: PLC0415  (likewise)
    from shufflenet_audit.sources import Request, load  # noqa: PLC0415  (likewise)

    found = {}
    for printed, network in figure2.NETWORKS.items():
        with working(f"figure 2, {network}", quiet=False):
            found[printed] = measured(load(Request(network)), name, settings)[1]
    return figure2.text(found)
