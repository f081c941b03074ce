"""`audit devices`: the devices that times can be predicted for, and how to measure this one."""

from __future__ import annotations

import sys
from enum import StrEnum
from io import StringIO

import click

from shufflenet_audit.cli.shared.options import debug, quiet
from shufflenet_audit.cli.shared.output import show
from shufflenet_audit.cli.shared.terminal import is_quiet
from shufflenet_audit.latency.predicting.devices import (
    devices,
    folder,
    keep,
    table,
)


class Verb(StrEnum):
    """What can be done with devices."""

    LIST = "list"
    MEASURE = "measure"


@click.command(name="devices")
@click.argument("verb", type=click.Choice(Verb, case_sensitive=False), default=Verb.LIST.value)
@click.option(
    "--threads", type=click.IntRange(1), default=1, show_default=True, help="For measure."
)
@quiet
@debug
def device_command(verb: Verb, threads: int) -> int:
    """Show the devices that times can be predicted for, or measure this machine (a minute)."""
    if verb is Verb.LIST:
        show(table(devices(folder()).values()))
    else:
        _measure(threads)
    return 0


def _measure(threads: int) -> None:
    from dataclasses import replace  # noqa: PLC0415

    from shufflenet_audit.discovery import backend  # noqa: PLC0415  (few verbs need it)
    from shufflenet_audit.latency.predicting import calibration  # noqa: PLC0415  (it imports torch)
    from shufflenet_audit.latency.predicting.probes import probes  # noqa: PLC0415  (likewise)

    settings = replace(calibration.BRIEF, threads=threads)
    runs, eager = {}, backend("eager")
    stream = StringIO() if is_quiet() else sys.stderr
    with click.progressbar(probes(), label="measuring", file=stream) as steps:
        for probe in steps:
            runs[probe.name] = calibration.run(probe, eager, settings)
    found = calibration.device(runs, settings, calibration.bandwidth(settings))
    file = keep(found, folder())
    show(table([found]) + f"kept in {file}; predict with: audit MODEL --on this\n")
