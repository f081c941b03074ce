"""`audit MODEL`: the audit itself."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import click

from shufflenet_audit.cli.exit_status import exit_status
from shufflenet_audit.cli.shared.flags import debug, quiet
from shufflenet_audit.cli.shared.model_argument import ModelArgument, model_argument
from shufflenet_audit.cli.shared.options import (
    Output,
    RuleChoice,
    fail_on,
    long_output,
    on_device,
    packed,
    which_rules,
)
from shufflenet_audit.cli.shared.output import complain
from shufflenet_audit.cli.shared.rendering import chosen, deliver, shows_notes
from shufflenet_audit.cli.shared.steps import step, tell_notes
from shufflenet_audit.cli.shared.terminal import is_quiet, working
from shufflenet_audit.pipeline.audit import Job, audit_models
from shufflenet_audit.pipeline.times import timers
from shufflenet_audit.project import Config
from shufflenet_audit.project.rule_selection import selected
from shufflenet_audit.project.suppression import unused_suppressions
from shufflenet_audit.results.audit import Audit
from shufflenet_audit.results.violation import FailOn


@dataclass(frozen=True, slots=True)
class RunOptions:
    """What else an audit can be asked for."""

    costs: tuple[Path, ...]
    """Python files with costs of ops or modules."""
    latency: bool
    """Whether to measure where the time goes."""
    device: str | None
    """The device to predict times for."""
    reconcile: bool
    """Whether to tell what other tools count, instead of the audit."""
    threshold: FailOn | None
    """The verdicts that exit with status 1, unless the project says so."""


@click.command()
@model_argument
@long_output
@which_rules
@packed(
    "options",
    RunOptions,
    click.option(
        "--costs", metavar="FILE", multiple=True, type=click.Path(path_type=Path),
        help="A Python file with costs of ops or modules (cost_of); repeatable.",
    ),
    click.option(
        "--latency", is_flag=True, help="Measure where the time goes, on this machine."
    ),
    on_device,
    click.option(
        "--reconcile", is_flag=True, help="Why other tools count other FLOPs, itemised."
    ),
    fail_on(None),
)  # fmt: skip
@quiet
@debug
def run(model: ModelArgument, output: Output, rules: RuleChoice, options: RunOptions) -> int:
    """
    Audit a model. The verb may be left out: `audit MODEL` does the same.

    MODEL is a reference network, a Python file (model.py, model.py:build), an import path
    (package.module:name), a saved model (ONNX, .pt2, TorchScript) or a folder with a config.json
    of transformers. Without MODEL, it is the one that is configured (audit init).
    """
    if options.reconcile and output.form:
        raise click.UsageError("--reconcile is a report of its own: leave --format out")
    report = chosen(output, "reconcile" if options.reconcile else None)
    checks = selected(model.config, rules.only, rules.ignored)
    with working(f"loading {model.model}"):
        loaded = model.load()
        from shufflenet_audit.loading.python.costs_file import costs  # noqa: PLC0415  (load has torch)

        given = tuple(chain.from_iterable(map(costs, options.costs)))
    job = Job(loaded, checks, given, model.config, model.model)
    times = timers(model.config, options.device, measure=options.latency)
    (audit,) = audit_models((job,), *times, step=step)
    tell_notes((audit,), shown=shows_notes(report))
    _tell_idle(audit, model.config)
    deliver(audit, report, output.file)
    return exit_status(audit, options.threshold or model.config.fail_on or FailOn.ERROR)


def _tell_idle(audit: Audit, config: Config) -> None:
    """Say which suppressions fit nothing any more."""
    for each in () if is_quiet() else unused_suppressions(audit, config.suppressions):
        complain(f"note: {each.rule} has no finding in {each.module}: it need not be suppressed")
