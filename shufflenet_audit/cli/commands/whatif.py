"""`audit whatif`: what mending each finding saves, measured."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import redirect_stdout
from dataclasses import replace
from pathlib import Path

import click

from shufflenet_audit.cli.shared.model_argument import Wanted, model_options
from shufflenet_audit.cli.shared.options import (
    debug,
    output,
    quiet,
)
from shufflenet_audit.cli.shared.output import check_writable, show
from shufflenet_audit.cli.shared.rendering import chosen, deliver
from shufflenet_audit.cli.shared.terminal import working
from shufflenet_audit.pipeline.measured import measured, runnable
from shufflenet_audit.results.audit import Audit
from shufflenet_audit.results.clusters import Cluster, clusters
from shufflenet_audit.results.evidence import claims


@click.command()
@model_options
@click.option(
    "--seconds",
    type=click.FloatRange(0),
    default=1.0,
    show_default=True,
    help="How long to measure a finding at most.",
)
@output
@quiet
@debug
def whatif(wanted: Wanted, seconds: float, form: str | None, file: Path | None) -> int:
    """
    Measure each finding's ops against their alternative with as many multiply–adds.

    Both run one after the other, with caches as in the network, until they can be told apart or
    the time is over. With --format or -o the whole audit comes out, and what was measured in it.
    """
    report = chosen(form, file) if form or file else None
    if file:
        check_writable(file)
    with (
        working(f"trying alternatives in {wanted.model}", quiet=False),
        redirect_stdout(sys.stderr),
    ):
        audit = _measured(wanted, seconds)
    if report:
        deliver(audit, report, file)
    else:
        show("".join(f"{line}\n" for line in _lines(audit)))
    return 0


def _measured(wanted: Wanted, seconds: float) -> Audit:
    loaded = runnable(wanted.load())
    from shufflenet_audit.latency.whatif.whatif import BRIEF, with_measured_savings  # noqa: PLC0415
    from shufflenet_audit.pipeline.audit import audit_loaded  # noqa: PLC0415  (load said what is wrong)

    audit = audit_loaded(loaded)
    _, latency = measured(loaded, "eager")
    timed = replace(audit, latencies=(latency,))
    return with_measured_savings(timed, latency.total, replace(BRIEF, seconds=seconds))


def _lines(audit: Audit) -> Iterator[str]:
    """Findings that are alike together, with what was seen of them."""
    for guideline in audit.guidelines:
        for cluster in clusters(guideline, audit.graph):
            yield from _said(cluster)
    if not audit.findings:
        yield "no findings: there is nothing to mend"


def _said(cluster: Cluster) -> Iterator[str]:
    worst = cluster.worst
    others = f", and {cluster.others}" if cluster.others else ""
    said = [f"{claim.support}: {claim.text}" for claim in claims(cluster.findings)]
    yield f"{cluster.guideline.code}  {worst.module or 'the model itself'}{others}: {worst.message}"
    yield f"    instead: {worst.instead or 'left out'}"
    yield f"    {'; '.join(said) or 'not measured: no alternative of it can be built'}"
