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
@threads
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

    from shufflenet_audit.discovery import default_backend  # noqa: PLC0415  (few verbs need it)
    from shufflenet_audit.latency.predicting import calibration  # noqa: PLC0415  (it imports torch)
    from shufflenet_audit.latency.predicting.probes import probes  # noqa: PLC0415  (likewise)

    settings = replace(calibration.BRIEF, threads=threads)
    runs, backend = {}, default_backend()
    stream = StringIO() if is_quiet() else sys.stderr
    with click.progressbar(probes(), label="measuring", file=stream) as steps:
        for probe in steps:
            runs[probe.name] = calibration.run(probe, backend, settings)
    found = calibration.device(runs, settings, calibration.bandwidth(settings))
    file = keep(found, folder())
    show(table([found]) + f"kept in {file}; predict with: audit MODEL --on this\n")
