"""`audit compare A B`: models, files or saved audits side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import click

from shufflenet_audit.checking.rule import Rule
from shufflenet_audit.cli.shared.flags import debug, quiet
from shufflenet_audit.cli.shared.model_argument import ModelArgument, model_arguments
from shufflenet_audit.cli.shared.options import (
    Output,
    RuleChoice,
    on_device,
    output,
    packed,
    which_rules,
)
from shufflenet_audit.cli.shared.rendering import chosen, deliver, shows_notes
from shufflenet_audit.cli.shared.saved_files import is_document, read
from shufflenet_audit.cli.shared.steps import step_of_several, tell_notes
from shufflenet_audit.cli.shared.terminal import working
from shufflenet_audit.comparison import compare as compared
from shufflenet_audit.discovery import COMPARISONS
from shufflenet_audit.pipeline.audit import Job, audit_models
from shufflenet_audit.pipeline.times import measuring, predicting_for, with_predicted
from shufflenet_audit.project import Config
from shufflenet_audit.project.rule_selection import selected
from shufflenet_audit.results.audit import Audit


@dataclass(frozen=True, slots=True)
class TimeOptions:
    """Which times are compared."""

    latency: bool
    """Whether to measure the models, in turns."""
    device: str | None
    """The device to predict times for."""


@click.command()
@model_arguments
@output
@which_rules
@packed(
    "times",
    TimeOptions,
    click.option("--latency", is_flag=True, help="Measure the models in turns, on this machine."),
    on_device,
)
@quiet
@debug
def compare(
    models: tuple[ModelArgument, ...], output: Output, rules: RuleChoice, times: TimeOptions
) -> int:
    """
    Compare models with the first of them: numbers side by side, what each gained and lost.

    Each is whatever `audit` takes, or an audit that was saved with --format json, told by its
    content. --arg and --input are for all of them; where they differ, save the audits first. A
    saved audit keeps the times that it was saved with.

    Exit status: 0 however they differ, 2 if something could not be compared.
    """
    report = chosen(output, group=COMPARISONS)
    checks = selected(models[0].config if models else Config(), rules.only, rules.ignored)
    _check(models, times)
    saved = [is_document(Path(model.model)) for model in models]
    jobs = [
        _job(model, checks) for model, is_saved in zip(models, saved, strict=True) if not is_saved
    ]
    audited = iter(_audited(jobs, times))
    kept = checks if rules.only or rules.ignored else None
    audits = [
        _read(Path(model.model), kept, times.device) if is_saved else next(audited)
        for model, is_saved in zip(models, saved, strict=True)
    ]
    tell_notes(audits, shown=shows_notes(report, COMPARISONS))
    deliver(compared(*audits), report, output.file)
    return 2 if any(audit.crashed for audit in audits) else 0


def _check(models: Sequence[ModelArgument], times: TimeOptions) -> None:
    """Raise UsageError where there is nothing to compare, or an option says nothing."""
    if len(models) < 2:  # noqa: PLR2004  (one has nothing to differ from)
        message = "name two models or more: audit compare A B"
        raise click.UsageError(message)
    first = models[0]
    saved = all(is_document(Path(model.model)) for model in models)
    for option, given in (
        ("--arg", first.arguments), ("--input", first.inputs), ("--latency", times.latency),
    ):  # fmt: skip
        if saved and given:
            message = f"{option} is for models, and these are saved audits: leave it out"
            raise click.UsageError(message)


def _job(model: ModelArgument, checks: Sequence[Rule]) -> Job:
    with working(f"loading {model.model}"):
        return Job(model.load(), checks, project=model.config, name=model.model)


def _audited(jobs: Sequence[Job], times: TimeOptions) -> tuple[Audit, ...]:
    predicting = (predicting_for(times.device),) if times.device else ()
    timers = (*predicting, measuring()) if times.latency else predicting
    return audit_models(jobs, *timers, step=step_of_several) if jobs else ()


def _read(file: Path, kept: Sequence[Rule] | None, device: str | None) -> Audit:
    """A saved audit, with what it says of these rules alone if some were chosen."""
    audit = read(file)
    if kept is not None:
        codes = {rule.code for rule in kept}
        own = tuple(guideline for guideline in audit.guidelines if guideline.code in codes)
        audit = replace(audit, guidelines=own)
    return with_predicted(audit, device) if device else audit
