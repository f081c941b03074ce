"""`audit whatif`: what fixing each finding would save, measured."""

from __future__ import annotations

from collections.abc import Iterator

import click

from shufflenet_audit.cli.shared.flags import debug, quiet
from shufflenet_audit.cli.shared.model_argument import ModelArgument, model_argument
from shufflenet_audit.cli.shared.options import Output, output, seconds
from shufflenet_audit.cli.shared.output import show
from shufflenet_audit.cli.shared.rendering import chosen, deliver, is_asked_for
from shufflenet_audit.cli.shared.steps import step
from shufflenet_audit.cli.shared.terminal import working
from shufflenet_audit.pipeline.audit import Job, audit_models
from shufflenet_audit.pipeline.times import runnable, trying_alternatives
from shufflenet_audit.project.rule_selection import selected
from shufflenet_audit.results.audit import Audit
from shufflenet_audit.results.clusters import Cluster, clusters
from shufflenet_audit.results.evidence import evidence_texts


@click.command()
@model_argument
@seconds(1.0, "How long to measure a finding at most.")
@output
@quiet
@debug
def whatif(model: ModelArgument, seconds: float, output: Output) -> int:
    """
    Measure each finding's ops against their alternative with as many multiply–adds.

    Both run one after the other, with caches as in the network, until they can be told apart or
    the time is over. With --format or -o the whole audit comes out, and what was measured in it.
    """
    report = chosen(output) if is_asked_for(output) else None
    checks = selected(model.config)
    with working(f"loading {model.model}"):
        loaded = runnable(model.load())
    job = Job(loaded, checks, project=model.config, name=model.model)
    (audit,) = audit_models((job,), trying_alternatives(seconds), step=step)
    if report:
        deliver(audit, report, output.file)
    else:
        show("".join(f"{line}\n" for line in _lines(audit)))
    return 0


def _lines(audit: Audit) -> Iterator[str]:
    """Findings that are alike together, with what was seen of them."""
    for guideline in audit.guidelines:
        for cluster in clusters(guideline, audit.graph):
            yield from _described(cluster)
    if not audit.findings:
        yield "no findings: there is nothing to fix"


def _described(cluster: Cluster) -> Iterator[str]:
    worst = cluster.worst
    others = f", and {cluster.others}" if cluster.others else ""
    evidence = [f"{claim.support}: {claim.text}" for claim in evidence_texts(cluster.findings)]
    yield f"{cluster.guideline.code}  {worst.where()}{others}: {worst.message}"
    yield f"    instead: {worst.instead or 'left out'}"
    yield f"    {'; '.join(evidence) or 'not measured: no alternative of it can be built'}"
