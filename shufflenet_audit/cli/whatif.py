"""`audit whatif`: what mending each finding saves, measured."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import redirect_stdout

import click

from shufflenet_audit.claims import claims
from shufflenet_audit.cli.options import debug
from shufflenet_audit.cli.output import show
from shufflenet_audit.cli.terminal import working
from shufflenet_audit.cli.wanted import Wanted, model_options
from shufflenet_audit.errors import UnavailableError
from shufflenet_audit.plugin import Audit
from shufflenet_audit.sources.loaded import LoadedGraph


@click.command()
@model_options
@click.option(
    "--seconds", default=1.0, show_default=True, help="How long to measure a finding at most."
)
@debug
def whatif(wanted: Wanted, seconds: float) -> int:
    """
    Measure each finding's ops against their alternative with as many multiply–adds.

    Both run alone, one after the other, until they can be told apart or the time is over.
    """
    with (
        working(f"trying alternatives in {wanted.model}", quiet=False),
        redirect_stdout(sys.stderr),
    ):
        audit = _measured(wanted, seconds)
    show("".join(f"{line}\n" for line in _lines(audit)))
    return 0


def _measured(wanted: Wanted, seconds: float) -> Audit:
    from dataclasses import replace  # noqa: PLC0415

    from shufflenet_audit.cli.measured import measured  # noqa: PLC0415  (few verbs need these)
    from shufflenet_audit.latency.whatif import BRIEF, with_measured_savings  # noqa: PLC0415

    loaded = wanted.load()
    if isinstance(loaded, LoadedGraph):
        message = f"{loaded.read_as} cannot be run here: measure the module that it was made from"
        raise UnavailableError(message)
    from shufflenet_audit.audit import audit_loaded  # noqa: PLC0415  (load said what is wrong)

    audit = audit_loaded(loaded)
    _, latency = measured(loaded, "eager")
    timed = replace(audit, latencies=(latency,))
    return with_measured_savings(timed, latency.total, replace(BRIEF, seconds=seconds))


def _lines(audit: Audit) -> Iterator[str]:
    for guideline in audit.guidelines:
        for finding in guideline.findings:
            said = [f"{claim.support}: {claim.text}" for claim in claims([finding])]
            yield f"{guideline.code}  {finding.module or 'model'}: {finding.message}"
            yield f"    {finding.instead}" if finding.instead else "    left out"
            yield f"    {'; '.join(said) or 'no alternative built'}"
