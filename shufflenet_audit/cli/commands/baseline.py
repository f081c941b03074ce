"""`audit baseline MODEL`: what is found now is known from now on."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import click

from shufflenet_audit.cli.shared.flags import debug, quiet
from shufflenet_audit.cli.shared.model_argument import ModelArgument, model_argument
from shufflenet_audit.cli.shared.options import output_file
from shufflenet_audit.cli.shared.output import check_writable, complain, save, show
from shufflenet_audit.cli.shared.steps import step
from shufflenet_audit.cli.shared.terminal import working
from shufflenet_audit.pipeline.audit import Job, audit_models
from shufflenet_audit.project.baseline import FILE, to_json
from shufflenet_audit.project.rule_selection import selected
from shufflenet_audit.results.audit import Audit
from shufflenet_audit.text import counted


@click.command()
@model_argument
@output_file(f"Where it goes; else the configured baseline, or {FILE}.")
@quiet
@debug
def baseline(model: ModelArgument, file: Path | None) -> int:
    """
    Write down what is found in a model, so that later only what is new or worse counts.

    The file holds the findings that are not suppressed, the metrics and the totals. It is read
    where the configuration says: baseline = "FILE".
    """
    configured = model.config.baseline
    file = file or (configured.file if configured else Path(FILE))
    check_writable(file)
    audit = _audited(model)
    for guideline in audit.guidelines:
        if guideline.error:
            complain(f"{guideline.code} crashed: {guideline.error}")
    if audit.crashed:
        complain(f"a part of the audit is missing: {file} is not written")
        return 2
    save(to_json(audit), file)
    found = len(audit.findings) - len(audit.suppressed)
    use = "" if configured else f'; to use it, configure: baseline = "{file.as_posix()}"'
    show(f"{counted(found, 'known finding')} written to {file}{use}\n")
    return 0


def _audited(model: ModelArgument) -> Audit:
    """The audit with its suppressions, held against no earlier baseline."""
    alone = replace(model.config, baseline=None, limits=())
    with working(f"loading {model.model}"):
        loaded = model.load()
    (audit,) = audit_models((Job(loaded, selected(alone), project=alone),), step=step)
    return audit
