"""`audit devices`: the devices that times can be predicted for, and how to measure this one."""

from __future__ import annotations

import sys
from enum import StrEnum
from io import StringIO

import click

from shufflenet_audit.cli.shared.flags import debug, quiet
from shufflenet_audit.cli.shared.options import threads
from shufflenet_audit.cli.shared.output import show
from shufflenet_audit.cli.shared.terminal import is_quiet
from shufflenet_audit.latency.predicting.device_names import folder

KINDS = ("cpu", "cpu-threads", "gpu")


class Verb(StrEnum):
    """What can be done with devices."""

    LIST = "list"
    SHOW = "show"
    FIT = "fit"
    MEASURE = "measure"


@click.command(name="devices")
@click.argument("verb", type=click.Choice(Verb, case_sensitive=False), default=Verb.LIST.value)
@click.argument("what", required=False)
@click.option("--name", metavar="NAME", help="Of the device that is fitted, as in pixel-9.")
@click.option(
    "--kind", type=click.Choice(KINDS), help="Of the device that is fitted; else told by its times."
)
@threads
@quiet
@debug
def device_command(verb: Verb, what: str | None, threads: int, **described: str | None) -> int:
    """
    Show the devices that times can be predicted for, or add one.

    `audit devices show NAME` tells more of one. `audit devices fit TIMES.csv --name NAME` adds a
    device from timings of networks on it: the columns are model, milliseconds and perhaps input,
    low, high, threads, batch. `audit devices measure` adds this machine (a minute).
    """
    if verb is Verb.FIT:
        _fit(_said(what, "TIMES.csv"), _said(described["name"], "--name"), described["kind"])
    elif verb is Verb.MEASURE:
        _measure(threads)
    else:
        _show(_said(what, "NAME") if verb is Verb.SHOW else None)
    return 0


def _show(name: str | None) -> None:
    """Print what is known of the device of that name, or a list of all."""
    from shufflenet_audit.latency.predicting import devices  # noqa: PLC0415  (few verbs need it)

    kept = folder()
    show(devices.table([devices.device(name, kept)]) if name else devices.listing(kept))


def _said(value: str | None, what: str) -> str:
    if not value:
        message = f"missing {what}"
        raise click.UsageError(message)
    return value


def _fit(file: str, name: str, kind: str | None) -> None:
    from pathlib import Path  # noqa: PLC0415  (few verbs need it)

    from shufflenet_audit.latency.predicting.devices import table  # noqa: PLC0415  (few verbs need it)
    from shufflenet_audit.latency.predicting.fitted_files import keep  # noqa: PLC0415  (few verbs need it)
    from shufflenet_audit.pipeline.fitting import fit  # noqa: PLC0415  (few verbs need it)

    found = fit(Path(file), name, kind)
    kept = keep(found.device, found.timings, folder())
    show(table([found.device]) + f"kept in {kept}; predict with: audit MODEL --on {name}\n")


def _measure(threads: int) -> None:
    from dataclasses import replace  # noqa: PLC0415  (few verbs need it)

    from shufflenet_audit.discovery import default_backend  # noqa: PLC0415  (few verbs need it)
    from shufflenet_audit.latency.predicting import calibration  # noqa: PLC0415  (it imports torch)
    from shufflenet_audit.latency.predicting.devices import keep, table  # noqa: PLC0415  (few verbs need it)
    from shufflenet_audit.latency.predicting.probes import probes  # noqa: PLC0415  (it imports torch)

    settings = replace(calibration.BRIEF, threads=threads)
    runs, backend = {}, default_backend()
    stream = StringIO() if is_quiet() else sys.stderr
    with click.progressbar(probes(), label="measuring", file=stream) as steps:
        for probe in steps:
            runs[probe.name] = calibration.run(probe, backend, settings)
    found = calibration.device(runs, settings, calibration.bandwidth(settings))
    file = keep(found, folder())
    show(table([found]) + f"kept in {file}; predict with: audit MODEL --on this\n")
