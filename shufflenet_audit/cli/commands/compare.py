"""`audit compare A B`: models, files or saved audits side by side."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import click

from shufflenet_audit.checking.rule import Rule
from shufflenet_audit.cli.shared.model_argument import Wanted, models_options
from shufflenet_audit.cli.shared.options import (
    debug,
    on_device,
    output,
    which_rules,
)
from shufflenet_audit.cli.shared.output import check_writable, complain
from shufflenet_audit.cli.shared.rendering import chosen, deliver
from shufflenet_audit.cli.shared.rule_selection import selected
from shufflenet_audit.cli.shared.saved_files import is_document, read
from shufflenet_audit.cli.shared.terminal import working
from shufflenet_audit.comparison import compare as compared
from shufflenet_audit.discovery import COMPARISONS
from shufflenet_audit.errors import AuditError
from shufflenet_audit.loading.loaded import Loaded, LoadedGraph
from shufflenet_audit.pipeline.measured import measured_in_turns
from shufflenet_audit.pipeline.times import with_latency, with_predicted
from shufflenet_audit.results.audit import Audit


@dataclass(frozen=True, slots=True)
class Wish:
    """What the user typed."""

    wanted: tuple[Wanted, ...]
    form: str | None
    file: Path | None
    only: tuple[str, ...]
    ignored: tuple[str, ...]
    latency: bool
    device: str | None
    quiet: bool


@dataclass(frozen=True, slots=True)
class _Audited:
    """An audit, and what it is of; nothing where it was saved."""

    audit: Audit
    loaded: Loaded | LoadedGraph | None = None


@click.command()
@models_options
@output
@which_rules
@click.option("--latency", is_flag=True, help="Measure the models in turns, on this machine.")
@on_device
@click.option("--quiet", is_flag=True, help="No progress and no notes on stderr.")
@debug
def compare(**said: Any) -> int:
    """
    Compare models with the first of them: numbers side by side, what each gained and lost.

    Each is whatever `audit` takes, or an audit that was saved with --format json, told by its
    content. --arg and --input are for all of them; where they differ, save the audits first. A
    saved audit keeps the times that it was saved with.

    Exit status: 0 however they differ, 2 if something could not be compared.
    """
    wish = Wish(**said)
    form = chosen(wish.form, wish.file, COMPARISONS)
    rules = selected(wish.only, wish.ignored)
    _check(wish)
    found = [_audited(each, rules, wish) for each in wish.wanted]
    audits = _timed(found, wish)
    if not wish.quiet:
        _notes(audits, form.name)
    deliver(compared(*audits), form, wish.file)
    return 2 if any(audit.crashed for audit in audits) else 0


def _check(wish: Wish) -> None:
    """Raise UsageError where there is nothing to compare, or an option says nothing."""
    if len(wish.wanted) < 2:  # noqa: PLR2004  (one has nothing to differ from)
        message = "name two models or more: audit compare A B"
        raise click.UsageError(message)
    first = wish.wanted[0]
    saved = all(is_document(Path(each.model)) for each in wish.wanted)
    for option, given in (
        ("--arg", first.arguments), ("--input", first.inputs), ("--latency", wish.latency),
    ):  # fmt: skip
        if saved and given:
            message = f"{option} is for models, and these are saved audits: leave it out"
            raise click.UsageError(message)
    if wish.file:
        check_writable(wish.file)


def _audited(wanted: Wanted, rules: Sequence[Rule], wish: Wish) -> _Audited:
    if is_document(Path(wanted.model)):
        audit = read(Path(wanted.model))
        if wish.only or wish.ignored:
            audit = _only(audit, rules)
        return _Audited(with_predicted(audit, wish.device) if wish.device else audit)
    with working(f"auditing {wanted.model}", quiet=wish.quiet), redirect_stdout(sys.stderr):
        loaded = wanted.load()
        from shufflenet_audit.pipeline.audit import audit_loaded  # noqa: PLC0415  (load said what is wrong)

        try:
            audit = audit_loaded(loaded, rules)
        except AuditError as error:
            assumed = f" ({'; '.join(loaded.assumptions)}: say otherwise with --input)"
            hint = assumed if loaded.assumptions else ""
            raise type(error)(f"{wanted.model}: {error}{hint}") from error
        return _Audited(with_predicted(audit, wish.device) if wish.device else audit, loaded)


def _only(audit: Audit, rules: Sequence[Rule]) -> Audit:
    """A saved audit without what it says of other rules than those that were chosen."""
    codes = {rule.code for rule in rules}
    chosen_ones = (each for each in audit.guidelines if each.code in codes)
    return replace(audit, guidelines=tuple(chosen_ones))


def _timed(found: Sequence[_Audited], wish: Wish) -> list[Audit]:
    """The audits; with measured times where they are asked for and the model is at hand."""
    if not wish.latency:
        return [each.audit for each in found]
    models = [each.loaded for each in found if each.loaded]
    with working("timing the models in turns", quiet=wish.quiet), redirect_stdout(sys.stderr):
        times = iter(measured_in_turns(models, "eager"))
        return [
            with_latency(each.audit, *next(times)) if each.loaded else each.audit for each in found
        ]


def _notes(audits: Sequence[Audit], form: str) -> None:
    """What was assumed, where the report does not say it, and which rules crashed."""
    for audit in audits:
        name = audit.model.name
        for assumption in audit.model.assumptions if form != "terminal" else ():
            complain(f"note: {name}: {assumption}")
        for guideline in audit.guidelines:
            if guideline.error:
                complain(f"{name}: {guideline.code} crashed: {guideline.error}")
