"""`audit MODEL`: the audit itself."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from contextlib import redirect_stdout
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import Any

import click

from shufflenet_audit.checking.guideline import Verdict
from shufflenet_audit.checking.rule import Rule
from shufflenet_audit.cli.shared.configured import configured_model
from shufflenet_audit.cli.shared.model_argument import Wanted
from shufflenet_audit.cli.shared.options import (
    debug,
    exit_status,
    fail_on,
    long,
    on_device,
    output,
    which_rules,
)
from shufflenet_audit.cli.shared.output import check_writable, complain
from shufflenet_audit.cli.shared.rendering import (
    chosen,
    deliver,
    lengthened,
)
from shufflenet_audit.cli.shared.rule_selection import selected
from shufflenet_audit.cli.shared.terminal import working
from shufflenet_audit.errors import TraceError
from shufflenet_audit.loading.loaded import Loaded, LoadedGraph
from shufflenet_audit.pipeline.times import with_measured, with_predicted
from shufflenet_audit.project import Config
from shufflenet_audit.project.suppression import idle
from shufflenet_audit.results.audit import Audit
from shufflenet_audit.results.budget import LATENCY
from shufflenet_audit.results.violation import FailOn


@dataclass(frozen=True, slots=True)
class Wish:
    """What the user typed."""

    wanted: Wanted
    config: Config
    form: str | None
    file: Path | None
    at_length: bool
    only: tuple[str, ...]
    ignored: tuple[str, ...]
    costs: tuple[Path, ...]
    latency: bool
    device: str | None
    threshold: FailOn | None
    quiet: bool
    reconcile: bool


@click.command()
@configured_model
@output
@long
@which_rules
@click.option(
    "--costs",
    metavar="FILE",
    multiple=True,
    type=click.Path(path_type=Path),
    help="A Python file with costs of ops or modules (cost_of); repeatable.",
)
@click.option("--latency", is_flag=True, help="Measure where the time goes, on this machine.")
@on_device
@click.option("--reconcile", is_flag=True, help="Why other tools count other FLOPs, itemised.")
@fail_on(None)
@click.option("--quiet", is_flag=True, help="No progress and no notes on stderr.")
@debug
def run(**said: Any) -> int:
    """
    Audit a model. The verb may be left out: `audit MODEL` does the same.

    MODEL is a reference network, a Python file (model.py, model.py:build), an import path
    (package.module:name), a saved model (ONNX, .pt2, TorchScript) or a folder with a config.json
    of transformers. Without MODEL, it is the one that is configured (audit init).
    """
    wish = _configured(Wish(**said))
    if wish.reconcile and wish.form:
        raise click.UsageError("--reconcile is a report of its own: leave --format out")
    form = chosen("reconcile" if wish.reconcile else wish.form, wish.file)
    form = lengthened(form) if wish.at_length else form
    rules = wish.config.levelled(selected(wish.only, wish.ignored, wish.config.off))
    if wish.file:
        check_writable(wish.file)
    audit = _audit(wish, rules)
    if not wish.quiet:
        _notes(audit, form.name, wish.config)
    deliver(audit, form, wish.file)
    return exit_status(audit, wish.threshold or FailOn.ERROR)


def _configured(wish: Wish) -> Wish:
    """With what the configuration says where the user did not. A budget of time needs one."""
    config, device = wish.config, wish.device or wish.config.device
    timed = any(limit.name == LATENCY for limit in config.limits) and not device
    return replace(
        wish,
        latency=wish.latency or config.latency or timed,
        device=device,
        threshold=wish.threshold or config.fail_on,
    )


def _audit(wish: Wish, rules: Iterable[Rule]) -> Audit:
    # What the user's code prints must not get into the report.
    with working(f"auditing {wish.wanted.model}", quiet=wish.quiet), redirect_stdout(sys.stderr):
        loaded = wish.wanted.load()
        from shufflenet_audit.loading.python.costs_file import costs  # noqa: PLC0415  (likewise)
        from shufflenet_audit.pipeline.audit import audit_loaded  # noqa: PLC0415  (load said what is wrong)
        from shufflenet_audit.project.applied import guarded  # noqa: PLC0415  (likewise)

        try:
            extra = chain.from_iterable(map(costs, wish.costs))
            audit = audit_loaded(loaded, rules, wish.config.options, extra)
            return guarded(_timed(audit, loaded, wish), wish.config)
        except TraceError as error:
            if not loaded.assumptions:
                raise
            message = f"{error} ({'; '.join(loaded.assumptions)}: say otherwise with --input)"
            raise TraceError(message) from error


def _timed(audit: Audit, loaded: Loaded | LoadedGraph, wish: Wish) -> Audit:
    """The audit with the times that were asked for."""
    if wish.device:
        audit = with_predicted(audit, wish.device)
    return with_measured(audit, loaded) if wish.latency else audit


def _notes(audit: Audit, form: str, config: Config) -> None:
    """What was assumed, where the report does not say it, and which rules crashed."""
    if form != "terminal":
        for assumption in audit.model.assumptions:
            complain(f"note: {assumption}")
    for each in idle(audit, config.suppressions):
        complain(f"note: {each.rule} has no finding in {each.module}: it need not be suppressed")
    for guideline in audit.guidelines:
        if guideline.verdict is Verdict.CRASHED:
            complain(f"{guideline.code} crashed: {guideline.error}")
